const MINUTE_MS = 60_000;
const STEP_MS = 5 * MINUTE_MS;
/** Below this a window says less than "in a few minutes". */
const SOON_MS = 4 * MINUTE_MS;

/** Arrival times are this far off, of the time that is left: half of all are earlier, half later. */
const OFF = { routing: 0.15, estimate: 0.25 } as const;

/**
 * Between when and when it will arrive: the wider the longer it still takes, and whole five minutes, so that it moves
 * seldom and narrows as it comes closer.
 * @returns null: in a few minutes
 */
export function arrivalWindow(
  atMs: number,
  source: keyof typeof OFF,
  nowMs: number,
): { fromMs: number; toMs: number } | null {
  const leftMs = atMs - nowMs;
  if (leftMs < SOON_MS) return null;
  const offMs = Math.max(2 * MINUTE_MS, leftMs * OFF[source]);
  const fromMs = Math.floor((atMs - offMs) / STEP_MS) * STEP_MS;
  return {
    fromMs: Math.max(fromMs, Math.floor(nowMs / MINUTE_MS) * MINUTE_MS),
    toMs: Math.ceil((atMs + offMs) / STEP_MS) * STEP_MS,
  };
}
