import { type Operations, type Problem, ROUTES } from './types.ts';

/*
 * A typed client of the service's HTTP interface: one method, `call`, whose arguments and answers follow from the
 * operation's name. It needs `fetch` and nothing else; copy this folder, or import it.
 */

export type OperationId = keyof Operations;

/** Only what the operation takes; a body, parameters or query that may be left out may be left out. */
export type CallInput<Id extends OperationId> = Present<Pick<Operations[Id], 'params' | 'query' | 'body'>> & {
  /** Makes the call safe to repeat. Sent with every try of this call. */
  idempotencyKey?: string;
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

/** The service refused, or could not: `problem` says why. */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly headers: Headers;

  constructor(problem: Problem, headers: Headers) {
    super(problem.detail ?? problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
    this.headers = headers;
  }
}

export interface Client {
  /**
   * @throws ProblemError for every answer that the operation does not name as one of its own
   * @throws TypeError when no answer came (the network); a mutation may then have taken place: repeat it with its key
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
  const { baseUrl, token, timeoutMs = 10_000, retries = 2, fetch: ask = fetch } = options;
  return {
    async call(id, input) {
      const { params, query, body, idempotencyKey, signal } = input as Loose;
      const [method, template] = ROUTES[id];
      const url = baseUrl.replace(/\/$/, '') + fill(template, params) + queryOf(query);
      const request: RequestInit = {
        method,
        headers: {
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      const tries = method === 'GET' || idempotencyKey !== undefined ? retries + 1 : 1;
      const attempt = () => {
        const timeout = AbortSignal.timeout(timeoutMs);
        return ask(url, { ...request, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
      };
      const response = await repeated(attempt, tries, signal);
      return (await answerOf(response)) as Answer<typeof id>;
    },
  };
}

type Loose = {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
};

async function repeated(attempt: () => Promise<Response>, tries: number, signal?: AbortSignal): Promise<Response> {
  for (let n = 1; ; n += 1) {
    const last = n >= tries;
    try {
      const response = await attempt();
      if (response.status !== 503 || last) return response;
      void response.body?.cancel();
    } catch (error) {
      if (last || signal?.aborted) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** n * (0.5 + Math.random())));
  }
}

async function answerOf(response: Response) {
  const { status, headers } = response;
  const text = await response.text();
  const type = headers.get('content-type') ?? '';
  const isJson = /^application\/(problem\+)?json/.test(type) && text !== '';
  const body: unknown = isJson ? JSON.parse(text) : undefined;
  if (response.ok || (isJson && type.startsWith('application/json'))) {
    return { status, body, headers, replayed: headers.get('idempotent-replayed') === 'true' };
  }
  const unknown = { type: 'urn:problem:internal', title: `Status ${status}`, status, instance: '' };
  throw new ProblemError((body ?? unknown) as Problem, headers);
}

function fill(template: string, params: Record<string, string> = {}): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
}

function queryOf(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString()}`;
}
