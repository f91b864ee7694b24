import { PICKUP } from './by-delivery.ts';
import { assigningCost, doorCost, endingCost, hopS, limitOf, unfairStepCost, waitingCost } from './cost.ts';
import { aboardTooLong, deliveriesIn, type Routes, withDelivery } from './routes.ts';

/** Less than this decides nothing: sums that are made in another order differ by as much. */
const ROUNDING = 1e-7;

/** Says now and then that a place is to be overlooked, which lets the search find other routes. */
export type Blink = () => boolean;

/** Where a delivery costs least in a route. One of them serves all tries: each writes over the one before. */
export interface Insertion {
  routes: Routes;
  /** What all costs more with it; Infinity where it cannot be, or only at a price of `bar` or more. */
  riseS: number;
  /** Position of the pickup; -1 for a parcel that is aboard. */
  pickupAt: number;
  /** Position of the dropoff in the new route. */
  dropoffAt: number;
  // ---- The try under way: delivery, driver, the least cost so far, and what no end of the new route costs less than.
  i: number;
  j: number;
  best: number;
  leastEnd: number;
  /** Units up to which it fits beside what is held, and the last position that it may have. */
  room: number;
  reach: number;
  /** Latest pickup, and the way from it to the dropoff. */
  limit: number;
  direct: number;
  /** By position: the ways from the stop there to the dropoff and back, once they are needed. */
  waysKnown: boolean;
  toDropoff: Float64Array;
  fromDropoff: Float64Array;
  /** The place of the pickup that is looked at: position, hand-over, cost up to then; whether the dropoff has to follow. */
  p: number;
  picked: number;
  costThere: number;
  alone: boolean;
}

export function openInsertion(routes: Routes): Insertion {
  const never = Number.POSITIVE_INFINITY;
  const longest = 2 * routes.model.n;
  return {
    routes,
    riseS: never,
    pickupAt: -1,
    dropoffAt: -1,
    i: -1,
    j: -1,
    best: never,
    leastEnd: never,
    room: never,
    reach: -1,
    limit: never,
    direct: never,
    waysKnown: false,
    toDropoff: new Float64Array(longest),
    fromDropoff: new Float64Array(longest),
    p: -1,
    picked: never,
    costThere: never,
    alone: false,
  };
}

/**
 * The cheapest places for delivery i in the route of driver j; returns what all costs more with it. Whatever is added
 * delays the stops behind it, so that the old costs from there on bound the new ones from below: most places are ruled
 * out without following the route. Among equals the last place counts: who came first is served first.
 */
export function tryInsertion(insertion: Insertion, i: number, j: number, bar: number, blink: Blink | null): number {
  const { routes } = insertion;
  const { model } = routes;
  insertion.riseS = Number.POSITIVE_INFINITY;
  insertion.reach = reachOf(routes, i, j);
  if (insertion.reach < 0) return insertion.riseS;
  const fair = model.rules.fairStepS === 0 ? 0 : unfairStepCost(model, j, deliveriesIn(routes.stops[j]!) + 1);
  const base = routes.cost[j]! - assigningCost(model, i, j) - fair;
  const inHandAlone = model.byDelivery.told[i] === j && routes.fresh[j] === 0;
  insertion.i = i;
  insertion.j = j;
  insertion.room = inHandAlone ? Number.POSITIVE_INFINITY : model.byDriver.room[j]! - model.byDelivery.size[i]!;
  insertion.best = base + bar;
  insertion.leastEnd = leastEnd(routes, j, 2 * i + 1);
  const start = insertion.best;
  if (model.byDelivery.aboard[i]) placeAboard(insertion);
  else {
    insertion.limit = limitOf(model, j, 2 * i);
    insertion.direct = hopS(model, model.byDriver.vehicle[j]!, 2 * i, 2 * i + 1);
    insertion.waysKnown = false;
    placePair(insertion, blink);
  }
  if (insertion.best < start) insertion.riseS = insertion.best - base;
  return insertion.riseS;
}

/**
 * How far into the route a delivery that somebody was told may reach, as it has to fit beside all that is held from the
 * start on; -1: not at all. What is in hand alone is not asked whether it fits.
 */
function reachOf(routes: Routes, i: number, j: number): number {
  const { model, held, fresh, toldLoad } = routes;
  const stops = routes.stops[j]!;
  const { told, size } = model.byDelivery;
  if (told[i]! < 0 || (told[i] === j && fresh[j] === 0)) return stops.length;
  const room = model.byDriver.room[j]! - size[i]!;
  if (toldLoad[j]! > room) return -1;
  const full = stops.findIndex((stop) => held[stop]! > room);
  return full < 0 ? stops.length : full;
}

