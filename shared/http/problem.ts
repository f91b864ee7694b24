import { DependencyAway, SchemaMissing } from '#shared/domain/away.ts';

/** The one table of problems: what a caller may be told, and with which status. */
export const PROBLEMS = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  not_http: { status: 400, title: 'This event is no HTTP request' },
  malformed_text: { status: 400, title: 'The body is not valid UTF-8' },
  unauthorized: { status: 401, title: 'Proof of identity is missing, wrong or expired' },
  forbidden: { status: 403, title: 'This proof of identity does not allow this' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  timeout: { status: 408, title: 'The request did not arrive in time' },
  conflict_state: { status: 409, title: 'The present state does not allow this step' },
  driver_busy: { status: 409, title: 'The driver has no place left' },
  driver_unavailable: { status: 409, title: 'The driver is not available' },
  delivery_not_pending: { status: 409, title: 'The delivery is not pending' },
  too_late: { status: 409, title: 'It is too late to change this' },
  offer_over: { status: 409, title: 'This offer is over' },
  route_changed: { status: 409, title: 'The route has become another one' },
  key_in_flight: { status: 409, title: 'A request with this idempotency key is still under way' },
  already_exists: { status: 409, title: 'This exists already' },
  pincode_locked: { status: 409, title: 'Too many wrong PIN codes: the shop has to set another, or do without' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported_media: { status: 415, title: 'The body must be JSON, not compressed' },
  invalid: { status: 422, title: 'The request has missing or wrong values' },
  key_reused: { status: 422, title: 'This idempotency key was used with another request' },
  illegal_route: { status: 422, title: 'These stops are no route of this driver' },
  time_past: { status: 422, title: 'This time is not in the future' },
  wrong_pincode: { status: 422, title: 'The PIN code is wrong' },
  proof_missing: { status: 422, title: 'What is asked for at the door is missing' },
  too_many: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Not available for the moment; the same request may be repeated' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemType = keyof typeof PROBLEMS;
/** One wrong value: `pointer` is a JSON pointer into the body, or starts with `/query`, `/path` or `/headers`. */
export type Fault = { readonly pointer: string; readonly detail: string };
export type HttpHeaders = Readonly<Record<string, string>>;
export type HttpResponse = {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: string;
  /** Instead of `body`, for an answer that is not text. */
  readonly bytes?: Uint8Array;
};

/** What a problem may say besides the standard members; infra/product/openapi/parts.ts describes each. */
export interface ProblemMembers {
  readonly errors?: readonly Fault[];
  readonly deliveryId?: string;
  readonly deliveryStatus?: string;
  /** What it may become. */
  readonly allowed?: readonly string[];
  /** Of `proof_missing`: what else is asked for at the door. */
  readonly missing?: readonly string[];
  /** Of a wrong PIN code. */
  readonly triesLeft?: number;
  /** What speaks against a driver who was named. */
  readonly refusals?: readonly string[];
  /** Deliveries that a driver has in hand. */
  readonly load?: number;
  /** Of `route_changed`: as it is now. */
  readonly route?: object;
  /** Of `offer_over`: what ended it. */
  readonly why?: string;
  /** Of `too_many`: which quota. */
  readonly 'violated-policies'?: readonly string[];
}

/** An answer other than success. Thrown anywhere above the stores, rendered once by `renderProblem`. */
export class Problem extends Error {
  readonly type: ProblemType;
  readonly detail: string | undefined;
  readonly extra: ProblemMembers;
  readonly headers: HttpHeaders;

  constructor(
    type: ProblemType,
    detail?: string,
    options: { extra?: ProblemMembers; headers?: HttpHeaders; cause?: unknown } = {},
  ) {
    super(detail ?? PROBLEMS[type].title, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.type = type;
    this.detail = detail;
    this.extra = options.extra ?? {};
    this.headers = options.headers ?? {};
  }
}

/** 422 with every fault found, at most 100 of them. */
export function invalid(faults: readonly Fault[]): Problem {
  return new Problem('invalid', undefined, { extra: { errors: faults.slice(0, 100) } });
}

/** What an error means to the caller. An error of no known kind is `internal`, and says nothing more. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DependencyAway) {
    return new Problem('unavailable', error instanceof SchemaMissing ? error.message : undefined, {
      headers: { 'retry-after': String(error.retryAfterS) },
      cause: error,
    });
  }
  return new Problem('internal', undefined, { cause: error });
}

/**
 * RFC 9457 `application/problem+json`: `type`, `title`, `status`, `detail`, `instance`, and the problem's own members
 * (which cannot replace the standard ones).
 *
 * @param instance names this occurrence: `urn:request:<request id>`
 */
export function renderProblem(error: unknown, instance: string): HttpResponse {
  const problem = toProblem(error);
  const { status, title } = PROBLEMS[problem.type];
  const { detail } = problem;
  const body = {
    ...problem.extra,
    type: `urn:problem:${problem.type}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    instance,
  };
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.type === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
      ...(problem.type === 'unavailable' ? { 'retry-after': '1' } : {}),
      ...problem.headers,
    },
    body: JSON.stringify(body),
  };
}
