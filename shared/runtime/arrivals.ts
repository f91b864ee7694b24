/** A loop that did not turn for so long was stopped, or as good as. */
const GAP_MS = 1_000;
const LOOK_EVERY_MS = 250;
/** What had come meanwhile is read within so long after it, a connection at a time. */
const CAUGHT_UP_MS = 2_000;

/**
 * Tells when a request that is read now has arrived. In a process that was stopped, requests wait in the kernel, which
 * says nothing about when they came: they count from when the process was last seen to read, which they may be younger
 * than, never older. `performance.now()` goes on while a process is stopped.
 * @returns when, by `performance.now()`
 */
export function openArrivals(nowMs: () => number = () => performance.now()): () => number {
  let lookedAtMs = nowMs();
  let gap = { fromMs: lookedAtMs, caughtUpAtMs: Number.NEGATIVE_INFINITY };
  const look = (): void => {
    const now = nowMs();
    if (now - lookedAtMs > GAP_MS) gap = { fromMs: lookedAtMs, caughtUpAtMs: now + CAUGHT_UP_MS };
    lookedAtMs = now;
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  return () => {
    look();
    return lookedAtMs < gap.caughtUpAtMs ? gap.fromMs : lookedAtMs;
  };
}
