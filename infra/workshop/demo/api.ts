import {
  type CallInput,
  type Client,
  type OperationId,
  openClient,
  ProblemError,
} from '#infra/product/client/client.ts';
import type { Operations, Problem } from '#infra/product/client/types.ts';

const TIMEOUT_MS = 10_000;
/** Requests under way at once: enough for a city, gentle to a small machine. */
const AT_ONCE = 24;

export interface Answered<Id extends OperationId = OperationId> {
  /** 0 where there was no answer. */
  status: number;
  ok: boolean;
  /** The problem's type (`conflict_state`), or the code of the connection's error (`ECONNREFUSED`). */
  problem: string | null;
  /** Why, in the service's words. */
  detail: string | null;
  /** Null where there was no answer of the operation's own. */
  body: Operations[Id]['answer']['body'] | null;
}

/** Problems that belong to the play: counted apart. */
type Expected = readonly ProblemType[];
type ProblemType = Problem['type'] extends `urn:problem:${infer Type}` ? Type : never;

export interface Api {
  /** Never throws. */
  call<Id extends OperationId>(id: Id, input: CallInput<Id>, expected?: Expected): Promise<Answered<Id>>;
  /** The same, again after 1 s while there is no answer or a 5xx, four times in all. */
  insist<Id extends OperationId>(id: Id, input: CallInput<Id>, expected?: Expected): Promise<Answered<Id>>;
  requests(): number;
  /** When the service last answered anything, by `performance.now()`. */
  answeredAtMs(): number;
  /** By kind, such as `409 conflict_state`. */
  failures: ReadonlyMap<string, number>;
  refusals: ReadonlyMap<string, number>;
}

/** The service, as its callers see it, with a count of everything that went wrong. */
export function openApi(url: string): Api {
  const failures = new Map<string, number>();
  const refusals = new Map<string, number>();
  // What is asked again, and when, is counted here.
  const client = openClient({ baseUrl: url, timeoutMs: TIMEOUT_MS, retries: 0 });
  const place = openPlaces(AT_ONCE);
  let requests = 0;
  let answeredAtMs = performance.now();

  const call: Api['call'] = async (id, input, expected = []) => {
    const leave = await place();
    requests += 1;
    const answered = await ask(client, id, input).finally(leave);
    if (answered.status > 0) answeredAtMs = performance.now();
    if (!answered.ok) {
      const counts = (expected as readonly (string | null)[]).includes(answered.problem) ? refusals : failures;
      const kind = [answered.status || 'no answer', answered.problem].filter(Boolean).join(' ');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return answered;
  };

  const insist: Api['insist'] = async (id, input, expected) => {
    for (let tries = 1; ; tries += 1) {
      const answered = await call(id, input, expected);
      const unknown = answered.status === 0 || answered.status >= 500 || answered.problem === 'key_in_flight';
      if (!unknown || tries === 4) return answered;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  };

  return { call, insist, requests: () => requests, answeredAtMs: () => answeredAtMs, failures, refusals };
}

async function ask<Id extends OperationId>(client: Client, id: Id, input: CallInput<Id>): Promise<Answered<Id>> {
  const none = { ok: false, detail: null, body: null };
  try {
    const { status, body } = await client.call(id, input);
    return { status, ok: status < 300, problem: null, detail: null, body };
  } catch (error) {
    if (!(error instanceof ProblemError)) return { ...none, status: 0, problem: codeOf(error) };
    return { ...none, status: error.status, problem: error.type, detail: error.message };
  }
}

/** `fetch` hides the socket's error behind its own. */
function codeOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return cause?.code ?? name ?? 'error';
}

/** @returns a function that waits for one of `count` places and answers how to leave it */
function openPlaces(count: number): () => Promise<() => void> {
  const queue: (() => void)[] = [];
  let free = count;
  const leave = () => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    return leave;
  };
}
