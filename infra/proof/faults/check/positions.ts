import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { excusing, wrongWithoutExcuse } from './excuse.ts';
import { groupBy } from './group-by.ts';

const DURABLE_WITHIN_MS = 15_000;
/** Between two looks, and what a busy machine adds. */
const LOOK_MS = 1_000;
/** Redis has lost its data: what was not in Postgres yet is lost, as the guide says. */
const LOST = /^redis_(killed|back|loading|flushed)/;

/**
 * P8: an accepted fix, or a newer one, is in Postgres 15 s later: also the last one before a driver falls silent, and
 * the one whose server is killed; but for what Redis loses. By the phone's time, as `newest wins` has it.
 */
export function checkPositions({ operations, positions, faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const excused = excusing(faults);
  const wrongClock = faults.filter((fault) => fault.name.startsWith('worker_clock_'));
  const losses = faults.filter((fault) => LOST.test(fault.name));
  const seen = groupBy(positions.seen, (each) => each.driverId);
  return operations.flatMap((fix) => {
    const { recordedMs = null, startMs, endMs } = fix;
    if (recordedMs === null || fix.outcome !== 'ok') return [];
    if (wrongClock.some((fault) => fault.worker === fix.worker && startMs < fault.endMs && endMs > fault.startMs))
      return [];
    const drivers = fix.kind === 'fixes' ? fix.ids : [fix.target ?? ''];
    return drivers.flatMap((driverId) => {
      const stored = seen.get(driverId)?.find((each) => each.recordedMs >= recordedMs - 1);
      const untilMs = stored?.atMs ?? positions.untilMs;
      if (stored) count(1);
      if (untilMs - endMs <= DURABLE_WITHIN_MS + LOOK_MS) return [];
      if (losses.some((fault) => fault.startMs < endMs + DURABLE_WITHIN_MS && fault.endMs > endMs)) return [];
      const lateMs = wrongWithoutExcuse({ sinceMs: endMs, untilMs }, excused);
      if (lateMs <= DURABLE_WITHIN_MS + LOOK_MS) return [];
      const what = stored
        ? `a fix was in Postgres after ${Math.round(lateMs / 1_000)} s outside of faults`
        : 'an accepted fix never came to Postgres';
      return [{ invariant: 'P8', what, example: { driverId, fix, stored }, ...(stored && { timed: true as const }) }];
    });
  });
}
