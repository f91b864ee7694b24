import type { Evidence, Violation } from '../history.ts';
import { checkFresh, checkRefusals, checkReplays } from './answers.ts';
import { checkApart } from './apart.ts';
import { checkArranged } from './arranged.ts';
import { checkBorders } from './borders.ts';
import { checkCallers } from './callers.ts';
import { checkCauses } from './causes.ts';
import { checkClocks } from './clocks.ts';
import type { Count } from './count.ts';
import { checkCrowds } from './crowds.ts';
import { checkDurable, checkOnce, checkPaths } from './deliveries.ts';
import { checkChoices, checkLoads } from './drivers.ts';
import { checkEffects } from './effects.ts';
import { checkExclusions } from './exclusions.ts';
import { checkFollows } from './follows.ts';
import { checkOffers } from './offers.ts';
import { checkPositions } from './positions.ts';
import { checkLogs, checkPairs, checkProcesses } from './processes.ts';
import { checkProjection } from './projection.ts';
import { checkDeadlines, checkDegraded, checkLatency, checkRecovery } from './promises.ts';
import { checkProofs } from './proofs.ts';
import { checkRetries } from './retries.ts';
import { checkRoutes } from './routes.ts';
import { checkShifts } from './shifts.ts';
import { checkSilence } from './silence.ts';
import { checkWaiting } from './waiting.ts';
import { checkFairness, checkWebhooks } from './webhooks.ts';
import { checkWithdrawn } from './withdrawn.ts';

/** What must hold (design: faults.md), and P1-P10: what callers are promised while something is wrong. */
export const CHECKS = {
  I1: checkLoads,
  I2: checkOnce,
  I3: (evidence, count?) => [...checkDurable(evidence, count), ...checkEffects(evidence, count)],
  I4: checkPaths,
  I5: checkFresh,
  I6: (evidence, count?) => [...checkWebhooks(evidence, count), ...checkRetries(evidence, count)],
  I7: checkProjection,
  I8: checkChoices,
  I9: checkRefusals,
  I10: checkReplays,
  I12: checkBorders,
  I13: checkProcesses,
  I14: checkLogs,
  I15: (evidence, count?) => [...checkRoutes(evidence, count), ...checkArranged(evidence, count)],
  I16: (evidence, count?) => [...checkWaiting(evidence, count), ...checkExclusions(evidence, count)],
  I17: checkFollows,
  I18: checkSilence,
  I20: checkShifts,
  I21: checkPairs,
  I22: checkApart,
  I23: checkCauses,
  I24: checkOffers,
  I25: checkProofs,
  P1: checkDeadlines,
  P2: checkDegraded,
  P3: checkLatency,
  P4: checkRecovery,
  P5: checkFairness,
  P6: checkClocks,
  P7: checkCrowds,
  P8: checkPositions,
  P9: checkWithdrawn,
  P10: checkCallers,
} as const satisfies Record<string, (evidence: Evidence, count?: Count) => Violation[]>;

export function checkAll(evidence: Evidence): Violation[] {
  return Object.values(CHECKS).flatMap((check) => check(evidence));
}

/** The same, and how much each check has judged: none where all was excused. */
export function judgeAll(evidence: Evidence): { found: Violation[]; judged: Readonly<Record<string, number>> } {
  const judged: Record<string, number> = {};
  const found = Object.entries(CHECKS).flatMap(([name, check]) => {
    judged[name] = 0;
    return check(evidence, (things) => {
      judged[name] = (judged[name] ?? 0) + things;
    });
  });
  return { found, judged };
}
