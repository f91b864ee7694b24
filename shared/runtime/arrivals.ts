/** A loop that did not turn for so long was stopped, or as good as. */
const GAP_MS = 1_000;
const LOOK_EVERY_MS = 250;
/** What had come meanwhile is read within so long after it, a connection at a time, if the loop turns. */
const CAUGHT_UP_MS = 2_000;
/** A loop that turns no faster has more to do than to read what comes now. */
const LATE_MS = 2 * LOOK_EVERY_MS;

/** When requests came that are read now. */
export interface Arrivals {
  /** When, by `performance.now()`. */
  receivedAtMs(): number;
  /** While what waited is still being read: for how long the process was stopped in one go, in ms. Otherwise 0. */
  stoppedForMs(): number;
}

/**
 * Tells when a request that is read now has arrived. In a process that was stopped, requests wait in the kernel, which
 * says nothing about when they came: they count from when the process was last seen to read, which they may be younger
 * than, never older. As long as the loop is late it has not read them all: for as long as it was stopped, at most.
 * `performance.now()` goes on while a process is stopped.
 */
export function openArrivals(nowMs: () => number = () => performance.now()): Arrivals {
  let lookedAtMs = nowMs();
  let gap = { fromMs: lookedAtMs, stoppedMs: 0, caughtUpAtMs: Number.NEGATIVE_INFINITY, latestMs: 0 };
  const look = (): void => {
    const now = nowMs();
    const lateMs = now - lookedAtMs;
    const wasCatchingUp = lookedAtMs < gap.caughtUpAtMs;
    if (lateMs > GAP_MS) {
      // Stopped again before all was read: that still counts from the first time.
      const { fromMs, stoppedMs } = wasCatchingUp ? gap : { fromMs: lookedAtMs, stoppedMs: 0 };
      const latestMs = now + Math.max(CAUGHT_UP_MS, now - fromMs);
      gap = { fromMs, stoppedMs: Math.max(stoppedMs, lateMs), caughtUpAtMs: now + CAUGHT_UP_MS, latestMs };
    } else if (wasCatchingUp && lateMs > LATE_MS) {
      gap.caughtUpAtMs = Math.min(now + CAUGHT_UP_MS, gap.latestMs);
    }
    lookedAtMs = now;
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  const isCatchingUp = (): boolean => {
    look();
    return lookedAtMs < gap.caughtUpAtMs;
  };
  return {
    receivedAtMs: () => (isCatchingUp() ? gap.fromMs : lookedAtMs),
    stoppedForMs: () => (isCatchingUp() ? gap.stoppedMs : 0),
  };
}
