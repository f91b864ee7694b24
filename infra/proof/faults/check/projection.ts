import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { CONVERGE_MS, excusing, judgedSeconds, wrongWithoutExcuse } from './excuse.ts';

/** I7: 10 s after the last fault the projection equals the truth, and outside of faults nothing stays wrong for longer. */
export function checkProjection(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const { mismatches, faults } = evidence;
  count(judgedSeconds(evidence, CONVERGE_MS));
  const excused = excusing(faults);
  return mismatches.flatMap((mismatch) => {
    const wrongMs = wrongWithoutExcuse(mismatch, excused);
    if (wrongMs <= CONVERGE_MS) return [];
    const what = `the projection was wrong (${mismatch.what}) for ${Math.round(wrongMs / 100) / 10} s outside of faults`;
    // What is wrong to the end is not a matter of time.
    return [{ invariant: 'I7', what, example: mismatch, ...(mismatch.mended && { timed: true }) }];
  });
}
