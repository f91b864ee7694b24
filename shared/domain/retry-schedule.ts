const FIRST_DELAY_MS = 5_000;
const GROWTH = 3;
const LONGEST_DELAY_MS = 24 * 3_600_000;
const JITTER = 0.2;

/** A webhook not accepted for this long is given up: its delivery's queue is parked, shown, and replayable. */
export const GIVE_UP_AFTER_MS = 3 * 24 * 3_600_000;

/**
 * How long to wait before a webhook is sent again: about 5 s, 15 s, 45 s, 2 min, 7 min, 20 min, 1 h, 3 h, 9 h, then
 * 24 h, each ± 20 %, and never longer than 24 h. Short at first, because the delivery's later events queue behind.
 *
 * @param attempt attempts that failed so far, ≥ 1 (0 counts as 1)
 * @param jitter01 0..1, drawn by the caller; 0.5 is no jitter
 * @param retryAfterS the receiver's Retry-After in seconds: never sooner than that, but 24 h are the most it can ask
 * for. Jitter is then only added, so that a whole queue does not return in one second. Not a number ≥ 0: ignored.
 */
export function retryDelayMs(attempt: number, jitter01: number, retryAfterS?: number): number {
  const nominalMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * GROWTH ** Math.max(0, attempt - 1));
  const backOffMs = nominalMs * (1 - JITTER + 2 * JITTER * jitter01);
  const askedMs = retryAfterS !== undefined && retryAfterS > 0 ? retryAfterS * 1_000 * (1 + JITTER * jitter01) : 0;
  return Math.min(LONGEST_DELAY_MS, Math.round(Math.max(backOffMs, askedMs)));
}
