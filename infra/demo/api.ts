const TIMEOUT_MS = 10_000;
/** Requests under way at once: enough for a city, gentle to a small machine. */
const AT_ONCE = 24;

export interface Answered {
  /** 0 where there was no answer. */
  status: number;
  ok: boolean;
  /** The problem's type (`conflict_state`), or the code of the connection's error (`ECONNREFUSED`). */
  problem: string | null;
  body: unknown;
  /** From sending to the end of the answer; waiting for a free place is not in it. */
  ms: number;
}

export interface ApiRequest {
  method: string;
  path: string;
  bearer?: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text is sent as it is. */
  body?: unknown;
  /** Problems that belong to the play: counted apart. */
  expected?: readonly string[];
}

export interface Api {
  /** Never throws. */
  call(request: ApiRequest): Promise<Answered>;
  /** The same, again after 1 s while there is no answer or a 5xx, four times in all. */
  insist(request: ApiRequest): Promise<Answered>;
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
  const place = openPlaces(AT_ONCE);
  let requests = 0;
  let answeredAtMs = performance.now();

  async function call(request: ApiRequest): Promise<Answered> {
    const leave = await place();
    requests += 1;
    const answered = await ask(url, request).finally(leave);
    if (answered.status > 0) answeredAtMs = performance.now();
    if (!answered.ok) {
      const counts = request.expected?.includes(answered.problem ?? '') ? refusals : failures;
      const kind = [answered.status || 'no answer', answered.problem].filter(Boolean).join(' ');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return answered;
  }

  async function insist(request: ApiRequest): Promise<Answered> {
    for (let tries = 1; ; tries += 1) {
      const answered = await call(request);
      const unknown = answered.status === 0 || answered.status >= 500 || answered.problem === 'key_in_flight';
      if (!unknown || tries === 4) return answered;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  return { call, insist, requests: () => requests, answeredAtMs: () => answeredAtMs, failures, refusals };
}

async function ask(url: string, { method, path, bearer, headers, body }: ApiRequest): Promise<Answered> {
  const startedMs = performance.now();
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = parsed(await response.text());
    const problem = response.ok ? null : String(answer?.type ?? '').replace('urn:problem:', '');
    return { status: response.status, ok: response.ok, problem, body: answer, ms: performance.now() - startedMs };
  } catch (error) {
    return { status: 0, ok: false, problem: codeOf(error), body: null, ms: performance.now() - startedMs };
  }
}

function parsed(text: string): { type?: unknown } | null {
  try {
    return JSON.parse(text) as { type?: unknown };
  } catch {
    return null;
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
