import type { Evidence, FaultWindow } from '../history.ts';

/**
 * How long after the end of `fault` it still showed, in ms: until the last refusal of a request sent after it, and the
 * last moment the projection was wrong; up to the next fault. 0 where another one lasted longer.
 */
export function recoveryOf(fault: FaultWindow, { faults, operations, mismatches }: Evidence): number {
  const untilMs = nextMs(fault, faults);
  if (untilMs <= fault.endMs) return 0;
  const refused = operations
    .filter((each) => each.outcome === 'unknown' && each.startMs >= fault.endMs && each.endMs <= untilMs)
    .map((each) => each.endMs);
  const wrong = mismatches
    .filter((each) => each.untilMs > fault.endMs && each.sinceMs < fault.endMs)
    .map((each) => Math.min(each.untilMs, untilMs));
  return Math.max(0, ...[...refused, ...wrong].map((atMs) => atMs - fault.endMs));
}

/** When the next one begins that lasts longer. */
function nextMs(fault: FaultWindow, faults: Evidence['faults']): number {
  const others = faults.filter((other) => other !== fault && other.group !== 'receiver' && other.endMs > fault.endMs);
  return Math.min(Number.POSITIVE_INFINITY, ...others.map((other) => other.startMs));
}

/** Nothing else was broken any more when it ended, so that its end can be told at all. */
export const isLastOfAll = (fault: FaultWindow, { faults }: Pick<Evidence, 'faults'>): boolean =>
  nextMs(fault, faults) > fault.endMs;
