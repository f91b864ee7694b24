import { DROPOFF, PICKUP } from './delivery-arrays.ts';
import type { Model } from './model.ts';
import { legS } from './travel.ts';

/*
 * What single steps of a route take and cost. A second of waiting of one customer costs 1; all else is held against it.
 */

/** Seconds of driving and service from one hand-over to the next: one visit of a place has one way and one service. */
export function hopS(model: Model, vehicle: number, from: number, to: number): number {
  const { place, kind } = model;
  const here = place[from]!;
  const there = place[to]!;
  if (here === there && kind[from] === kind[to]) return 0;
  return model.after[from]! + legS(model.travel, vehicle, here, there) + model.before[to]!;
}

/** What a hand-over at time t costs the customer: waiting at the door, lateness at either end. */
export function waitingCost(model: Model, stop: number, t: number): number {
  const waited = t - model.waitsFrom[stop]!;
  const late = t - model.due[stop]!;
  return (waited > 0 ? model.waitCost[stop]! * waited : 0) + (late > 0 ? model.lateCost[stop]! * late : 0);
}

/** What it costs to stand at a door until its window opens. */
export function doorCost(model: Model, stop: number, arrival: number): number {
  if (model.kind[stop] !== DROPOFF) return 0;
  const early = model.earliest[stop]! - arrival;
  return early > 0 ? model.settings.idlePrice * early : 0;
}

/** No stop after the end of the shift, neither pickup nor dropoff. */
function strictShift(model: Model): boolean {
  return model.settings.shiftEnds === 'route' && model.settings.overtimeWeight === Number.POSITIVE_INFINITY;
}

/** Latest hand-over that this driver may make of a stop. */
export function limitOf(model: Model, j: number, stop: number): number {
  const latest = model.latest[stop]!;
  return model.shiftEnd[j]! >= latest ? latest : Math.min(latest, shiftLimit(model, j, stop));
}

/** Latest hand-over that the end of the shift allows. */
export function shiftLimit(model: Model, j: number, stop: number): number {
  const binds = strictShift(model) || (model.settings.shiftEnds === 'pickup' && model.kind[stop] === PICKUP);
  if (!binds || (model.shiftForgiven[stop] === 1 && model.told[stop >> 1] === j)) return Number.POSITIVE_INFINITY;
  return model.shiftEnd[j]!;
}

/** Seconds from the last hand-over until the driver is free, where the route has to end. */
export function homeS(model: Model, j: number, last: number): number {
  const end = model.endPlace[j]!;
  return model.after[last]! + (end < 0 ? 0 : legS(model.travel, model.vehicle[j]!, model.place[last]!, end));
}

/** What the end of a route costs: the way home, overtime, and the value that the driver loses by being there then. */
export function endingCost(model: Model, j: number, last: number, t: number): number {
  const { settings, shiftEnd, place, endPlace, free } = model;
  const home = homeS(model, j, last);
  let cost = model.price * home;
  if (settings.shiftEnds === 'route' && settings.overtimeWeight !== Number.POSITIVE_INFINITY) {
    cost += settings.overtimeWeight * Math.max(0, t + home - shiftEnd[j]!);
  }
  if (settings.driverValueS === 0) return cost;
  const endsAt = endPlace[j]! < 0 ? place[last]! : endPlace[j]!;
  return cost + valueS(model, j, place[2 * model.n + j]!, free[j]!) - valueS(model, j, endsAt, t + home);
}

/** What a free driver is worth at a place and time; it fades towards the end of the shift. */
function valueS({ settings, shiftEnd, worthAt }: Model, j: number, place: number, t: number): number {
  const left = shiftEnd[j]! - t;
  if (left <= 0) return 0;
  return worthAt(place) * Math.min(1, left / settings.driverValueTailS);
}

/** What it costs beside the route that a delivery changes driver (-1: that nobody has it). */
export function assigningCost(model: Model, i: number, j: number): number {
  const told = model.told[i]!;
  if (j >= 0) return told >= 0 && told !== j ? model.settings.reassignS : 0;
  if (told >= 0) return Number.POSITIVE_INFINITY;
  return model.weight[i]! * model.settings.unservedS + waitedAlready(model, i);
}

/** What its customer has waited until now weighs on every plan, also on one that leaves it out. */
function waitedAlready(model: Model, i: number): number {
  const dropoff = 2 * i + 1;
  return waitingCost(model, dropoff, Math.max(0, model.earliest[dropoff]!, model.earliest[2 * i]!));
}

/** What it costs that a driver has so many deliveries, more than the average. */
export function unfairnessCost(model: Model, j: number, deliveries: number): number {
  if (model.fairStepS === 0) return 0;
  let cost = 0;
  for (let k = 1; k <= deliveries; k += 1) cost += unfairStepCost(model, j, k);
  return cost;
}

/** What the k-th delivery of a route costs of that. */
export function unfairStepCost({ fairStepS, fairShare, deliveredToday }: Model, j: number, k: number): number {
  return fairStepS === 0 ? 0 : fairStepS * Math.max(0, deliveredToday[j]! + k - fairShare);
}
