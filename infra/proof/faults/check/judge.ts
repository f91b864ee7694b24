import type { Evidence, Violation } from '../history.ts';
import { judgeAll } from './check.ts';
import { checkEnough, checkJudged, leastFor } from './enough.ts';
import { calmMedianMs } from './promises.ts';

/** Where the undisturbed median is above this, the machine is too busy for P1-P5 and I7's ten seconds to mean anything. */
const CALM_P50_MS = 80;
/** The bench measures with its own event loop: where that comes this late, so does everything it notes. */
const LOOP_P99_MS = 100;

/** Processes that want a core, for each there is. The bench alone makes about one. */
const LOAD_PER_CORE = 2.5;

export interface Verdict {
  violations: readonly Violation[];
  /** Found by the clock of a machine that could not tell: neither held nor broken. */
  unjudged: readonly Violation[];
  /** Why times cannot be judged; null: they can. */
  tooBusy: string | null;
  /** How many things each check has judged: operations, events, seconds. */
  judged: Readonly<Record<string, number>>;
}

/**
 * What the run shows. What must never happen counts always, and so does evidence too thin to prove anything; how long
 * something may take counts only where the machine could tell, and where it could not, that itself is a violation.
 * `lenientTimes`: how long things took is told and not judged, for a check on whatever machine is free: one that fails
 * now and then for its neighbours says nothing of a change. The long runs judge times.
 */
export function judge(
  evidence: Evidence,
  { minutes, lenientTimes, only = null }: { minutes: number; lenientTimes: boolean; only?: readonly string[] | null },
): Verdict {
  const { found: broken, judged } = judgeAll(evidence);
  // A run of some faults only says nothing of the others.
  const idle = only === null ? checkJudged(judged, minutes) : [];
  const found = [...broken, ...checkEnough(evidence, leastFor(minutes)), ...idle];
  const tooBusy = whyTooBusy(evidence);
  if (lenientTimes) {
    const [violations, unjudged] = [found.filter((each) => !each.timed), found.filter((each) => each.timed)];
    return { violations, unjudged, tooBusy, judged };
  }
  if (tooBusy === null) return { violations: found, unjudged: [], tooBusy, judged };
  const thin: Violation = {
    invariant: 'thin',
    what: `${tooBusy}: too busy a machine to judge times by`,
    example: null,
  };
  return { violations: [...found, thin], unjudged: [], tooBusy, judged };
}

function whyTooBusy(evidence: Evidence): string | null {
  const calmMs = calmMedianMs(evidence);
  if (calmMs > CALM_P50_MS) return `calm median of ${Math.round(calmMs)} ms`;
  const { loopP99Ms, loadPerCore } = evidence.machine;
  if (loopP99Ms > LOOP_P99_MS) return `the bench itself was up to ${Math.round(loopP99Ms)} ms late (p99)`;
  return loadPerCore > LOAD_PER_CORE ? `a load of ${loadPerCore.toFixed(1)} on each core` : null;
}
