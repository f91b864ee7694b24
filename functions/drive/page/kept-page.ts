import { within } from './within.ts';

export const PAGE = '/drive';
const SHELF = 'drive';
/** Whoever opens the page has something to do; what the phone keeps is good for that. */
const PATIENCE_MS = 3_000;

/** What a worker asks and where it keeps, so that a test can be one. */
export interface Host {
  fetch(request: Request | string, how?: RequestInit): Promise<Response>;
  caches: Pick<CacheStorage, 'match' | 'open'>;
}

/** Keeps the page and every file it names; what an earlier one named goes. */
export async function fillShelf({ fetch, caches }: Host): Promise<void> {
  const response = await fetch(PAGE, { cache: 'no-store' });
  if (!response.ok) return;
  const html = await response.clone().text();
  const wanted = [...html.matchAll(/(?:src|href)="(\/drive\/[^"]+)"/g)].map(([, path]) => path!);
  const shelf = await caches.open(SHELF);
  const missing: string[] = [];
  for (const path of wanted) if (!(await shelf.match(path))) missing.push(path);
  await shelf.addAll(missing);
  await shelf.put(PAGE, response);
  for (const request of await shelf.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== PAGE && !wanted.includes(pathname)) await shelf.delete(request);
  }
}

/**
 * The newest page if it comes in time, the last one if not: without a connection, on a line that takes the question and
 * says nothing, and where a gateway answers for a service that is away. What comes too late is kept for the next time.
 */
export async function answerPage(request: Request, host: Host, patienceMs = PATIENCE_MS): Promise<Response> {
  const newest = host.fetch(request).catch(() => null);
  void newest.then((response) => (response?.ok ? fillShelf(host) : undefined)).catch(() => {});
  const kept = await host.caches.match(PAGE).catch(() => undefined);
  if (kept === undefined) return (await newest) ?? Response.error();
  const inTime = await within(patienceMs, newest);
  return inTime === null || inTime.status >= 500 ? kept : inTime;
}
