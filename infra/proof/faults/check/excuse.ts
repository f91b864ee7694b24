import type { FaultWindow } from '../history.ts';

/** How long the service may take to be right again once nothing is broken any more. */
export const CONVERGE_MS = 10_000;

const EXCUSES_NOTHING: readonly FaultWindow['group'][] = ['receiver', 'crowd', 'caller'];

/** An endpoint that misbehaves, a crowd and a hostile caller excuse nothing. */
export function excusing(faults: readonly FaultWindow[]): readonly FaultWindow[] {
  return faults.filter((fault) => !EXCUSES_NOTHING.includes(fault.group));
}

/**
 * The longest time that something was wrong for which no fault accounts: before the first that fell into it, from the
 * end of one to the beginning of the next, from the end of the last. A fault that begins later does not excuse what was
 * wrong before.
 */
export function wrongWithoutExcuse(
  { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
  faults: readonly FaultWindow[],
): number {
  const own = faults.filter((fault) => fault.startMs < untilMs && fault.endMs > sinceMs);
  let fromMs = sinceMs;
  let longestMs = 0;
  for (const fault of own.toSorted((a, b) => a.startMs - b.startMs)) {
    longestMs = Math.max(longestMs, fault.startMs - fromMs);
    fromMs = Math.max(fromMs, fault.endMs);
  }
  return Math.max(longestMs, untilMs - fromMs);
}
