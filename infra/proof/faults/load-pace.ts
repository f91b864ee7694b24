import { quantile } from './check/quantile.ts';
import type { FaultWindow, Operation } from './history.ts';

/** A quarter of what the judge takes for a machine too busy to tell times by: the slowest take thirty times the median. */
const WANTED_MS = 20;
const SLOWER = 1.3;
const FASTER = 0.95;
/**
 * So much slower than wished at most: less load than that would prove little. Two cores that have all of it to carry
 * (four processes, both stores, and whoever looks on) settle at thirteen.
 */
const MOST = 15;
const AT_LEAST = 20;
/** After a fault: what piled up meanwhile is no sign of the machine. */
const RECOVER_MS = 2_000;

/** How far the pauses of the load are stretched, so that the machine the bench runs on can follow. */
export interface LoadPace {
  /** 1: as wished; 2: with pauses twice as long. */
  stretch(): number;
  /** Most of the time: the median over all looks. */
  usual(): number;
  /** Looks at what was answered since the last look. To be called now and then. */
  look(): void;
}

/**
 * A bench that fills its machine by itself measures itself: every answer is late, and no promise about times can be
 * judged. So the load is what the machine answers within 20 ms (median) while nothing is broken: the pauses grow by
 * 30 % where it is later, and shrink slowly where it is sooner.
 */
export function openLoadPace(operations: readonly Operation[], windows: readonly FaultWindow[]): LoadPace {
  let stretch = 1;
  let from = 0;
  const calm: number[] = [];
  const all: number[] = [];
  const meetsFault = ({ startMs, endMs }: Operation) =>
    windows.some((fault) => fault.group !== 'receiver' && startMs < fault.endMs + RECOVER_MS && endMs > fault.startMs);
  return {
    stretch: () => stretch,
    usual: () => quantile(all, 0.5),
    look() {
      for (const each of operations.slice(from)) if (!meetsFault(each)) calm.push(each.endMs - each.startMs);
      from = operations.length;
      all.push(stretch);
      if (calm.length < AT_LEAST) return;
      const isLate = quantile(calm.splice(0), 0.5) > WANTED_MS;
      stretch = Math.min(MOST, Math.max(1, stretch * (isLate ? SLOWER : FASTER)));
    },
  };
}
