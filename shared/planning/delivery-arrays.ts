import type { Holder } from './model.ts';
import type { DeliveryEnd, DriverOnDuty, OpenDelivery, PlanQuestion } from './question.ts';
import { collectableMs } from './scheduled.ts';
import type { PlanSettings } from './settings.ts';

export const PICKUP = 0;
export const DROPOFF = 1;
export const RETURN = 2;
export const START = 3;

/** What is known of stops and deliveries. Seconds from now. */
export interface DeliveryArrays {
  // ---- By stop; starts of drivers are filled in with the drivers.
  place: Int32Array;
  kind: Uint8Array;
  /** Service before and after the hand-over. */
  before: Float64Array;
  after: Float64Array;
  /** No hand-over before; none later (a limit). */
  earliest: Float64Array;
  latest: Float64Array;
  /** The customer waits from then on, at so much for each second; late from `due` on, at so much more. */
  waitsFrom: Float64Array;
  waitCost: Float64Array;
  due: Float64Array;
  lateCost: Float64Array;
  // ---- By delivery.
  size: Float64Array;
  /** Of its waiting, beside that of others. */
  weight: Float64Array;
  aboard: Uint8Array;
  /** The driver who has it; -1: nobody. */
  told: Int32Array;
  /** The only driver who may have it; -1: any. */
  boundTo: Int32Array;
  /** Longest time aboard, for parcels that are still to be collected. */
  maxAboard: Float64Array;
}

export interface Source {
  question: PlanQuestion;
  settings: PlanSettings;
  deliveries: readonly OpenDelivery[];
  drivers: readonly DriverOnDuty[];
  holders: ReadonlyMap<string, Holder>;
  number(place: number): number;
}

export function deliveryArrays(source: Source): DeliveryArrays {
  const { settings, deliveries, holders } = source;
  const n = deliveries.length;
  const arrays = emptyArrays(n, 2 * n + source.drivers.length);
  for (const [i, delivery] of deliveries.entries()) {
    const holder = holders.get(delivery.id);
    arrays.size[i] = delivery.size ?? 1;
    arrays.weight[i] = weightOf(delivery);
    if (holder) {
      arrays.told[i] = holder.driver;
      arrays.aboard[i] = holder.aboard ? 1 : 0;
      if (holder.aboard || !settings.takeBack || delivery.pinned) arrays.boundTo[i] = holder.driver;
    }
    if (!holder?.aboard) arrays.maxAboard[i] = settings.maxAboardS;
    fillPickup(arrays, i, delivery, source);
    if (holder?.returning) fillReturn(arrays, i, delivery, source);
    else fillDropoff(arrays, i, delivery, source);
  }
  return arrays;
}

function emptyArrays(n: number, stops: number): DeliveryArrays {
  const never = (): Float64Array => new Float64Array(stops).fill(Number.POSITIVE_INFINITY);
  return {
    place: new Int32Array(stops),
    kind: new Uint8Array(stops),
    before: new Float64Array(stops),
    after: new Float64Array(stops),
    earliest: new Float64Array(stops).fill(Number.NEGATIVE_INFINITY),
    latest: never(),
    waitsFrom: never(),
    waitCost: new Float64Array(stops),
    due: never(),
    lateCost: new Float64Array(stops),
    size: new Float64Array(n),
    weight: new Float64Array(n),
    aboard: new Uint8Array(n),
    told: new Int32Array(n).fill(-1),
    boundTo: new Int32Array(n).fill(-1),
    maxAboard: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
  };
}

/** Two steps of priority double the weight: 5 counts almost six times as much as 0, -5 a sixth. */
function weightOf({ priority = 0 }: OpenDelivery): number {
  return 2 ** (priority / 2);
}

function fillPickup(arrays: DeliveryArrays, i: number, delivery: OpenDelivery, source: Source): void {
  const { question, settings } = source;
  const stop = 2 * i;
  arrays.kind[stop] = PICKUP;
  fillVisit(arrays, stop, delivery.pickup, settings.pickupServiceS, settings.serviceBefore.pickup, source);
  arrays.earliest[stop] = fromNowS(collectableMs(delivery), question);
  const before = fromNowS(delivery.pickup.beforeMs ?? Number.POSITIVE_INFINITY, question);
  if (delivery.hardWindows) arrays.latest[stop] = before;
  arrays.due[stop] = before;
  arrays.lateCost[stop] = settings.lateWeight * arrays.weight[i]!;
  // Collected any sooner, it would be aboard for too long before its door opens.
  const opens = fromNowS(delivery.dropoff.afterMs ?? Number.NEGATIVE_INFINITY, question);
  arrays.earliest[stop] = Math.max(arrays.earliest[stop]!, opens - arrays.maxAboard[i]!);
}

function fillDropoff(arrays: DeliveryArrays, i: number, delivery: OpenDelivery, source: Source): void {
  const { question, settings } = source;
  const { dropoff, placedAtMs, pickedUpAtMs } = delivery;
  const stop = 2 * i + 1;
  arrays.kind[stop] = DROPOFF;
  fillVisit(arrays, stop, dropoff, settings.dropoffServiceS, settings.serviceBefore.dropoff, source);
  arrays.earliest[stop] = fromNowS(dropoff.afterMs ?? Number.NEGATIVE_INFINITY, question);
  const before = dropoff.beforeMs ?? Number.POSITIVE_INFINITY;
  if (delivery.hardWindows) arrays.latest[stop] = fromNowS(before, question);
  if (arrays.aboard[i] && pickedUpAtMs !== undefined) {
    const stale = fromNowS(pickedUpAtMs, question) + settings.maxAboardS;
    arrays.latest[stop] = Math.min(arrays.latest[stop]!, stale);
  }
  // With a window the customer waits from its end on; without one from the moment of ordering.
  const promised = Math.max(placedAtMs, collectableMs(delivery), dropoff.afterMs ?? 0) + settings.promiseS * 1_000;
  arrays.waitsFrom[stop] = fromNowS(dropoff.beforeMs ?? placedAtMs, question);
  arrays.due[stop] = fromNowS(dropoff.beforeMs ?? promised, question);
  arrays.waitCost[stop] = settings.waitWeight * 10 ** (-2 * settings.economy) * arrays.weight[i]!;
  arrays.lateCost[stop] = settings.lateWeight * arrays.weight[i]!;
}

/** A failed parcel goes back to where it was collected. Nobody waits for it: only drivers' time counts. */
function fillReturn(arrays: DeliveryArrays, i: number, { pickup }: OpenDelivery, source: Source): void {
  const stop = 2 * i + 1;
  arrays.kind[stop] = RETURN;
  fillVisit(arrays, stop, pickup, source.settings.pickupServiceS, source.settings.serviceBefore.pickup, source);
}

function fillVisit(
  arrays: DeliveryArrays,
  stop: number,
  { place, serviceS }: DeliveryEnd,
  usualS: number,
  shareBefore: number,
  { number }: Source,
): void {
  const service = serviceS ?? usualS;
  arrays.place[stop] = number(place);
  arrays.before[stop] = service * shareBefore;
  arrays.after[stop] = service * (1 - shareBefore);
}

/** Seconds from now; infinite times stay infinite. */
export function fromNowS(ms: number, { nowMs }: { nowMs: number }): number {
  return (ms - nowMs) / 1_000;
}
