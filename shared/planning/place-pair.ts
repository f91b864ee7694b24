import { PICKUP } from './by-delivery.ts';
import { doorCost, endingCost, hopS, limitOf, waitingCost } from './cost.ts';
import { type Blink, restCost, type Trial, take } from './trial.ts';

/** Pickup and dropoff: each place for the pickup that can still be worth it, and behind it each for the dropoff. */
export function placePair(trial: Trial, blink: Blink | null): void {
  const { routes, i, j, limit, direct } = trial;
  const { model, time, costBefore, costAfter } = routes;
  const { rules, byStop, byDriver } = model;
  const stops = routes.stops[j]!;
  const last = stops.length;
  const vehicle = byDriver.vehicle[j]!;
  const pickup = 2 * i;
  for (let p = trial.reach; p >= byDriver.locked[j]!; p -= 1) {
    const at = p > 0 ? stops[p - 1]! : 2 * model.n + j;
    const left = p > 0 ? time[at]! : byDriver.free[j]!;
    if (left > limit || !fitsAt(trial, p, at) || blink?.()) continue;
    const hop = hopS(model, vehicle, at, pickup);
    const t = Math.max(left + hop, byStop.earliest[pickup]!);
    if (t > limit) continue;
    const until = p < last ? costBefore[stops[p]!]! : routes.stopsCost[j]!;
    const cost = until + rules.drivingPrice * hop + waitingCost(model, pickup, t);
    const rest = p < last ? costAfter[stops[p]!]! : 0;
    if (cost + rest + trial.leastEnd + waitingCost(model, pickup + 1, t + direct) >= trial.best) continue;
    trial.p = p;
    trial.picked = t;
    trial.costThere = cost;
    placeDropoff(trial);
  }
}

/** Whether a pickup fits at position p, behind stop `at`. Says too whether its dropoff has to follow at once. */
function fitsAt(trial: Trial, p: number, at: number): boolean {
  const { routes, i, j } = trial;
  const { model, load, held, visitLoad } = routes;
  const { rules, byStop, byDriver } = model;
  const { kind, visit } = byStop;
  const stops = routes.stops[j]!;
  const aboard = p > 0 ? load[at]! : byDriver.aboardLoad[j]!;
  const claimed = p > 0 ? held[at]! : routes.toldLoad[j]!;
  if (claimed > trial.room || (rules.oneByOne && aboard > 0)) return false;
  const next = p < stops.length ? stops[p]! : at;
  const nextIsPickup = p < stops.length && kind[next] === PICKUP;
  const joins = visit[at] === visit[2 * i];
  const joinsNext = p < stops.length && visit[next] === visit[2 * i];
  if (joins && joinsNext) return false; // The end of a visit stands for every position in it.
  if (rules.onePickup && (joins ? visitLoad[at]! : aboard) > 0) return false;
  trial.alone = rules.oneByOne || joinsNext || (rules.onePickup && nextIsPickup);
  return true;
}

/** The ways between the new dropoff and each stop of the route: they are the same for each place of the pickup. */
function measureWays(trial: Trial): void {
  const { routes, i, j, toDropoff, fromDropoff } = trial;
  const { model } = routes;
  const stops = routes.stops[j]!;
  const vehicle = model.byDriver.vehicle[j]!;
  for (let k = 0; k < stops.length; k += 1) {
    toDropoff[k] = hopS(model, vehicle, stops[k]!, 2 * i + 1);
    fromDropoff[k] = hopS(model, vehicle, 2 * i + 1, stops[k]!);
  }
  trial.waysKnown = true;
}

/** The dropoff at each place behind the pickup that is looked at. */
function placeDropoff(trial: Trial): void {
  if (!trial.waysKnown) measureWays(trial);
  const { routes, i, j, p, alone, leastEnd } = trial;
  const { model, held, way, lastOk, costAfter } = routes;
  const { rules, byStop, byDelivery, byDriver } = model;
  const stops = routes.stops[j]!;
  const dropoff = 2 * i + 1;
  const limit = Math.min(limitOf(model, j, dropoff), trial.picked + byDelivery.maxAboard[i]!);
  let t = trial.picked;
  let cost = trial.costThere;
  for (let d = p; ; d += 1) {
    routes.effort += 1;
    const hop = d === p ? trial.direct : trial.toDropoff[d - 1]!;
    const dropped = Math.max(t + hop, byStop.earliest[dropoff]!);
    if (dropped <= limit) {
      const onTheWay = rules.drivingPrice * hop + doorCost(model, dropoff, t + hop);
      takeDropoff(trial, d, dropped, cost + onTheWay + waitingCost(model, dropoff, dropped));
    }
    if (d === stops.length || alone) return;
    const stop = stops[d]!;
    if (held[stop]! > trial.room || (rules.onePickup && byStop.kind[stop] === PICKUP)) return;
    const step = d === p ? hopS(model, byDriver.vehicle[j]!, 2 * i, stop) : way[stop]!;
    cost += rules.drivingPrice * step + doorCost(model, stop, t + step);
    t = Math.max(t + step, byStop.earliest[stop]!);
    if (t > lastOk[stop]!) return;
    if (cost + costAfter[stop]! + leastEnd + waitingCost(model, dropoff, t) >= trial.best) return;
    cost += waitingCost(model, stop, t);
  }
}

/** Judges the dropoff at position d of the old route, handed over at time t at this cost so far. */
function takeDropoff(trial: Trial, d: number, t: number, cost: number): void {
  const { routes, i, j, p } = trial;
  const { model, stops } = routes;
  const next = stops[j]![d];
  if (next === undefined) take(trial, p, d + 1, cost + endingCost(model, j, 2 * i + 1, t));
  else {
    const onward = model.rules.drivingPrice * trial.fromDropoff[d]! + routes.costAfter[next]!;
    if (cost + onward + routes.endCost[j]! < trial.best) {
      take(trial, p, d + 1, restCost(trial, d, trial.fromDropoff[d]!, t, cost));
    }
  }
}
