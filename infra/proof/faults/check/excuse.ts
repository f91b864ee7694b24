import type { Evidence, FaultWindow } from '../history.ts';

/** How long the service may take to be right again once nothing is broken any more. */
export const CONVERGE_MS = 10_000;

const EXCUSES_NOTHING: readonly FaultWindow['group'][] = ['receiver', 'crowd', 'caller'];

/** An endpoint that misbehaves, a crowd and a hostile caller excuse nothing. */
export function excusing(faults: readonly FaultWindow[]): readonly FaultWindow[] {
  return faults.filter((fault) => !EXCUSES_NOTHING.includes(fault.group));
}

/** Seconds of the run in which a thing that may be wrong for `allowedMs` would have been found wrong: no fault is near. */
export function judgedSeconds({ operations, faults, collectedMs }: Evidence, allowedMs: number): number {
  let fromMs = operations[0]?.startMs ?? collectedMs;
  let judgedMs = 0;
  for (const fault of excusing(faults).toSorted((a, b) => a.startMs - b.startMs)) {
    judgedMs += Math.max(0, fault.startMs - fromMs - allowedMs);
    fromMs = Math.max(fromMs, fault.endMs);
  }
  return Math.round((judgedMs + Math.max(0, collectedMs - fromMs - allowedMs)) / 1_000);
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
