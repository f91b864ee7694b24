/** A moment by this process's two clocks: one that nobody sets, and the wall's. Only differences of the latter count. */
export interface Instant {
  monotonicMs: number;
  wallMs: number;
}

/** What a store's clock showed at a moment of ours. */
export interface ClockReading {
  storeMs: number;
  at: Instant;
}

/** An answer that took longer says too little about when the store looked at its clock. */
const ROUND_TRIP_MAX_MS = 1_000;
/** Our two clocks differ by more: this machine was asleep, or somebody has set the wall's. */
const PARTED_MS = 1_000;

/** @returns null when the answer took too long to be of use */
export function readingOf(storeMs: number, sent: Instant, answered: Instant): ClockReading | null {
  return answered.monotonicMs - sent.monotonicMs > ROUND_TRIP_MAX_MS ? null : { storeMs, at: answered };
}

/**
 * What the store's clock showed at `monotonicMs`: exact, or early by no more than the answer was on its way. A statement
 * that lies in a network for a minute can so be told what time it was when it was sent.
 * @returns ms since 1970; null when nothing is known, or our clocks have parted since
 */
export function storeTimeAt(reading: ClockReading | null, monotonicMs: number, now: Instant): number | null {
  if (reading === null) return null;
  const passedMs = now.monotonicMs - reading.at.monotonicMs;
  if (Math.abs(now.wallMs - reading.at.wallMs - passedMs) > PARTED_MS) return null;
  return Math.floor(reading.storeMs + monotonicMs - reading.at.monotonicMs);
}
