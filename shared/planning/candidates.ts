import { hopS, limitOf } from './cost.ts';
import { type Insertion, openInsertion } from './insertion.ts';
import { type Related, relatedTo } from './related.ts';
import type { Routes } from './routes.ts';

/** Behind all who could be there in time: they are tried only where there are too few others. */
const TOO_LATE_S = 1e9;

/** Writes down who is worth trying for a delivery. */
export interface Candidates {
  routes: Routes;
  related: Related;
  insertion: Insertion;
  near: number;
  /** The soonest drivers found, best first, and how soon. */
  who: Int32Array;
  key: Float64Array;
  /** By driver: the number of the question it was last written down for. */
  seen: Int32Array;
  asked: number;
}

export function openCandidates(routes: Routes, related: Related, most: number): Candidates {
  const { m } = routes.model;
  const near = Math.min(most, m);
  return {
    routes,
    related,
    insertion: openInsertion(routes),
    near,
    who: new Int32Array(near),
    key: new Float64Array(near),
    seen: new Int32Array(m),
    asked: 0,
  };
}

/** Most drivers that `writeCandidates` writes. */
export function candidatesMax({ near }: Candidates): number {
  return 2 * near;
}

/**
 * Writes the drivers worth trying for delivery i from `offset` of `out` on: those who could be at the pickup first, and
 * those who have deliveries related to it. Returns how many.
 */
export function writeCandidates(candidates: Candidates, i: number, out: Int32Array, offset: number): number {
  const { routes, related, near, who, seen } = candidates;
  const { model, driverOf } = routes;
  candidates.asked += 1;
  let count = soonest(candidates, i);
  for (let x = 0; x < count; x += 1) {
    out[offset + x] = who[x]!;
    seen[who[x]!] = candidates.asked;
  }
  if (count < near) return count;
  const list = relatedTo(related, i);
  const row = i * model.m;
  for (let x = 1; x < list.length && x <= near; x += 1) {
    const j = driverOf[list[x]!]!;
    if (j < 0 || model.ruledOut[row + j] !== 0 || seen[j] === candidates.asked) continue;
    seen[j] = candidates.asked;
    out[offset + count] = j;
    count += 1;
  }
  return count;
}

/** The drivers whose routes, as they stand, could go on to the pickup of delivery i first. Returns how many. */
function soonest({ routes, near, who, key }: Candidates, i: number): number {
  const { model, stops, time } = routes;
  const { n, m, ruledOut } = model;
  const { drivingPrice } = model.rules;
  const { earliest } = model.byStop;
  const { free, vehicle } = model.byDriver;
  const pickup = 2 * i;
  const row = i * m;
  let count = 0;
  routes.effort += m >> 3;
  for (let j = 0; j < m; j += 1) {
    if (ruledOut[row + j] !== 0) continue;
    const route = stops[j]!;
    const last = route.length > 0 ? route[route.length - 1]! : 2 * n + j;
    const left = route.length > 0 ? time[last]! : free[j]!;
    if (count === near && left >= key[count - 1]!) continue;
    const hop = hopS(model, vehicle[j]!, last, pickup);
    const t = Math.max(earliest[pickup]!, left + hop);
    const late = t > limitOf(model, j, pickup) ? TOO_LATE_S : 0;
    const soon = t + drivingPrice * hop + late;
    if (count === near && soon >= key[count - 1]!) continue;
    let x = count < near ? count++ : count - 1;
    for (; x > 0 && key[x - 1]! > soon; x -= 1) {
      key[x] = key[x - 1]!;
      who[x] = who[x - 1]!;
    }
    key[x] = soon;
    who[x] = j;
  }
  return count;
}
