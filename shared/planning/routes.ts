import { assigningCost, doorCost, endingCost, hopS, limitOf, unfairnessCost, waitingCost } from './cost.ts';
import type { Model } from './model.ts';

/**
 * Every driver's route and what follows from it. A stop is in one route at most, so what is known of it stands in arrays
 * by stop. The lists of stops are never changed in place, so a kept one stays as it was.
 */
export interface Routes {
  model: Model;
  /** By driver. */
  stops: (readonly number[])[];
  /** By delivery; -1: nobody. */
  driverOf: Int32Array;
  // ---- By driver: last stop (the start where there is none) and its hand-over; cost without what assigning costs, cost of the end, cost up to the end.
  endStop: Int32Array;
  endTime: Float64Array;
  cost: Float64Array;
  endCost: Float64Array;
  stopsCost: Float64Array;
  /** Units of all that somebody was told, and how many deliveries this driver was not told of. */
  toldLoad: Float64Array;
  fresh: Int32Array;
  // ---- By stop: hand-over; way and service since the stop before; units aboard afterwards, and before the visit.
  time: Float64Array;
  way: Float64Array;
  load: Float64Array;
  /**
   * Units that have to fit together afterwards: what is aboard, and all that somebody was told until it is handed over.
   * A driver is told only what fits beside all they hold, so that a route which counts on less cannot be told in time.
   */
  held: Float64Array;
  visitLoad: Float64Array;
  /** Cost up to the departure for it; cost from its hand-over on, without the end and without standing at later doors. */
  costBefore: Float64Array;
  costAfter: Float64Array;
  /** What standing at later doors costs. A delivery that comes later has less of it, so no bound may count on it. */
  doorsAfter: Float64Array;
  /** Latest hand-over that breaks no limit of this stop or a later one. */
  lastOk: Float64Array;
  /** Stops looked at so far: the measure of the search's effort. */
  effort: number;
}

export function openRoutes(model: Model): Routes {
  const { n, m } = model;
  const byStop = (): Float64Array => new Float64Array(2 * n + m);
  const routes: Routes = {
    model,
    stops: [...model.byDriver.inHand],
    driverOf: Int32Array.from(model.byDelivery.told),
    endStop: new Int32Array(m),
    endTime: new Float64Array(m),
    cost: new Float64Array(m),
    endCost: new Float64Array(m),
    stopsCost: new Float64Array(m),
    toldLoad: new Float64Array(m),
    fresh: new Int32Array(m),
    time: byStop(),
    way: byStop(),
    load: byStop(),
    held: byStop(),
    visitLoad: byStop(),
    costBefore: byStop(),
    costAfter: byStop(),
    doorsAfter: byStop(),
    lastOk: byStop(),
    effort: 0,
  };
  for (let j = 0; j < m; j += 1) timeRoute(routes, j);
  return routes;
}

/** Gives a driver other stops. `driverOf` is the caller's. */
export function setStops(routes: Routes, j: number, stops: readonly number[]): void {
  routes.stops[j] = stops;
  timeRoute(routes, j);
}

/** Follows a route: times, loads and costs of each of its stops. */
export function timeRoute(routes: Routes, j: number): void {
  const { model, time, way, load, held, visitLoad, costBefore, costAfter, doorsAfter } = routes;
  const { drivingPrice } = model.rules;
  const { visit, earliest } = model.byStop;
  const { size, told } = model.byDelivery;
  const stops = routes.stops[j]!;
  const vehicle = model.byDriver.vehicle[j]!;
  let at = 2 * model.n + j;
  let t = model.byDriver.free[j]!;
  let aboard = model.byDriver.aboardLoad[j]!;
  let atVisit = aboard;
  let claimed = countTold(routes, j, stops);
  let cost = 0;
  let doors = 0;
  for (const stop of stops) {
    const hop = hopS(model, vehicle, at, stop);
    const door = doorCost(model, stop, t + hop);
    if (visit[at] !== visit[stop]) atVisit = aboard;
    const units = stop & 1 ? -size[stop >> 1]! : size[stop >> 1]!;
    aboard += units;
    if (stop & 1 || told[stop >> 1]! < 0) claimed += units;
    t = Math.max(t + hop, earliest[stop]!);
    doors += door;
    way[stop] = hop;
    time[stop] = t;
    load[stop] = aboard;
    held[stop] = claimed;
    visitLoad[stop] = atVisit;
    costBefore[stop] = cost;
    cost += drivingPrice * hop + door;
    costAfter[stop] = cost;
    doorsAfter[stop] = doors;
    cost += waitingCost(model, stop, t);
    at = stop;
  }
  routes.endStop[j] = at;
  routes.endTime[j] = t;
  routes.stopsCost[j] = cost;
  routes.endCost[j] = stops.length > 0 ? endingCost(model, j, at, t) : 0;
  routes.cost[j] = cost + routes.endCost[j]!;
  lookBack(routes, j, stops, doors);
}

