import { plannedTimes } from './answer.ts';
import { appendCost } from './append.ts';
import { openCandidates, writeCandidates } from './candidates.ts';
import { assigningCost, hopS, limitOf } from './cost.ts';
import { reasonOf } from './eligibility.ts';
import { tryInsertion } from './insertion.ts';
import { compareIds } from './order.ts';
import { costParts, difference } from './parts.ts';
import type { Decision, RuledOutReason } from './question.ts';
import type { Related } from './related.ts';
import type { Routes } from './routes.ts';

/** So many drivers are tried for the alternatives of one delivery. */
const TRIED_MAX = 12;

export type RuledOutCounts = Partial<Record<RuledOutReason, number>>;

/** How a policy judges other drivers: why not this one, and what all would cost more with them. */
export interface Judge {
  whyNot(i: number, j: number): RuledOutReason | null;
  /** Drivers worth a look. */
  others(i: number): Int32Array;
  riseS(i: number, j: number): number;
}

/** Why these drivers and not others: one record for each delivery asked about. */
export function explain(routes: Routes, which: readonly number[], judge: Judge): Decision[] {
  const { model, driverOf } = routes;
  return which.map((i) => {
    const mine = driverOf[i]!;
    const own = mine < 0 ? null : ownCost(routes, i, mine);
    const ruledOut = countRuledOut(routes, i, mine, judge);
    const alternatives = alternativesFor(routes, i, own?.exactS ?? 0, judge, ruledOut);
    return {
      deliveryId: model.deliveries[i]!.id,
      driverId: mine < 0 ? null : model.drivers[mine]!.id,
      costS: own?.costS ?? null,
      parts: own?.parts ?? null,
      ...plannedTimes(routes, i),
      alternatives,
      ruledOut,
    };
  });
}

function ownCost({ model, stops }: Routes, i: number, j: number) {
  const route = stops[j]!;
  const withIt = costParts(model, j, route);
  const without = costParts(
    model,
    j,
    route.filter((stop) => stop >> 1 !== i),
  );
  const beside = assigningCost(model, i, j);
  const { costS, ...parts } = difference(withIt, without, beside);
  const sum = (of: typeof withIt): number => of.waitingS + of.lateS + of.drivingS + of.otherS;
  return { costS, parts, exactS: sum(withIt) - sum(without) + beside };
}

function countRuledOut({ model }: Routes, i: number, mine: number, judge: Judge): RuledOutCounts {
  const counts: RuledOutCounts = {};
  for (let j = 0; j < model.m; j += 1) {
    const reason = j === mine ? null : judge.whyNot(i, j);
    if (reason) counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

/** The best others. Who cannot because of what they have in hand is added to `ruledOut`. */
function alternativesFor(routes: Routes, i: number, ownS: number, judge: Judge, ruledOut: RuledOutCounts) {
  const { model, driverOf } = routes;
  const choices: { driverId: string; extraS: number }[] = [];
  let inTheWay = 0;
  for (const j of judge.others(i)) {
    if (j === driverOf[i] || judge.whyNot(i, j)) continue;
    const rise = judge.riseS(i, j);
    if (rise === Number.POSITIVE_INFINITY) inTheWay += 1;
    else choices.push({ driverId: model.drivers[j]!.id, extraS: Math.round(rise - ownS) });
  }
  if (inTheWay > 0) ruledOut.route_in_hand = (ruledOut.route_in_hand ?? 0) + inTheWay;
  choices.sort((a, b) => a.extraS - b.extraS || compareIds(a.driverId, b.driverId));
  return choices.slice(0, model.settings.alternatives);
}

/** Each driver who may have it is judged by the cheapest place in the route that is planned for them. */
export function plannedJudge(routes: Routes, related: Related): Judge {
  const { model } = routes;
  const candidates = openCandidates(routes, related, TRIED_MAX);
  const { trial } = candidates;
  const out = new Int32Array(2 * TRIED_MAX);
  return {
    whyNot: (i, j) => reasonOf(model.ruledOut[i * model.m + j]!) ?? tooLate(routes, i, j),
    others: (i) => out.slice(0, writeCandidates(candidates, i, out, 0)),
    riseS: (i, j) => tryInsertion(trial, i, j, Number.POSITIVE_INFINITY, null),
  };
}

/** Each driver who may have it now is judged by what it costs behind all they have. */
export function nearestJudge(routes: Routes, whyNot: Judge['whyNot']): Judge {
  const everybody = Int32Array.from(routes.model.drivers.keys());
  return { whyNot, others: () => everybody, riseS: (i, j) => appendCost(routes, i, j) };
}

/** What would stand in the way even of a driver who had nothing else to do. */
function tooLate({ model }: Routes, i: number, j: number): RuledOutReason | null {
  const { earliest, latest } = model.byStop;
  const { free, vehicle } = model.byDriver;
  if (model.byDelivery.aboard[i]) return null;
  const pickup = 2 * i;
  const dropoff = pickup + 1;
  const picked = Math.max(free[j]! + hopS(model, vehicle[j]!, 2 * model.n + j, pickup), earliest[pickup]!);
  const dropped = Math.max(picked + hopS(model, vehicle[j]!, pickup, dropoff), earliest[dropoff]!);
  if (dropped - picked > model.byDelivery.maxAboard[i]!) return 'aboard_too_long';
  if (picked > latest[pickup]! || dropped > latest[dropoff]!) return 'window';
  return picked > limitOf(model, j, pickup) || dropped > limitOf(model, j, dropoff) ? 'shift_end' : null;
}
