import { type Allowance, assertWithin, type Limits, pointsOfBytes, REFUSED_COSTS, tooMany } from './limits.ts';
import type { Principal } from './principal.ts';
import { type HttpHeaders, PROBLEMS, toProblem } from './problem.ts';
import { BodyCutShort } from './raw-body.ts';

/* What a request costs its caller, from when it is known who that is to when it was answered. */

/** Of a request, what its cost depends on. */
type Asked = {
  readonly headers: HttpHeaders;
  readonly callerAddress?: string | null;
  readonly readBody: (limit: number, principal?: Principal | null) => Promise<Uint8Array>;
};

/** What is known of a request while it is answered. */
export type Trace = {
  readonly requestId: string;
  principal: Principal | null;
  allowance: Allowance | null;
  /** What it counts in a quota, as far as that is known. */
  points: number;
  readonly startedMs: number;
};

/**
 * Who has shown no proof and is refused is told to stop, once their address has used up its refusals. Whoever has a good
 * proof, of a key or of a webhook's signature, is heard also from there: they may share it with anybody.
 */
export function toldInstead(
  error: unknown,
  trace: Trace,
  { callerAddress = null }: Pick<Asked, 'callerAddress'>,
  limits?: Limits,
): unknown {
  if (trace.principal !== null || !isRefusal(PROBLEMS[toProblem(error).type].status)) return error;
  const out = limits?.outOfRefusals(callerAddress) ?? null;
  return out === null ? error : tooMany(out);
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500;
}

/**
 * @param keepsResult whether this is kept under an `Idempotency-Key`, where there is one
 * @throws Problem `too_many`
 */
export function spend(trace: Trace, { headers }: Asked, limits: Limits | undefined, keepsResult: boolean): void {
  const { principal } = trace;
  if (limits === undefined || principal === null) return;
  trace.allowance = limits.spend(principal, trace.points);
  assertWithin(trace.allowance);
  if (headers['idempotency-key'] !== undefined && keepsResult) assertWithin(limits.spendStoredKey(principal));
}

/** What was read to be refused. */
const REFUSED_BODIES: ReadonlySet<number> = new Set([400, 408, 413, 422]);

export function noteRefusal(
  { principal, points }: Trace,
  status: number,
  incoming: Asked,
  limits: Limits | undefined,
): void {
  if (principal === null && isRefusal(status)) limits?.noteRefusal(incoming.callerAddress ?? null);
  if (principal === null || !REFUSED_BODIES.has(status)) return;
  limits?.spend(principal, (REFUSED_COSTS - 1) * points, 'anyway');
}

/**
 * A body whose length nobody announced (it comes in chunks) is counted once it was read; of one too long, or that did not
 * come to its end, all that was.
 */
export async function bodyOf(
  bodyLimit: number,
  incoming: Asked,
  trace: Trace,
  limits: Limits | undefined,
): Promise<Uint8Array> {
  const { principal } = trace;
  const count = (bytes: number): void => {
    const more = pointsOfBytes(bytes) - trace.points;
    if (more <= 0) return;
    trace.points += more;
    if (principal !== null) limits?.spend(principal, more, 'anyway');
  };
  try {
    const body = await incoming.readBody(bodyLimit, principal);
    count(body.length);
    return body;
  } catch (error) {
    if (error instanceof BodyCutShort) count(error.bytesRead);
    else if (toProblem(error).type === 'too_large') count(bodyLimit);
    throw error;
  }
}