/** What has to be known of the stops behind each stop. */
function lookBack(routes: Routes, j: number, stops: readonly number[], doors: number): void {
  const { model, way, costAfter, doorsAfter, lastOk } = routes;
  let ok = Number.POSITIVE_INFINITY;
  for (let k = stops.length - 1; k >= 0; k -= 1) {
    const stop = stops[k]!;
    const rest = doors - doorsAfter[stop]!;
    costAfter[stop] = routes.stopsCost[j]! - costAfter[stop]! - rest;
    doorsAfter[stop] = rest;
    ok = Math.min(ok, limitOf(model, j, stop));
    lastOk[stop] = ok;
    ok -= way[stop]!;
  }
}

/** Units of all in this route that somebody was told. */
function countTold(routes: Routes, j: number, stops: readonly number[]): number {
  const { told, size } = routes.model.byDelivery;
  let units = 0;
  let fresh = 0;
  for (const stop of stops) {
    if (!(stop & 1)) continue;
    if (told[stop >> 1]! >= 0) units += size[stop >> 1]!;
    if (told[stop >> 1] !== j) fresh += 1;
  }
  routes.toldLoad[j] = units;
  routes.fresh[j] = fresh;
  return units;
}

/** What all routes cost, with what assigning costs beside them. */
export function totalCost({ model, stops, driverOf, cost }: Routes): number {
  let sum = 0;
  for (let j = 0; j < model.m; j += 1) {
    const route = stops[j]!;
    if (route.length > 0) sum += cost[j]! + unfairnessCost(model, j, deliveriesIn(route));
  }
  for (let i = 0; i < model.n; i += 1) sum += assigningCost(model, i, driverOf[i]!);
  return sum;
}

/** Each delivery of a route is handed over once. */
export function deliveriesIn(stops: readonly number[]): number {
  let count = 0;
  for (const stop of stops) count += stop & 1;
  return count;
}

/** The deliveries that nobody has. */
export function unplaced({ driverOf }: Routes): number[] {
  const list: number[] = [];
  for (let i = 0; i < driverOf.length; i += 1) if (driverOf[i]! < 0) list.push(i);
  return list;
}

/** Puts a delivery into a route: its pickup at `pickupAt` (-1: it is aboard), its dropoff at `dropoffAt` of the new route. */
export function insert(routes: Routes, i: number, j: number, pickupAt: number, dropoffAt: number): void {
  setStops(routes, j, withDelivery(routes.stops[j]!, i, pickupAt, dropoffAt));
  routes.driverOf[i] = j;
}

export function withDelivery(stops: readonly number[], i: number, pickupAt: number, dropoffAt: number): number[] {
  const out: number[] = [];
  for (const stop of stops) {
    if (out.length === pickupAt) out.push(2 * i);
    if (out.length === dropoffAt) out.push(2 * i + 1);
    out.push(stop);
  }
  if (out.length === pickupAt) out.push(2 * i);
  if (out.length === dropoffAt) out.push(2 * i + 1);
  return out;
}

/** Whether a parcel of this route is aboard for longer than it may be. */
export function aboardTooLong({ model }: Routes, j: number, stops: readonly number[]): boolean {
  if (!model.rules.agesAboard) return false;
  const { earliest } = model.byStop;
  const { maxAboard } = model.byDelivery;
  const { vehicle } = model.byDriver;
  const picked = new Map<number, number>();
  let at = 2 * model.n + j;
  let t = model.byDriver.free[j]!;
  for (const stop of stops) {
    t = Math.max(t + hopS(model, vehicle[j]!, at, stop), earliest[stop]!);
    if (stop & 1) {
      if (t - (picked.get(stop >> 1) ?? t) > maxAboard[stop >> 1]!) return true;
    } else picked.set(stop >> 1, t);
    at = stop;
  }
  return false;
}
