import { assigningCost, doorCost, endingCost, hopS, limitOf, unfairStepCost, waitingCost } from './cost.ts';
import { PICKUP } from './delivery-arrays.ts';
import { aboardTooLong, deliveriesIn, type Routes, withDelivery } from './routes.ts';

/** Where a delivery costs least in a route. Each try writes over the one before. */
export interface Insertion {
  /** What all costs more with it; Infinity where it cannot be, or only at a price of `bar` or more. */
  riseS: number;
  /** Position of the pickup; -1 for a parcel that is aboard. */
  pickupAt: number;
  /** Position of the dropoff in the new route. */
  dropoffAt: number;
}

export function emptyInsertion(): Insertion {
  return { riseS: Number.POSITIVE_INFINITY, pickupAt: -1, dropoffAt: -1 };
}

/** Says now and then that a place is to be overlooked, which lets the search find other routes. */
export type Blink = () => boolean;

/** A try under way: one delivery, one route, the least cost so far. */
interface Try {
  routes: Routes;
  i: number;
  j: number;
  vehicle: number;
  stops: readonly number[];
  /** Load up to which the parcel still fits. */
  room: number;
  best: number;
  /** No end of the new route costs less. */
  leastEnd: number;
  found: Insertion;
}

/**
 * The cheapest places for delivery i in the route of driver j. Whatever the delivery adds delays the stops behind it, so
 * that the old costs from there on bound the new ones from below: most places are ruled out without following the route.
 */
export function tryInsertion(
  routes: Routes,
  i: number,
  j: number,
  bar: number,
  found: Insertion,
  blink: Blink | null = null,
): number {
  const { model } = routes;
  const stops = routes.stops[j]!;
  found.riseS = Number.POSITIVE_INFINITY;
  if (model.told[i]! >= 0 && overfull(routes, i, j)) return found.riseS;
  const fair = model.fairStepS === 0 ? 0 : unfairStepCost(model, j, deliveriesIn(stops) + 1);
  const beside = assigningCost(model, i, j) + fair;
  const before = routes.cost[j]!;
  const trial: Try = {
    routes,
    i,
    j,
    vehicle: model.vehicle[j]!,
    stops,
    room: model.room[j]! - model.size[i]!,
    best: before + bar - beside,
    leastEnd: leastEnd(routes, j, 2 * i + 1),
    found,
  };
  const start = trial.best;
  if (model.aboard[i]) placeAboard(trial);
  else placePair(trial, blink);
  if (trial.best < start) found.riseS = trial.best - before + beside;
  return found.riseS;
}

/**
 * All that somebody was told stays told: whoever takes such a delivery over is told at once, beside all they were told
 * already, and that has to fit together, since the sum of it is what their load is taken for.
 */
function overfull({ model, toldLoad, movedIn }: Routes, i: number, j: number): boolean {
  if (toldLoad[j]! + model.size[i]! <= model.room[j]!) return false;
  return model.told[i] !== j || movedIn[j]! > 0;
}

/** The last stop of the new route is the old one, or the dropoff behind it, and neither is earlier. */
function leastEnd({ model, stops, endCost, time }: Routes, j: number, dropoff: number): number {
  const route = stops[j]!;
  if (route.length === 0) return 0;
  return Math.min(endCost[j]!, endingCost(model, j, dropoff, time[route.at(-1)!]!));
}

/** A parcel that is aboard: only its dropoff is to be placed. */
function placeAboard(trial: Try): void {
  const { routes, i, j, vehicle, stops, found } = trial;
  const { model, load, time } = routes;
  const { kind, told, free, earliest, settings } = model;
  const dropoff = 2 * i + 1;
  const limit = limitOf(model, j, dropoff);
  const first = model.locked[j]!;
  for (let d = first; d <= stops.length; d += 1) {
    const at = d > 0 ? stops[d - 1]! : 2 * model.n + j;
    if (d > first) {
      const mixed = settings.bundle !== 'any' && kind[at] === PICKUP && told[at >> 1] !== j;
      if (load[at]! > model.room[j]! || mixed) return;
    }
    const hop = hopS(model, vehicle, at, dropoff);
    const arrival = (d > 0 ? time[at]! : free[j]!) + hop;
    const t = Math.max(arrival, earliest[dropoff]!);
    if (t > limit) continue;
    const until = d < stops.length ? routes.costBefore[stops[d]!]! : routes.stopsCost[j]!;
    const cost = until + model.price * hop + doorCost(model, dropoff, arrival) + waitingCost(model, dropoff, t);
    const all = restCost(trial, d, t, cost);
    if (all >= trial.best || aboardTooLong(routes, j, withDelivery(stops, i, -1, d))) continue;
    trial.best = all;
    found.pickupAt = -1;
    found.dropoffAt = d;
  }
}

