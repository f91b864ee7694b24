import { randomUUID } from 'node:crypto';
import { DependencyAway } from '#shared/domain/away.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Log } from '#shared/runtime/log.ts';
import type { Meter } from '#shared/runtime/meter.ts';
import type { Tracing } from '#shared/runtime/tracing.ts';
import { openBudget } from './budget.ts';
import { bodyOf, noteRefusal, spend, type Trace, toldInstead } from './charge.ts';
import type { Answer, Endpoint, HttpRequest } from './endpoint.ts';
import { isShort, type Limits, limitHeaders, pointsOf } from './limits.ts';
import { type Authenticate, mayAsk, type Principal } from './principal.ts';
import { type HttpHeaders, type HttpResponse, Problem, renderProblem, toProblem } from './problem.ts';
import type { Match } from './router.ts';

/** A request whose body has not been read yet: a caller who may not ask is refused before the body is read. */
export type IncomingRequest = {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly rawQuery: string;
  readonly headers: HttpHeaders;
  readonly remoteAddress?: string;
  /** Whose refusals are counted together; left out or null: whose request it is cannot be told. */
  readonly callerAddress?: string | null;
  /** When it was received, by `performance.now()`; left out: when it came here. */
  readonly receivedAtMs?: number;
  /** @throws Problem `too_large` past `limit` bytes, `timeout` when they come too slowly */
  readonly readBody: (limit: number, principal?: Principal | null) => Promise<Uint8Array>;
};

/** What every host needs besides the endpoints' own dependencies. */
export type HostDeps = {
  readonly authenticate: Authenticate;
  readonly log: Log;
  readonly clock: Clock;
  readonly meter?: Meter | undefined;
  readonly tracing?: Tracing | undefined;
  readonly turns?: Turns | undefined;
  readonly limits?: Limits | undefined;
};

/**
 * The callers' turns at what they share, which is Postgres: none may be stopped by another's crowd. Without a principal:
 * of all who have shown no proof.
 */
export type Turns = {
  /** Too many of this caller's requests wait already. */
  isFull(principal: Principal | null): boolean;
  /** The dependencies, as this caller uses them. */
  of<Deps>(deps: Deps, principal: Principal | null): Deps;
};

/** An answer, or 503, within the 3 s promised to callers; the rest is for the way. The time a body takes is apart. */
export const DEADLINE_MS = 2_900;

/** What the host decided to do with a request; `full` when it has as many under way as it can carry. */
export type Target<Deps> = Match<Endpoint<Deps>> | { readonly kind: 'full' };

/** Shared by all requests that have none: nobody may change it. */
const NO_QUERY = new URLSearchParams();

/**
 * Answers one request: route → auth → size → parse → handle. Never throws; logs one line. The same for every host, so
 * that a Lambda and the server give the same answers.
 */
export async function dispatch<Deps>(
  target: Target<Deps>,
  incoming: IncomingRequest,
  deps: Deps & HostDeps,
  deadlineMs = DEADLINE_MS,
): Promise<HttpResponse> {
  const { tracing } = deps;
  if (tracing === undefined) return answered(target, incoming, deps, deadlineMs);
  const route = routeOf(target);
  const attributes = { 'http.request.method': incoming.method, 'http.route': route };
  return tracing.span(
    { name: `${incoming.method} ${route}`, kind: 'server', attributes, parent: incoming.headers.traceparent },
    async (span) => {
      const response = await answered(target, incoming, deps, deadlineMs);
      span.set({ 'http.response.status_code': response.status, 'request.id': response.headers['x-request-id'] ?? '' });
      return response;
    },
  );
}

