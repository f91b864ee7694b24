import { hopS, limitOf } from './cost.ts';
import { type Related, relatedTo } from './related.ts';
import type { Routes } from './routes.ts';
import { openTrial, type Trial } from './trial.ts';

/** Behind all who could be there in time: they are tried only where there are too few others. */
const TOO_LATE_S = 1e9;
/** So many times as many drivers as are tried are looked at again later, when routes have changed. */
const SHORTLIST = 4;

/** Who is worth trying for a delivery: whoever could hand it over first, were it the last stop of their route. */
export interface Candidates {
  routes: Routes;
  related: Related;
  trial: Trial;
  /** Drivers tried for each delivery at least, if so many may have it. */
  near: number;
  everybody: Int32Array;
  /** By delivery: the soonest drivers when it was first asked about. */
  shortlists: (Int32Array | null)[];
  /** The soonest drivers found, best first, and how soon. */
  who: Int32Array;
  key: Float64Array;
  /** By vehicle: the way from the pickup to the door of the delivery that is looked at. */
  direct: Float64Array;
  /** By driver: the number of the question it was last written down for. */
  seen: Int32Array;
  asked: number;
}

export function openCandidates(routes: Routes, related: Related, most: number): Candidates {
  const { m, n } = routes.model;
  const near = Math.min(most, m);
  return {
    routes,
    related,
    trial: openTrial(routes),
    near,
    everybody: Int32Array.from({ length: m }, (_, j) => j),
    shortlists: new Array(n).fill(null),
    who: new Int32Array(SHORTLIST * near),
    key: new Float64Array(SHORTLIST * near),
    direct: new Float64Array(routes.model.travel.tables.length),
    seen: new Int32Array(m),
    asked: 0,
  };
}

/** Most drivers that `writeCandidates` writes. */
export function candidatesMax({ near }: Candidates): number {
  return 2 * near + 1;
}

/**
 * Writes the drivers worth trying for delivery i from `offset` of `out` on: those who could hand it over first, those who
 * have deliveries related to it, and whoever was told of it. Returns how many.
 */
export function writeCandidates(candidates: Candidates, i: number, out: Int32Array, offset: number): number {
  const { routes, related, near, who, seen } = candidates;
  const { model, driverOf } = routes;
  candidates.asked += 1;
  let count = findSoonest(candidates, i, shortlistOf(candidates, i), near);
  for (let x = 0; x < count; x += 1) {
    out[offset + x] = who[x]!;
    seen[who[x]!] = candidates.asked;
  }
  if (count < near) return count;
  const list = relatedTo(related, i);
  for (let x = 0; x < list.length && x <= near; x += 1) {
    // The first of the list is the delivery itself.
    const j = x === 0 ? model.byDelivery.told[i]! : driverOf[list[x]!]!;
    if (j < 0 || model.ruledOut[i * model.m + j] !== 0 || seen[j] === candidates.asked) continue;
    seen[j] = candidates.asked;
    out[offset + count] = j;
    count += 1;
  }
  return count;
}

function shortlistOf(candidates: Candidates, i: number): Int32Array {
  const { shortlists, everybody, near, who } = candidates;
  let list = shortlists[i];
  if (!list) {
    list = who.slice(0, findSoonest(candidates, i, everybody, SHORTLIST * near));
    shortlists[i] = list;
  }
  return list;
}

/** The drivers of these who could hand delivery i over first, as their routes stand. */
export function soonestOf(candidates: Candidates, i: number, among: Int32Array): Int32Array {
  return candidates.who.slice(0, findSoonest(candidates, i, among, candidates.near));
}

/**
 * Finds those `most` of these drivers whose routes, as they stand, could go on to the pickup of delivery i and from there
 * to its door first: whoever is nearest on foot may be last at the door. Returns how many there are.
 */
function findSoonest({ routes, who, key, direct }: Candidates, i: number, among: Int32Array, most: number): number {
  const { model, endStop, endTime } = routes;
  const { vehicle } = model.byDriver;
  const { drivingPrice } = model.rules;
  const pickup = 2 * i;
  const ready = model.byStop.earliest[pickup]!;
  const row = i * model.m;
  let count = 0;
  routes.effort += among.length >> 3;
  for (let v = 0; v < direct.length; v += 1) direct[v] = hopS(model, v, pickup, pickup + 1);
  for (const j of among) {
    const full = count === most;
    const toDoor = direct[vehicle[j]!]!;
    if (model.ruledOut[row + j] !== 0 || (full && endTime[j]! + toDoor >= key[count - 1]!)) continue;
    const hop = hopS(model, vehicle[j]!, endStop[j]!, pickup);
    const t = Math.max(ready, endTime[j]! + hop);
    const soon = t + drivingPrice * hop + toDoor + (t > limitOf(model, j, pickup) ? TOO_LATE_S : 0);
    if (full && soon >= key[count - 1]!) continue;
    let x = full ? count - 1 : count++;
    for (; x > 0 && key[x - 1]! > soon; x -= 1) {
      key[x] = key[x - 1]!;
      who[x] = who[x - 1]!;
    }
    key[x] = soon;
    who[x] = j;
  }
  return count;
}
