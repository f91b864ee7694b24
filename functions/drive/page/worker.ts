/*
 * Lets the page open without a connection; sends what waits when there is one again, and shows what the service tells,
 * also when the page is closed by then. What the page asks the service is never answered from here.
 */
import { knownIdentity } from './identity.ts';
import { openOutbox } from './outbox.ts';
import { noticeOf, readPushed } from './pushed.ts';

const worker = self as unknown as ServiceWorkerGlobalScope;
const SHELF = 'drive';
const PAGE = '/drive';

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface SyncEvent extends ExtendableEvent {
  tag: string;
}
interface PushEvent extends ExtendableEvent {
  data: { json(): unknown } | null;
}
interface NotificationEvent extends ExtendableEvent {
  notification: Notification;
}
interface Client {
  postMessage(message: unknown): void;
  focus(): Promise<unknown>;
}
interface ServiceWorkerGlobalScope {
  skipWaiting(): Promise<void>;
  registration: { showNotification(title: string, options: NotificationOptions): Promise<void> };
  clients: {
    claim(): Promise<void>;
    matchAll(options?: { type: 'window' }): Promise<readonly Client[]>;
    openWindow(path: string): Promise<unknown>;
  };
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'sync', listener: (event: SyncEvent) => void): void;
  addEventListener(type: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: NotificationEvent) => void): void;
}

/** The page and every file it names; what an earlier one named goes. */
async function fill(): Promise<void> {
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

/** The newest page if there is a connection, the last one if there is none. */
async function answerPage(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (response.ok) void fill().catch(() => {});
    return response;
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

/** @throws Error where something still waits: the browser then wakes this worker again, later each time */
async function sendSteps(): Promise<void> {
  const identity = await knownIdentity();
  if (identity === null) return;
  const answered = await openOutbox(identity.driverId).flush(identity.headers);
  for (const client of await worker.clients.matchAll()) client.postMessage('steps');
  if (!answered) throw new Error('Steps still wait');
}

/** The page looks again at once, and the phone makes itself heard. */
async function hear(data: unknown): Promise<void> {
  const pushed = readPushed(data);
  const notice = pushed && (await noticeOf(pushed));
  if (notice === null) return;
  for (const client of await worker.clients.matchAll({ type: 'window' })) client.postMessage('pushed');
  await worker.registration.showNotification(notice.title, notice.options);
}

async function openPage(): Promise<void> {
  const [client] = await worker.clients.matchAll({ type: 'window' });
  await (client ? client.focus() : worker.clients.openWindow(PAGE));
}

worker.addEventListener('install', (event) => event.waitUntil(fill().then(() => worker.skipWaiting())));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('sync', (event) => event.waitUntil(sendSteps()));
worker.addEventListener('push', (event) => event.waitUntil(hear(event.data?.json())));
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPage());
});
worker.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin) return;
  if (pathname === PAGE) event.respondWith(answerPage(event.request));
  else if (pathname.startsWith('/drive/')) {
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
  }
});