/** The last stop of the new route is the old one, or the dropoff behind it, and neither is earlier. */
function leastEnd({ model, stops, endCost, endTime }: Routes, j: number, dropoff: number): number {
  if (stops[j]!.length === 0) return 0;
  return Math.min(endCost[j]!, endingCost(model, j, dropoff, endTime[j]!));
}

/** A parcel that is aboard: only its dropoff is to be placed. */
function placeAboard(insertion: Insertion): void {
  const { routes, i, j } = insertion;
  const { model, time } = routes;
  const { rules, byStop, byDelivery, byDriver } = model;
  const stops = routes.stops[j]!;
  const dropoff = 2 * i + 1;
  const limit = limitOf(model, j, dropoff);
  const first = byDriver.locked[j]!;
  for (let d = first; d <= insertion.reach; d += 1) {
    const at = d > 0 ? stops[d - 1]! : 2 * model.n + j;
    if (d > first) {
      const mixed = (rules.oneByOne || rules.onePickup) && byDelivery.told[at >> 1] !== j;
      if (mixed && byStop.kind[at] === PICKUP) return;
    }
    const hop = hopS(model, byDriver.vehicle[j]!, at, dropoff);
    const arrival = (d > 0 ? time[at]! : byDriver.free[j]!) + hop;
    const t = Math.max(arrival, byStop.earliest[dropoff]!);
    if (t > limit) continue;
    const until = d < stops.length ? routes.costBefore[stops[d]!]! : routes.stopsCost[j]!;
    const onTheWay = rules.drivingPrice * hop + doorCost(model, dropoff, arrival);
    const onward = d < stops.length ? hopS(model, byDriver.vehicle[j]!, dropoff, stops[d]!) : 0;
    const cost = until + onTheWay + waitingCost(model, dropoff, t);
    take(insertion, -1, d, restCost(insertion, d, onward, t, cost));
  }
}

/** Pickup and dropoff: each place for the pickup that can still be worth it, and behind it each for the dropoff. */
function placePair(insertion: Insertion, blink: Blink | null): void {
  const { routes, i, j, limit, direct } = insertion;
  const { model, time, costBefore, costAfter } = routes;
  const { rules, byStop, byDriver } = model;
  const stops = routes.stops[j]!;
  const last = stops.length;
  const vehicle = byDriver.vehicle[j]!;
  const pickup = 2 * i;
  for (let p = insertion.reach; p >= byDriver.locked[j]!; p -= 1) {
    const at = p > 0 ? stops[p - 1]! : 2 * model.n + j;
    const left = p > 0 ? time[at]! : byDriver.free[j]!;
    if (left > limit || !fitsAt(insertion, p, at) || blink?.()) continue;
    const hop = hopS(model, vehicle, at, pickup);
    const t = Math.max(left + hop, byStop.earliest[pickup]!);
    if (t > limit) continue;
    const until = p < last ? costBefore[stops[p]!]! : routes.stopsCost[j]!;
    const cost = until + rules.drivingPrice * hop + waitingCost(model, pickup, t);
    const rest = p < last ? costAfter[stops[p]!]! : 0;
    if (cost + rest + insertion.leastEnd + waitingCost(model, pickup + 1, t + direct) >= insertion.best) continue;
    insertion.p = p;
    insertion.picked = t;
    insertion.costThere = cost;
    placeDropoff(insertion);
  }
}

/** Whether a pickup fits at position p, behind stop `at`. Says too whether its dropoff has to follow at once. */
function fitsAt(insertion: Insertion, p: number, at: number): boolean {
  const { routes, i, j } = insertion;
  const { model, load, held, visitLoad } = routes;
  const { rules, byStop, byDriver } = model;
  const { kind, visit } = byStop;
  const stops = routes.stops[j]!;
  const aboard = p > 0 ? load[at]! : byDriver.aboardLoad[j]!;
  const claimed = p > 0 ? held[at]! : routes.toldLoad[j]!;
  if (claimed > insertion.room || (rules.oneByOne && aboard > 0)) return false;
  const next = p < stops.length ? stops[p]! : at;
  const nextIsPickup = p < stops.length && kind[next] === PICKUP;
  const joins = visit[at] === visit[2 * i];
  const joinsNext = p < stops.length && visit[next] === visit[2 * i];
  if (joins && joinsNext) return false; // The end of a visit stands for every position in it.
  if (rules.onePickup && (joins ? visitLoad[at]! : aboard) > 0) return false;
  insertion.alone = rules.oneByOne || joinsNext || (rules.onePickup && nextIsPickup);
  return true;
}

