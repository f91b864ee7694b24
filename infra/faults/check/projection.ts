import type { Evidence, FaultWindow, Mismatch, Violation } from '../history.ts';

/** How long the projection may take to equal the truth once nothing is broken any more. */
export const CONVERGE_MS = 10_000;

/** I7: 10 s after the last fault the projection equals the truth, and outside of faults nothing stays wrong for longer. */
export function checkProjection({ mismatches, faults }: Evidence): Violation[] {
  const excused = faults.filter((fault) => fault.group !== 'receiver' && fault.group !== 'crowd');
  return mismatches.flatMap((mismatch) => {
    const wrongMs = wrongWithoutExcuse(mismatch, excused);
    if (wrongMs <= CONVERGE_MS) return [];
    const what = `the projection was wrong (${mismatch.what}) for ${Math.round(wrongMs / 100) / 10} s outside of faults`;
    // What is wrong to the end is not a matter of time.
    return [{ invariant: 'I7', what, example: mismatch, ...(mismatch.mended && { timed: true }) }];
  });
}

/** From the end of the last fault that fell into it; a fault that begins later does not excuse what was wrong before. */
function wrongWithoutExcuse(mismatch: Mismatch, faults: readonly FaultWindow[]): number {
  const own = faults.filter((fault) => fault.startMs < mismatch.untilMs && fault.endMs > mismatch.sinceMs);
  let fromMs = mismatch.sinceMs;
  let longestMs = 0;
  for (const fault of [...own].sort((a, b) => a.startMs - b.startMs)) {
    longestMs = Math.max(longestMs, fault.startMs - fromMs);
    fromMs = Math.max(fromMs, fault.endMs);
  }
  return Math.max(longestMs, mismatch.untilMs - fromMs);
}
