import { assigningCost, doorCost, endingCost, hopS, limitOf, unfairStepCost, waitingCost } from './cost.ts';
import { deliveriesIn, insert, type Routes, unplaced } from './routes.ts';

/**
 * Gives what nobody has to the drivers who can do it at least cost behind all they do already: the quick way, for a
 * search that was stopped. What is most urgent comes first.
 */
export function appendRest(routes: Routes): void {
  const { due } = routes.model.byStop;
  const list = unplaced(routes).sort((a, b) => due[2 * a + 1]! - due[2 * b + 1]! || a - b);
  for (const i of list) appendCheapest(routes, i);
}

function appendCheapest(routes: Routes, i: number): void {
  const { model } = routes;
  let least = assigningCost(model, i, -1);
  let best = -1;
  for (let j = 0; j < model.m; j += 1) {
    if (model.ruledOut[i * model.m + j] !== 0) continue;
    const rise = appendCost(routes, i, j);
    if (rise >= least) continue;
    least = rise;
    best = j;
  }
  if (best >= 0) append(routes, i, best);
}

/** Puts a delivery behind the end of a route. */
export function append(routes: Routes, i: number, j: number): void {
  const end = routes.stops[j]!.length;
  insert(routes, i, j, end, end + 1);
}

/** What the route of driver j costs more with this delivery behind its end; Infinity where that breaks a limit. */
export function appendCost(routes: Routes, i: number, j: number): number {
  const { model, cost, stopsCost } = routes;
  const pickup = 2 * i;
  const dropoff = pickup + 1;
  const { way, direct, picked, dropped } = appendTimes(routes, i, j);
  if (picked > limitOf(model, j, pickup) || dropped > limitOf(model, j, dropoff)) return Number.POSITIVE_INFINITY;
  if (dropped - picked > model.byDelivery.maxAboard[i]!) return Number.POSITIVE_INFINITY;
  const customers = waitingCost(model, pickup, picked) + waitingCost(model, dropoff, dropped);
  const onTheWay = model.rules.drivingPrice * (way + direct) + doorCost(model, dropoff, picked + direct);
  const beside = assigningCost(model, i, j) + unfairStepCost(model, j, deliveriesIn(routes.stops[j]!) + 1);
  return stopsCost[j]! + customers + onTheWay + endingCost(model, j, dropoff, dropped) - cost[j]! + beside;
}

/** When a delivery would be collected and handed over behind all that a driver does, and the ways to there. */
export interface Appended {
  way: number;
  direct: number;
  picked: number;
  dropped: number;
}

export function appendTimes(routes: Routes, i: number, j: number): Appended {
  const { model, endStop, endTime } = routes;
  const { earliest } = model.byStop;
  const { vehicle } = model.byDriver;
  const way = hopS(model, vehicle[j]!, endStop[j]!, 2 * i);
  const direct = hopS(model, vehicle[j]!, 2 * i, 2 * i + 1);
  const picked = Math.max(endTime[j]! + way, earliest[2 * i]!);
  return { way, direct, picked, dropped: Math.max(picked + direct, earliest[2 * i + 1]!) };
}
