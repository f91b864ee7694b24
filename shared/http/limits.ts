import type { Principal } from './principal.ts';
import { type HttpHeaders, Problem } from './problem.ts';

/** What one caller has left of one quota. */
export interface Allowance {
  /** The quota's name: `key`, `driver`, `shop`, `stored-keys`, `refusals`, `link`, `customer`, `streams-of-key`, `streams-of-shop`. */
  policy: string;
  quota: number;
  windowS: number;
  /** Negative where more was asked for than there was. */
  left: number;
}

export interface Limits {
  /**
   * Takes `points` of what this caller may ask, `anyway`: also where there are not so many left, since it has been done
   * already. @returns the quota that has least left; null: nothing limits them
   */
  spend(principal: Principal, points: number, anyway?: 'anyway'): Allowance | null;
  /** Takes one of the idempotency keys whose results are kept for this caller. */
  spendStoredKey(principal: Principal): Allowance | null;
  /** Takes one of the looks at what a tracking link shows. @param deliveryId of the link; null where it is not genuine */
  spendLink(deliveryId: string | null): Allowance | null;
  /** Takes one of the changes that may be made with a delivery's tracking link. */
  spendCustomer(shopId: string, deliveryId: string): Allowance | null;
  /** Notes that somebody without a proof was refused. @param address null: not known */
  noteRefusal(address: string | null): void;
  /** What is left of the refusals an address may cause; null where it may go on. */
  outOfRefusals(address: string | null): Allowance | null;
  /** Streams that may be open at once. */
  streams(shopId: string): { perKey: number; perShop: number };
}

/** A request counts once for each of these of its body, so that one of a mebibyte is not as cheap as an empty one. */
const BYTES_PER_POINT = 4 * 1024;
/** What is refused after it was read costs so many times more: reading it was work for nothing, perhaps on purpose. */
export const REFUSED_COSTS = 10;

export function pointsOf(headers: HttpHeaders): number {
  return pointsOfBytes(Number(headers['content-length'] ?? 0));
}

export function pointsOfBytes(length: number): number {
  return Number.isFinite(length) && length > 0 ? 1 + Math.floor(length / BYTES_PER_POINT) : 1;
}

/** @throws Problem `too_many` where the allowance is overdrawn */
export function assertWithin(allowance: Allowance | null): void {
  if (allowance !== null && allowance.left < 0) throw tooMany(allowance);
}

export function tooMany(allowance: Allowance): Problem {
  return new Problem('too_many', `The quota "${allowance.policy}" is used up`, {
    extra: { 'violated-policies': [allowance.policy] },
    headers: { 'retry-after': String(waitS(allowance)), ...limitHeaders(allowance) },
  });
}

/** Whether the caller should be told with an answer that is not a refusal: a quarter is left, or less. */
export function isShort({ left, quota }: Allowance): boolean {
  return left * 4 <= quota;
}

/** `RateLimit-Policy` and `RateLimit`, of draft-ietf-httpapi-ratelimit-headers-10: structured fields (RFC 9651). */
export function limitHeaders(allowance: Allowance): HttpHeaders {
  const { policy, quota, windowS, left } = allowance;
  return {
    'ratelimit-policy': `"${policy}";q=${quota};w=${windowS}`,
    ratelimit: `"${policy}";r=${Math.max(0, Math.floor(left))};t=${waitS(allowance)}`,
  };
}

/** Seconds until there is something to spend again; at least one. */
function waitS({ left, quota, windowS }: Allowance): number {
  return Math.max(1, Math.ceil(((1 - left) * windowS) / quota));
}
