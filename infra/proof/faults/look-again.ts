import { setTimeout as pause } from 'node:timers/promises';

/** Of the time that a look took: what watches may not take the machine from what is watched. */
const REST = 4;
/** What is wrong at two looks counts as wrong between them, so these may not be far apart. */
const LONGEST_REST_MS = 2_000;

/**
 * Looks again and again until `signal` aborts, `everyMs` after the last look or four times as long as that took,
 * whichever is more, but 2 s at most. A look that fails (the store is away) is simply not had.
 */
export async function lookAgain(look: () => Promise<void>, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const startMs = Date.now();
    await look().catch(() => {});
    const restMs = Math.max(everyMs, Math.min(LONGEST_REST_MS, REST * (Date.now() - startMs)));
    await pause(restMs, undefined, { signal }).catch(() => {});
  }
}
