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

export interface Question {
  body?: unknown;
  /** Sent as it is, with its own type, instead of `body`. */
  blob?: Blob;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/**
 * Asks the service and answers the JSON of it (undefined where there is none).
 * @throws Refusal
 */
export async function ask<Reply>(method: string, path: string, question: Question = {}): Promise<Reply> {
  const response = await send(method, path, question);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Reply;
}

/** A picture, as an address for `<img>`; the caller revokes it. */
export async function askPicture(path: string): Promise<string> {
  const response = await send('GET', path, {});
  return URL.createObjectURL(await response.blob());
}

async function send(method: string, path: string, { body, blob, headers, signal }: Question): Promise<Response> {
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
      ...(signal && { signal }),
    });
  } catch {
    throw new Refusal(0, { title: 'No connection' });
  }
  if (response.ok) return response;
  throw new Refusal(response.status, await response.json().catch(() => ({})));
}
