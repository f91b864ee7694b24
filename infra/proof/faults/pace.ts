import type { Fault } from './fault.ts';

type Lasting = Pick<Fault, 'durationMs'>;

/** From here on a run is a long one: it has time for what takes a minute, and for all by itself. */
export const LONG_MINUTES = 10;

const SHORTEST_MS = 2_600;
const LONGEST_MS = 20_000;
/** What a fault takes beyond its time, on a machine that has nothing else to do: until all is well again. */
const HEAL_MS = 1_700;
/** What the latest one took counts this much, so that a machine that becomes busy is noticed after a few. */
const WEIGHT = 0.2;

/**
 * How long faults may last so that all of them find time. What each takes beyond that (until enough has met it, until
 * all is well again) is the machine's to say: it is measured, and the faults that are left last shorter where it is much.
 */
export function openPace() {
  let beyondMs = HEAL_MS;
  return {
    /** @param left the next fault and all behind it @param leftMs for all of them @param share01 of its time */
    lastsMs(left: readonly Lasting[], leftMs: number, share01: number): number {
      const [next] = left;
      if (next?.durationMs !== undefined) return next.durationMs;
      const fixedMs = left.reduce((sum, each) => sum + (each.durationMs ?? 0), 0);
      const free = left.filter((each) => each.durationMs === undefined).length;
      const eachMs = (leftMs - fixedMs - beyondMs * left.length) / free;
      return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, eachMs * share01));
    },
    /** @param ms by which the latest one took longer than it should last */
    took(ms: number): void {
      beyondMs += (ms - beyondMs) * WEIGHT;
    },
  };
}

/** A run that ends early leaves out the short ones, which a shorter run can make up for. */
export function longestFirst<Each extends Lasting & Pick<Fault, 'minMinutes'>>(faults: readonly Each[]): Each[] {
  return faults.toSorted((a, b) => (b.minMinutes ?? 0) - (a.minMinutes ?? 0));
}
