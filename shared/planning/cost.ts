import { PICKUP } from './by-delivery.ts';
import type { Model } from './model.ts';
import { legS } from './travel.ts';
import { worthS } from './worth.ts';

/*
 * What single steps of a route take and cost. A second of waiting of one customer costs 1; all else is held against it.
 */

/** Seconds of driving and service from one hand-over to the next: one visit of a place has one way and one service. */
export function hopS(model: Model, vehicle: number, from: number, to: number): number {
  const stops = model.byStop;
  if (stops.visit[from] === stops.visit[to]) return 0;
  return stops.after[from]! + legS(model.travel, vehicle, stops.place[from]!, stops.place[to]!) + stops.before[to]!;
}

/** What a hand-over at time t costs the customer: waiting at the door, lateness at either end. */
export function waitingCost(model: Model, stop: number, t: number): number {
  const stops = model.byStop;
  const waited = Math.max(0, t - stops.waitsFrom[stop]!);
  return waited * stops.waitPrice[stop]! + Math.max(0, t - stops.due[stop]!) * stops.latePrice[stop]!;
}

/** What it costs to stand at a door until its window opens. */
export function doorCost(model: Model, stop: number, arrival: number): number {
  return Math.max(0, model.byStop.earliest[stop]! - arrival) * model.byStop.doorPrice[stop]!;
}

/** Latest hand-over that this driver may make of a stop. */
export function limitOf(model: Model, j: number, stop: number): number {
  return Math.min(model.byStop.latest[stop]!, shiftLimit(model, j, stop));
}

/** Latest hand-over that the end of the shift allows. */
export function shiftLimit(model: Model, j: number, stop: number): number {
  const { rules, byStop, byDelivery, byDriver } = model;
  const binds = byStop.kind[stop] === PICKUP ? rules.shiftEndsPickups : rules.shiftEndsAll;
  if (!binds) return Number.POSITIVE_INFINITY;
  if (byStop.shiftForgiven[stop] === 1 && byDelivery.told[stop >> 1] === j) return Number.POSITIVE_INFINITY;
  return byDriver.shiftEnd[j]!;
}

/** Seconds from the last hand-over until the driver is free, where the route has to end. */
export function homeS(model: Model, j: number, last: number): number {
  const end = model.byDriver.endPlace[j]!;
  const way = end < 0 ? 0 : legS(model.travel, model.byDriver.vehicle[j]!, model.byStop.place[last]!, end);
  return model.byStop.after[last]! + way;
}

/** What the end of a route costs: the way home, overtime, and the value that the driver loses by being there then. */
export function endingCost(model: Model, j: number, last: number, t: number): number {
  const { rules, worth, byStop, byDriver } = model;
  const home = homeS(model, j, last);
  const left = byDriver.shiftEnd[j]! - t - home;
  const overtime = left < 0 ? -left * rules.overtimePrice : 0;
  const endsAt = byDriver.endPlace[j]! < 0 ? byStop.place[last]! : byDriver.endPlace[j]!;
  return rules.drivingPrice * home + overtime + worth.atStart[j]! - worthS(worth, endsAt, left);
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
