const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 60_000;
const JITTER = 0.2;

/** A delivery that found no driver for this long, since it could be brought, is EXHAUSTED: the shop is told, and may ask again. */
export const EXHAUSTED_AFTER_S = 1_800;

/**
 * How long a delivery without a driver waits before it is tried again on schedule: 2 s after the first attempt, then
 * twice as long each time, at most 60 s. A driver becoming free does not wait for this.
 *
 * @param attempts attempts made so far, ≥ 1 (0 counts as 1)
 * @param jitter01 0..1, shortens the delay by up to 20 %, so that deliveries of one minute do not come back as one
 */
export function nextDispatchDelayMs(attempts: number, jitter01 = 0): number {
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempts - 1));
  return Math.round(delayMs * (1 - JITTER * jitter01));
}
