import { plannedStop } from './answer.ts';
import { append, appendTimes } from './append.ts';
import { shiftLimit } from './cost.ts';
import { reasonOf } from './eligibility.ts';
import { forgiveWhatIsLate } from './forgive.ts';
import type { Model } from './model.ts';
import type { PlanQuestion, RouteChange, RuledOutReason } from './question.ts';
import { openRoutes, type Routes } from './routes.ts';
import { legS } from './travel.ts';

/** Idle times are compared in steps of this: a few minutes decide nothing. */
const IDLE_STEP_MS = 5 * 60_000;

/** The old rule under way. */
interface Nearest {
  routes: Routes;
  maxRadiusM: number;
  /** By driver: units of all they have or are given here. */
  load: Float64Array;
  /** By driver: whole steps without anything in hand. */
  idleSteps: Float64Array;
  /** By driver: 1 if they were given something here. */
  given: Uint8Array;
  /** How far a driver is from a pickup: metres, or seconds where the question knows no metres. */
  awayOf(i: number, j: number): number;
}

export interface NearestPlan {
  routes: Routes;
  changes: RouteChange[];
  whyNot(i: number, j: number): RuledOutReason | null;
}

/**
 * The policy `nearest`: the delivery that waits longest comes first and gets the nearest driver who is free and has
 * room, at once, behind what they have: nothing is aboard together. A driver who was given something in this plan stands
 * behind all others, so that deliveries are spread as long as there are drivers. Windows and readiness are not looked at;
 * the end of a shift is, and how long a parcel may be aboard.
 */
export function planNearest(model: Model, question: PlanQuestion): NearestPlan {
  const nearest = openNearest(model, question);
  const { routes } = nearest;
  for (const i of byWaiting(model)) {
    const j = nearestDriver(nearest, i);
    if (j < 0) continue;
    append(routes, i, j);
    nearest.load[j]! += model.byDelivery.size[i]!;
    nearest.given[j] = 1;
  }
  return { routes, changes: changesOf(nearest), whyNot: (i, j) => whyNot(nearest, i, j) };
}

function openNearest(model: Model, { distanceM, nowMs }: PlanQuestion): Nearest {
  const { n, m, travel, drivers } = model;
  const { place } = model.byStop;
  const { vehicle } = model.byDriver;
  const routes = openRoutes(model);
  forgiveWhatIsLate(routes);
  const metres = (i: number, j: number): number =>
    distanceM!(travel.names[place[2 * n + j]!]!, travel.names[place[2 * i]!]!);
  const seconds = (i: number, j: number): number => legS(travel, vehicle[j]!, place[2 * n + j]!, place[2 * i]!);
  return {
    routes,
    maxRadiusM: distanceM ? model.settings.maxRadiusM : Number.POSITIVE_INFINITY,
    load: routes.toldLoad.slice(),
    idleSteps: Float64Array.from(drivers, ({ idleSinceMs = nowMs }) =>
      Math.floor((nowMs - idleSinceMs) / IDLE_STEP_MS),
    ),
    given: new Uint8Array(m),
    awayOf: distanceM ? metres : seconds,
  };
}

/** What nobody has, longest waiting first. */
function byWaiting({ n, byDelivery, deliveries }: Model): number[] {
  const since = (i: number): number => deliveries[i]!.waitingSinceMs ?? deliveries[i]!.placedAtMs;
  const waiting: number[] = [];
  for (let i = 0; i < n; i += 1) if (byDelivery.told[i]! < 0) waiting.push(i);
  return waiting.sort((a, b) => since(a) - since(b) || a - b);
}

/** The first in this order: given nothing yet, nearest, idle for longest, by id. -1: nobody may. */
function nearestDriver(nearest: Nearest, i: number): number {
  const { given, idleSteps, awayOf } = nearest;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < given.length; j += 1) {
    if (whyNot(nearest, i, j)) continue;
    const away = awayOf(i, j);
    if (best >= 0 && (given[j]! - given[best]! || away - least || idleSteps[best]! - idleSteps[j]!) >= 0) continue;
    best = j;
    least = away;
  }
  return best;
}

function whyNot(nearest: Nearest, i: number, j: number): RuledOutReason | null {
  const { routes, load, maxRadiusM } = nearest;
  const { model } = routes;
  const never = reasonOf(model.ruledOut[i * model.m + j]!);
  if (never) return never;
  if (model.byDriver.free[j]! > 0 || load[j]! + model.byDelivery.size[i]! > model.byDriver.room[j]!)
    return 'route_in_hand';
  if (maxRadiusM < Number.POSITIVE_INFINITY && nearest.awayOf(i, j) > maxRadiusM) return 'too_far';
  const { picked, dropped } = appendTimes(routes, i, j);
  if (dropped - picked > model.byDelivery.maxAboard[i]!) return 'aboard_too_long';
  const late = picked > shiftLimit(model, j, 2 * i) || dropped > shiftLimit(model, j, 2 * i + 1);
  return late ? 'shift_end' : null;
}

function changesOf({ routes, given }: Nearest): RouteChange[] {
  const { model, stops } = routes;
  const changes: RouteChange[] = [];
  for (const [j, { id }] of model.drivers.entries()) {
    if (!given[j]) continue;
    const fresh = stops[j]!.filter((stop) => stop & 1 && model.byDelivery.told[stop >> 1] !== j).map(
      (stop) => stop >> 1,
    );
    changes.push({
      driverId: id,
      stops: stops[j]!.map((stop) => plannedStop(routes, stop)),
      told: fresh.map((i) => ({ deliveryId: model.deliveries[i]!.id, reason: 'at_once' })),
      taken: [],
    });
  }
  return changes;
}