/** Pickup and dropoff. */
function placePair(trial: Try, blink: Blink | null): void {
  const { routes, i, j, vehicle, stops, room } = trial;
  const { model, load, visitLoad, time, costBefore, costAfter } = routes;
  const { kind, place, settings } = model;
  const pickup = 2 * i;
  const dropoff = pickup + 1;
  const limit = limitOf(model, j, pickup);
  const direct = hopS(model, vehicle, pickup, dropoff);
  const last = stops.length;
  for (let p = model.locked[j]!; p <= last; p += 1) {
    const at = p > 0 ? stops[p - 1]! : 2 * model.n + j;
    const aboard = p > 0 ? load[at]! : model.aboardLoad[j]!;
    if (aboard > room || (settings.bundle === 'none' && aboard > 0)) continue;
    if (blink?.()) continue;
    const next = p < last ? stops[p]! : -1;
    const joins = kind[at] === PICKUP && place[at] === place[pickup];
    const joinsNext = next >= 0 && kind[next] === PICKUP && place[next] === place[pickup];
    if (joins && joinsNext) continue; // The end of a visit stands for every position in it.
    if (settings.bundle === 'same_pickup' && (joins ? visitLoad[at]! : aboard) > 0) continue;
    const hop = hopS(model, vehicle, at, pickup);
    const left = p > 0 ? time[at]! : model.free[j]!;
    if (left > limit) return;
    const t = Math.max(left + hop, model.earliest[pickup]!);
    if (t > limit) continue;
    const until = p < last ? costBefore[next]! : routes.stopsCost[j]!;
    const cost = until + model.price * hop + waitingCost(model, pickup, t);
    const doorstep = waitingCost(model, dropoff, t + direct);
    if (p < last && cost + costAfter[next]! + trial.leastEnd + doorstep >= trial.best) continue;
    const beforePickup = next >= 0 && kind[next] === PICKUP;
    const alone = settings.bundle === 'none' || joinsNext || (settings.bundle === 'same_pickup' && beforePickup);
    placeDropoff(trial, p, t, cost, direct, alone);
  }
}

/** The dropoff at each place behind a pickup at position p and time `picked`; `alone`: only right behind it. */
function placeDropoff(trial: Try, p: number, picked: number, costThere: number, direct: number, alone: boolean): void {
  const { routes, i, j, vehicle, stops, found } = trial;
  const { model, load, way, lastOk, costAfter } = routes;
  const { price, earliest, kind, settings } = model;
  const dropoff = 2 * i + 1;
  const limit = Math.min(limitOf(model, j, dropoff), picked + model.maxAboard[i]!);
  let prev = 2 * i;
  let t = picked;
  let cost = costThere;
  for (let d = p; ; d += 1) {
    routes.effort += 1;
    const hop = d === p ? direct : hopS(model, vehicle, prev, dropoff);
    const dropped = Math.max(t + hop, earliest[dropoff]!);
    if (dropped <= limit) {
      const withDoor = cost + price * hop + doorCost(model, dropoff, t + hop) + waitingCost(model, dropoff, dropped);
      const all = withDoor < trial.best ? restCost(trial, d, dropped, withDoor) : Number.POSITIVE_INFINITY;
      if (all < trial.best && !aboardTooLong(routes, j, withDelivery(stops, i, p, d + 1))) {
        trial.best = all;
        found.pickupAt = p;
        found.dropoffAt = d + 1;
      }
    }
    if (d === stops.length || alone) return;
    const stop = stops[d]!;
    if (load[stop]! > trial.room || (settings.bundle === 'same_pickup' && kind[stop] === PICKUP)) return;
    const step = d === p ? hopS(model, vehicle, prev, stop) : way[stop]!;
    cost += price * step + doorCost(model, stop, t + step);
    t = Math.max(t + step, earliest[stop]!);
    if (t > lastOk[stop]!) return;
    if (cost + costAfter[stop]! + trial.leastEnd + waitingCost(model, dropoff, t) >= trial.best) return;
    cost += waitingCost(model, stop, t);
    prev = stop;
  }
}

/**
 * What the route costs in all if it goes on behind the new dropoff, handed over at time t, at position k. Infinity where
 * a limit is broken, or where it is known to cost no less than the best.
 */
function restCost(trial: Try, k: number, handedOver: number, costThere: number): number {
  const { routes, i, j, vehicle, stops, best } = trial;
  const { model, time, way, lastOk, costAfter } = routes;
  let at = 2 * i + 1;
  let t = handedOver;
  let cost = costThere;
  for (let d = k; d < stops.length; d += 1) {
    const stop = stops[d]!;
    const step = d === k ? hopS(model, vehicle, at, stop) : way[stop]!;
    cost += model.price * step + doorCost(model, stop, t + step);
    t = Math.max(t + step, model.earliest[stop]!);
    if (t > lastOk[stop]!) return Number.POSITIVE_INFINITY;
    // In time again: from here on all is as before.
    if (t === time[stop]) return cost + costAfter[stop]! + routes.doorsAfter[stop]! + routes.endCost[j]!;
    if (cost + costAfter[stop]! + routes.endCost[j]! >= best) return Number.POSITIVE_INFINITY;
    cost += waitingCost(model, stop, t);
    at = stop;
  }
  return cost + endingCost(model, j, at, t);
}
