import { doorCost, endingCost, waitingCost } from './cost.ts';
import { aboardTooLong, type Routes, withDelivery } from './routes.ts';

/** Less than this decides nothing: sums that are made in another order differ by as much. */
const ROUNDING = 1e-7;

/** Says now and then that a place is to be overlooked, which lets the search find other routes. */
export type Blink = () => boolean;

/**
 * What is being tried, and where it costs least: one delivery in one route. One of them serves all tries, each of which
 * writes over the one before, so that nothing is allocated in the inner loop.
 */
export interface Trial {
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

export function openTrial(routes: Routes): Trial {
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
 * What the route costs in all if it goes on with stop k behind the new dropoff, `onward` away from it. Infinity where a
 * limit is broken, or where it is known to cost no less than the best.
 */
export function restCost(trial: Trial, k: number, onward: number, handedOver: number, costThere: number): number {
  const { routes, i, j, best } = trial;
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
export function take(trial: Trial, pickupAt: number, dropoffAt: number, cost: number): void {
  const { routes, i, j } = trial;
  if (cost >= trial.best - ROUNDING) return;
  if (routes.model.rules.agesAboard) {
    const stops = withDelivery(routes.stops[j]!, i, pickupAt, dropoffAt);
    if (aboardTooLong(routes, j, stops)) return;
  }
  trial.best = cost;
  trial.pickupAt = pickupAt;
  trial.dropoffAt = dropoffAt;
}