/** The ways between the new dropoff and each stop of the route: they are the same for each place of the pickup. */
function measureWays(insertion: Insertion): void {
  const { routes, i, j, toDropoff, fromDropoff } = insertion;
  const { model } = routes;
  const stops = routes.stops[j]!;
  const vehicle = model.byDriver.vehicle[j]!;
  for (let k = 0; k < stops.length; k += 1) {
    toDropoff[k] = hopS(model, vehicle, stops[k]!, 2 * i + 1);
    fromDropoff[k] = hopS(model, vehicle, 2 * i + 1, stops[k]!);
  }
  insertion.waysKnown = true;
}

/** The dropoff at each place behind the pickup that is looked at. */
function placeDropoff(insertion: Insertion): void {
  if (!insertion.waysKnown) measureWays(insertion);
  const { routes, i, j, p, alone, leastEnd } = insertion;
  const { model, held, way, lastOk, costAfter } = routes;
  const { rules, byStop, byDelivery, byDriver } = model;
  const stops = routes.stops[j]!;
  const dropoff = 2 * i + 1;
  const limit = Math.min(limitOf(model, j, dropoff), insertion.picked + byDelivery.maxAboard[i]!);
  let t = insertion.picked;
  let cost = insertion.costThere;
  for (let d = p; ; d += 1) {
    routes.effort += 1;
    const hop = d === p ? insertion.direct : insertion.toDropoff[d - 1]!;
    const dropped = Math.max(t + hop, byStop.earliest[dropoff]!);
    if (dropped <= limit) {
      const onTheWay = rules.drivingPrice * hop + doorCost(model, dropoff, t + hop);
      takeDropoff(insertion, d, dropped, cost + onTheWay + waitingCost(model, dropoff, dropped));
    }
    if (d === stops.length || alone) return;
    const stop = stops[d]!;
    if (held[stop]! > insertion.room || (rules.onePickup && byStop.kind[stop] === PICKUP)) return;
    const step = d === p ? hopS(model, byDriver.vehicle[j]!, 2 * i, stop) : way[stop]!;
    cost += rules.drivingPrice * step + doorCost(model, stop, t + step);
    t = Math.max(t + step, byStop.earliest[stop]!);
    if (t > lastOk[stop]!) return;
    if (cost + costAfter[stop]! + leastEnd + waitingCost(model, dropoff, t) >= insertion.best) return;
    cost += waitingCost(model, stop, t);
  }
}

/** Judges the dropoff at position d of the old route, handed over at time t at this cost so far. */
function takeDropoff(insertion: Insertion, d: number, t: number, cost: number): void {
  const { routes, i, j, p } = insertion;
  const { model, stops } = routes;
  const next = stops[j]![d];
  if (next === undefined) take(insertion, p, d + 1, cost + endingCost(model, j, 2 * i + 1, t));
  else {
    const onward = model.rules.drivingPrice * insertion.fromDropoff[d]! + routes.costAfter[next]!;
    if (cost + onward + routes.endCost[j]! < insertion.best) {
      take(insertion, p, d + 1, restCost(insertion, d, insertion.fromDropoff[d]!, t, cost));
    }
  }
}

/**
 * What the route costs in all if it goes on with stop k behind the new dropoff, `onward` away from it. Infinity where a
 * limit is broken, or where it is known to cost no less than the best.
 */
function restCost(insertion: Insertion, k: number, onward: number, handedOver: number, costThere: number): number {
  const { routes, i, j, best } = insertion;
  const { model, time, way, lastOk, costAfter } = routes;
  const { rules, byStop } = model;
  const stops = routes.stops[j]!;
  let at = 2 * i + 1;
  let t = handedOver;
  let cost = costThere;
  for (let d = k; d < stops.length; d += 1) {
    const stop = stops[d]!;
    const step = d === k ? onward : way[stop]!;
    cost += rules.drivingPrice * step + doorCost(model, stop, t + step);
    t = Math.max(t + step, byStop.earliest[stop]!);
    if (t > lastOk[stop]!) return Number.POSITIVE_INFINITY;
    // In time again: from here on all is as before.
    if (t === time[stop]) return cost + costAfter[stop]! + routes.doorsAfter[stop]! + routes.endCost[j]!;
    if (cost + costAfter[stop]! + routes.endCost[j]! >= best) return Number.POSITIVE_INFINITY;
    cost += waitingCost(model, stop, t);
    at = stop;
  }
  return cost + endingCost(model, j, at, t);
}

/** Keeps a place that costs less than all before it, unless a parcel of the new route would be aboard for too long. */
function take(insertion: Insertion, pickupAt: number, dropoffAt: number, cost: number): void {
  const { routes, i, j } = insertion;
  if (cost >= insertion.best - ROUNDING) return;
  if (routes.model.rules.agesAboard) {
    const stops = withDelivery(routes.stops[j]!, i, pickupAt, dropoffAt);
    if (aboardTooLong(routes, j, stops)) return;
  }
  insertion.best = cost;
  insertion.pickupAt = pickupAt;
  insertion.dropoffAt = dropoffAt;
}
