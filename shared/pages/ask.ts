/** An answer other than success: what the problem document said (RFC 9457), or that there was no answer. */
export class Refusal extends Error {
  /** 0: no answer at all. */
  readonly status: number;
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    super(String(problem.detail ?? problem.title ?? (status === 0 ? 'No connection' : `Error ${status}`)));
    this.status = status;
    this.problem = problem;
  }
}

/** A connection that says nothing for so long is none. What waits for its answer could wait for minutes otherwise. */
const PATIENCE_MS = 15_000;
/** For what is large on a slow line: a photograph, or all the places of an hour. */
export const LARGE_MS = 60_000;

export interface Question {
  body?: unknown;
  /** Sent as it is, with its own type, instead of `body`. */
  blob?: Blob;
  headers?: Readonly<Record<string, string>>;
  /** No answer by then is no answer at all; a quarter of a minute, if absent. */
  withinMs?: number;
  /** Goes on when the page is left. */
  keepalive?: boolean;
}

/**
 * Asks the service and answers the JSON of it (undefined where there is none).
 * @throws Refusal
 */
export async function ask<Reply>(method: string, path: string, question: Question = {}): Promise<Reply> {
  const text = await send(method, path, question, (response) => response.text());
  return (text === '' ? undefined : JSON.parse(text)) as Reply;
}

/** A picture, as an address for `<img>`; the caller revokes it. */
export async function askPicture(path: string): Promise<string> {
  return URL.createObjectURL(await send('GET', path, { withinMs: LARGE_MS }, (response) => response.blob()));
}

/** @param read the answer's body, which may stay away as the answer itself may */
async function send<Body>(
  method: string,
  path: string,
  { body, blob, headers, withinMs = PATIENCE_MS, keepalive = false }: Question,
  read: (response: Response) => Promise<Body>,
): Promise<Body> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const typed = blob === undefined ? json : { 'content-type': blob.type };
  const once = method === 'GET' ? {} : { 'idempotency-key': crypto.randomUUID?.() ?? String(Math.random()) };
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { 'x-requested-by': 'console', ...typed, ...once, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(blob !== undefined && { body: blob }),
      ...(keepalive && { keepalive }),
      signal: AbortSignal.timeout(withinMs),
    });
    if (response.ok) return await read(response);
  } catch {
    throw new Refusal(0, { title: 'No connection' });
  }
  throw new Refusal(response.status, (await response.json().catch(() => ({}))) as Refusal['problem']);
}
