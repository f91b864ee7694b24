import { type Operations, type Problem, ROUTES } from './types.ts';

/*
 * A typed client of the service's HTTP interface: one method, `call`, whose arguments and answers follow from the
 * operation's name. It needs `fetch` and nothing else; copy this folder, or import it. Pictures and the stream of
 * changes are not JSON and not its business.
 */

export type OperationId = keyof Operations;

/** Only what the operation takes; a body, parameters or query that may be left out may be left out. */
export type CallInput<Id extends OperationId> = Present<Pick<Operations[Id], 'params' | 'query' | 'body'>> & {
  /** Makes the call safe to repeat. Sent with every try of this call. */
  idempotencyKey?: string;
  /** Who asks, instead of the client's own token. */
  token?: string;
  /** Further headers of each try, made from the body as it is sent: a signature. */
  sign?: (body: string) => Readonly<Record<string, string>>;
  signal?: AbortSignal;
};
type Present<Input> = { [Key in keyof Input as undefined extends Input[Key] ? never : Key]: Input[Key] } & {
  [Key in keyof Input as undefined extends Input[Key] ? Key : never]?: Input[Key];
};
export type Answer<Id extends OperationId> = Operations[Id]['answer'] & {
  headers: Headers;
  /** Given before, under the same idempotency key. */
  replayed: boolean;
};

/** The service refused, or could not: `problem` says why. Null: the answer is not the service's own (a proxy's). */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Problem | null;
  readonly headers: Headers;

  constructor(status: number, problem: Problem | null, headers: Headers) {
    super(problem?.detail ?? problem?.title ?? `Status ${status}`);
    this.name = 'ProblemError';
    this.status = status;
    this.problem = problem;
    this.headers = headers;
  }

  /** The problem's type without what all have before it: `conflict_state`. */
  get type(): string | null {
    return this.problem?.type.replace('urn:problem:', '') ?? null;
  }
}

export interface Client {
  /**
   * @throws ProblemError for every answer that the operation does not name as one of its own
   * @throws TypeError, or the signal's reason, when no answer came; a mutation may then have taken place: repeat it
   *   with its key
   */
  call<Id extends OperationId>(id: Id, input: CallInput<Id>): Promise<Answer<Id>>;
}

export interface ClientOptions {
  /** `https://dispatch.example.com`, with or without a path. */
  baseUrl: string;
  /** A shop's key, the operator's key or a driver's token. */
  token?: string;
  /** Each try; 10 s unless given. */
  timeoutMs?: number;
  /** Tries after the first, for what is safe to repeat (GET, or with an idempotency key) on 503 or no answer. 2 unless given. */
  retries?: number;
  fetch?: typeof fetch;
}

export function openClient(options: ClientOptions): Client {
  const { timeoutMs = 10_000, retries = 2, fetch: ask = fetch } = options;
  return {
    async call(id, input) {
      const [method, template, named] = ROUTES[id];
      const { params, query, signal, ...sent } = input as Loose;
      const url = options.baseUrl.replace(/\/$/, '') + fill(template, params) + queryOf(query);
      const tries = method === 'GET' || sent.idempotencyKey !== undefined ? retries + 1 : 1;
      const attempt = () => {
        const timeout = AbortSignal.timeout(timeoutMs);
        const signals = signal ? AbortSignal.any([signal, timeout]) : timeout;
        // The service sends nobody elsewhere; a key and a signed message go nowhere else.
        return ask(url, { method, ...requestOf(sent, options.token), redirect: 'error', signal: signals });
      };
      return (await answerOf(await repeated(attempt, tries, named, signal), named)) as Answer<typeof id>;
    },
  };
}

type Loose = Sent & { params?: Record<string, string>; query?: Record<string, unknown>; signal?: AbortSignal };
type Sent = {
  body?: unknown;
  idempotencyKey?: string;
  token?: string;
  sign?: (body: string) => Readonly<Record<string, string>>;
};

function requestOf({ body: value, idempotencyKey, sign, token }: Sent, ownToken: string | undefined) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const bearer = token ?? ownToken;
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...sign?.(body ?? ''),
  };
  return body === undefined ? { headers } : { headers, body };
}

async function repeated(
  attempt: () => Promise<Response>,
  tries: number,
  named: readonly number[],
  signal?: AbortSignal,
): Promise<Response> {
  for (let n = 1; ; n += 1) {
    const last = n >= tries;
    try {
      const response = await attempt();
      if (response.status !== 503 || named.includes(503) || last) return response;
      void response.body?.cancel();
    } catch (error) {
      if (last || signal?.aborted) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** n * (0.5 + Math.random())));
  }
}

/** @param named the statuses that the operation has answers for */
async function answerOf(response: Response, named: readonly number[]) {
  const { status, headers } = response;
  const [media = ''] = (headers.get('content-type') ?? '').split(';');
  const text = await response.text();
  const body = /[/+]json$/.test(media) ? parsed(text) : undefined;
  const isProblem = media === 'application/problem+json';
  if (!isProblem && (response.ok || named.includes(status))) {
    return { status, body, headers, replayed: headers.get('idempotent-replayed') === 'true' };
  }
  throw new ProblemError(status, isProblem ? ((body ?? null) as Problem | null) : null, headers);
}

/** `undefined` for what only claims to be JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fill(template: string, params: Record<string, string> = {}): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
}

function queryOf(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString()}`;
}