async function answered<Deps>(
  target: Target<Deps>,
  incoming: IncomingRequest,
  deps: Deps & HostDeps,
  deadlineMs: number,
): Promise<HttpResponse> {
  const requestId = requestIdOf(incoming.headers);
  const startedMs = performance.now();
  const points = pointsOf(incoming.headers);
  const trace: Trace = { requestId, principal: null, allowance: null, points, startedMs: deps.clock.nowMs() };
  let response: HttpResponse;
  try {
    response = toResponse(await answerOf(target, incoming, deps, trace, deadlineMs));
  } catch (error) {
    logFailure(error, requestId, deps.log);
    response = renderProblem(toldInstead(error, trace, incoming, deps.limits), `urn:request:${requestId}`);
  }
  noteRefusal(trace, response.status, incoming, deps.limits);
  logRequest(target, incoming, response, trace, deps);
  const labels = { method: methodOf(incoming), route: routeOf(target), status: String(response.status) };
  deps.meter?.observe('dispatch_http_request_seconds', (performance.now() - startedMs) / 1000, labels);
  return {
    status: response.status,
    headers: {
      ...(trace.allowance && isShort(trace.allowance) && limitHeaders(trace.allowance)),
      ...response.headers,
      'x-request-id': requestId,
      'cache-control': response.headers['cache-control'] ?? 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body: incoming.method === 'HEAD' ? '' : response.body,
    ...(response.bytes !== undefined && incoming.method !== 'HEAD' && { bytes: response.bytes }),
  };
}

async function answerOf<Deps>(
  target: Target<Deps>,
  incoming: IncomingRequest,
  deps: Deps & HostDeps,
  trace: Trace,
  deadlineMs: number,
): Promise<Answer> {
  if (target.kind === 'full') throw new Problem('unavailable', 'Too many requests under way');
  if (target.kind === 'unknown') throw new Problem('not_found');
  if (target.kind === 'wrong_method') {
    throw new Problem('method_not_allowed', undefined, { headers: { allow: target.allow } });
  }
  const { route, params } = target;
  const { receivedAtMs = performance.now() } = incoming;
  const budget = openBudget(deadlineMs);
  trace.principal = await budget.spend(() => authorize(route.auth, incoming.headers, deps.authenticate));
  spend(trace, incoming, deps.limits, route.keepsResult);
  const { principal } = trace;
  if (!route.sparesPostgres && !route.alwaysAdmit && deps.turns?.isFull(principal)) {
    throw new Problem('unavailable', `Too many requests ${principal === null ? '' : 'of this shop '}under way`);
  }
  const body = await bodyOf(route.bodyLimit, incoming, trace, deps.limits);
  const request: HttpRequest = {
    method: incoming.method,
    path: incoming.path,
    params,
    query: incoming.rawQuery === '' ? NO_QUERY : new URLSearchParams(incoming.rawQuery),
    headers: incoming.headers,
    body,
    requestId: trace.requestId,
    receivedAtMs,
    traceparent: deps.tracing?.current(),
    ...(incoming.remoteAddress === undefined ? {} : { remoteAddress: incoming.remoteAddress }),
  };
  // A probe asks for the process itself: it is answered beside any crowd.
  const theirs = route.alwaysAdmit ? deps : (deps.turns?.of(deps, principal) ?? deps);
  return budget.spend(() => route.run(request, principal, theirs));
}

async function authorize(
  auth: Endpoint<never>['auth'],
  headers: HttpHeaders,
  authenticate: Authenticate,
): Promise<Principal | null> {
  if (auth === 'none') return null;
  const principal = await authenticate(headers);
  if (principal === null) throw new Problem('unauthorized');
  if (!mayAsk(principal, auth)) throw new Problem('forbidden');
  return principal;
}

function toResponse(answer: Answer): HttpResponse {
  const { status, body, headers = {} } = answer;
  if (body instanceof Uint8Array) return { status, headers, body: '', bytes: body };
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    headers: { ...(status === 204 ? {} : { 'content-type': 'application/json' }), ...headers },
    body: text,
  };
}

/** The pattern, never the path: a label or a span's name has few values. */
function routeOf<Deps>(target: Target<Deps>): string {
  return target.kind === 'found' ? target.route.path : target.kind;
}

/** A caller may invent methods. */
function methodOf({ method }: IncomingRequest): string {
  return /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method) ? method : 'other';
}

/** The caller's own id where it is harmless, so that their log and ours can be read side by side. */
function requestIdOf(headers: HttpHeaders): string {
  const given = headers['x-request-id'];
  return given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

function logFailure(error: unknown, requestId: string, log: Log): void {
  if (error instanceof DependencyAway) log.warn('dependency_away', { requestId, dependency: error.dependency, error });
  else if (toProblem(error).type === 'internal') log.error('request_failed', { requestId, error });
}

function logRequest<Deps>(
  target: Target<Deps>,
  incoming: IncomingRequest,
  response: HttpResponse,
  trace: Trace,
  deps: HostDeps,
): void {
  const { principal } = trace;
  deps.log.info('request', {
    requestId: trace.requestId,
    method: incoming.method,
    route: target.kind === 'found' ? target.route.path : null,
    status: response.status,
    ms: deps.clock.nowMs() - trace.startedMs,
    ...(principal && 'shopId' in principal ? { shopId: principal.shopId } : {}),
    ...(principal?.kind === 'driver' ? { driverId: principal.driverId } : {}),
    ...(principal?.kind === 'shop' ? { keyId: principal.keyId } : {}),
  });
}
