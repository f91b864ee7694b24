import { PICKUP } from './by-delivery.ts';
import type { Model } from './model.ts';
import { legS } from './travel.ts';
import { worthS } from './worth.ts';

/*
 * What single steps of a route take and cost. A second of waiting of one customer costs 1; all else is held against it.
 */

/** Seconds of driving and service from one hand-over to the next: one visit of a place has one way and one service. */
export function hopS({ byStop, travel }: Model, vehicle: number, from: number, to: number): number {
  const here = byStop.place[from]!;
  const there = byStop.place[to]!;
  if (here === there && byStop.kind[from] === byStop.kind[to]) return 0;
  return byStop.after[from]! + legS(travel, vehicle, here, there) + byStop.before[to]!;
}

/** What a hand-over at time t costs the customer: waiting at the door, lateness at either end. */
export function waitingCost({ byStop }: Model, stop: number, t: number): number {
  const waited = t - byStop.waitsFrom[stop]!;
  const late = t - byStop.due[stop]!;
  return (waited > 0 ? byStop.waitPrice[stop]! * waited : 0) + (late > 0 ? byStop.latePrice[stop]! * late : 0);
}

/** What it costs to stand at a door until its window opens. */
export function doorCost({ byStop }: Model, stop: number, arrival: number): number {
  const early = byStop.earliest[stop]! - arrival;
  return early > 0 ? byStop.doorPrice[stop]! * early : 0;
}

/** Latest hand-over that this driver may make of a stop. */
export function limitOf(model: Model, j: number, stop: number): number {
  const latest = model.byStop.latest[stop]!;
  return model.byDriver.shiftEnd[j]! >= latest ? latest : Math.min(latest, shiftLimit(model, j, stop));
}

/** Latest hand-over that the end of the shift allows. */
export function shiftLimit({ rules, byStop, byDelivery, byDriver }: Model, j: number, stop: number): number {
  const binds = byStop.kind[stop] === PICKUP ? rules.shiftEndsPickups : rules.shiftEndsAll;
  if (!binds) return Number.POSITIVE_INFINITY;
  if (byStop.shiftForgiven[stop] === 1 && byDelivery.told[stop >> 1] === j) return Number.POSITIVE_INFINITY;
  return byDriver.shiftEnd[j]!;
}

/** Seconds from the last hand-over until the driver is free, where the route has to end. */
export function homeS({ byStop, byDriver, travel }: Model, j: number, last: number): number {
  const end = byDriver.endPlace[j]!;
  return byStop.after[last]! + (end < 0 ? 0 : legS(travel, byDriver.vehicle[j]!, byStop.place[last]!, end));
}

/** What the end of a route costs: the way home, overtime, and the value that the driver loses by being there then. */
export function endingCost(model: Model, j: number, last: number, t: number): number {
  const { rules, worth, byStop, byDriver, n } = model;
  const home = homeS(model, j, last);
  const left = byDriver.shiftEnd[j]! - t - home;
  const overtime = left < 0 ? -left * rules.overtimePrice : 0;
  const endsAt = byDriver.endPlace[j]! < 0 ? byStop.place[last]! : byDriver.endPlace[j]!;
  const lost =
    worthS(worth, byStop.place[2 * n + j]!, byDriver.shiftEnd[j]! - byDriver.free[j]!) - worthS(worth, endsAt, left);
  return rules.drivingPrice * home + overtime + lost;
}

/** What it costs beside the route that a delivery changes driver (-1: that nobody has it). */
export function assigningCost(model: Model, i: number, j: number): number {
  const told = model.byDelivery.told[i]!;
  if (j >= 0) return told >= 0 && told !== j ? model.rules.reassignS : 0;
  if (told >= 0) return Number.POSITIVE_INFINITY;
  return model.byDelivery.weight[i]! * model.rules.unservedS + waitedAlready(model, i);
}

/** What its customer has waited until now weighs on every plan, also on one that leaves it out. */
function waitedAlready(model: Model, i: number): number {
  const { earliest } = model.byStop;
  return waitingCost(model, 2 * i + 1, Math.max(0, earliest[2 * i + 1]!, earliest[2 * i]!));
}

/** What it costs that a driver has so many deliveries, more than the average. */
export function unfairnessCost(model: Model, j: number, deliveries: number): number {
  if (model.rules.fairStepS === 0) return 0;
  let cost = 0;
  for (let k = 1; k <= deliveries; k += 1) cost += unfairStepCost(model, j, k);
  return cost;
}

/** What the k-th delivery of a route costs of that. */
export function unfairStepCost({ rules, byDriver }: Model, j: number, k: number): number {
  if (rules.fairStepS === 0) return 0;
  return rules.fairStepS * Math.max(0, byDriver.deliveredToday[j]! + k - rules.fairShare);
}
