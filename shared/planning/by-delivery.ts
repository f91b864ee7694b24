import type { Source } from './model.ts';
import type { DeliveryEnd, OpenDelivery } from './question.ts';
import { collectableMs } from './scheduled.ts';

export const PICKUP = 0;
export const DROPOFF = 1;
export const RETURN = 2;
export const START = 3;
const KINDS = 4;

/** What is known of stops. Seconds from now; of the starts of drivers only place, kind and visit. */
export interface ByStop {
  place: Int32Array;
  kind: Uint8Array;
  /** The same for all stops of one kind at one place: what follows each other there is one visit. */
  visit: Int32Array;
  /** Service before and after the hand-over. */
  before: Float64Array;
  after: Float64Array;
  /** No hand-over before; none later (a limit). */
  earliest: Float64Array;
  latest: Float64Array;
  /** The customer waits from then on, at so much for each second; late from `due` on, at so much more. */
  waitsFrom: Float64Array;
  waitPrice: Float64Array;
  due: Float64Array;
  latePrice: Float64Array;
  /** What a second costs that a driver stands here before `earliest`. */
  doorPrice: Float64Array;
  /** 1 where the driver who has it is late for the end of their shift already, which binds it no more. */
  shiftForgiven: Uint8Array;
}

/** What is known of deliveries. */
export interface ByDelivery {
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

interface Arrays {
  byStop: ByStop;
  byDelivery: ByDelivery;
}

export function fillDeliveries(source: Source): Arrays {
  const { settings, deliveries, holders } = source;
  const n = deliveries.length;
  const arrays = { byStop: emptyStops(2 * n + source.drivers.length), byDelivery: emptyDeliveries(n) };
  const { size, weight, told, aboard, boundTo, maxAboard } = arrays.byDelivery;
  for (const [i, delivery] of deliveries.entries()) {
    const holder = holders.get(delivery.id);
    size[i] = delivery.size ?? 1;
    weight[i] = weightOf(delivery, source.question.nowMs);
    if (holder) {
      told[i] = holder.driver;
      aboard[i] = holder.aboard ? 1 : 0;
      if (holder.aboard || !settings.takeBack || delivery.pinned) boundTo[i] = holder.driver;
    }
    if (!holder?.aboard) maxAboard[i] = settings.maxAboardS;
    fillPickup(arrays, i, delivery, source);
    if (holder?.returning) fillReturn(arrays, i, delivery, source);
    else fillDropoff(arrays, i, delivery, source);
  }
  return arrays;
}

function emptyStops(stops: number): ByStop {
  const never = (): Float64Array => new Float64Array(stops).fill(Number.POSITIVE_INFINITY);
  return {
    place: new Int32Array(stops),
    kind: new Uint8Array(stops),
    visit: new Int32Array(stops),
    before: new Float64Array(stops),
    after: new Float64Array(stops),
    earliest: new Float64Array(stops).fill(Number.NEGATIVE_INFINITY),
    latest: never(),
    waitsFrom: never(),
    waitPrice: new Float64Array(stops),
    due: never(),
    latePrice: new Float64Array(stops),
    doorPrice: new Float64Array(stops),
    shiftForgiven: new Uint8Array(stops),
  };
}

function emptyDeliveries(n: number): ByDelivery {
  return {
    size: new Float64Array(n),
    weight: new Float64Array(n),
    aboard: new Uint8Array(n),
    told: new Int32Array(n).fill(-1),
    boundTo: new Int32Array(n).fill(-1),
    maxAboard: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
  };
}

/**
 * Of two alike, the one that has waited longer is served first: an hour makes an order this much heavier, a day at
 * most.
 */
const HEAVIER_PER_HOUR = 0.01;
const HOUR_MS = 3_600_000;

/**
 * Two steps of priority double the weight: 5 counts almost six times as much as 0, -5 a sixth. Without the weight of
 * time the sum of all waits is the same in any order, and chance would choose.
 */
function weightOf({ priority = 0, placedAtMs }: OpenDelivery, nowMs: number): number {
  const waitedH = Math.min(24, Math.max(0, nowMs - placedAtMs) / HOUR_MS);
  return 2 ** (priority / 2) * (1 + HEAVIER_PER_HOUR * waitedH);
}

function fillPickup({ byStop, byDelivery }: Arrays, i: number, delivery: OpenDelivery, source: Source): void {
  const { question, settings } = source;
  const stop = 2 * i;
  setPlace(byStop, stop, PICKUP, source.placeOf(delivery.pickup.place));
  setService(byStop, stop, delivery.pickup, settings.pickupServiceS, settings.serviceBefore.pickup);
  // Collected any sooner, it would be aboard for too long before its door opens.
  const opens = fromNowS(delivery.dropoff.afterMs ?? Number.NEGATIVE_INFINITY, question);
  byStop.earliest[stop] = Math.max(fromNowS(collectableMs(delivery), question), opens - byDelivery.maxAboard[i]!);
  const before = fromNowS(delivery.pickup.beforeMs ?? Number.POSITIVE_INFINITY, question);
  if (delivery.hardWindows) byStop.latest[stop] = before;
  byStop.due[stop] = before;
  byStop.latePrice[stop] = settings.lateWeight * byDelivery.weight[i]!;
}

function fillDropoff({ byStop, byDelivery }: Arrays, i: number, delivery: OpenDelivery, source: Source): void {
  const { question, settings } = source;
  const { dropoff, placedAtMs, pickedUpAtMs } = delivery;
  const stop = 2 * i + 1;
  setPlace(byStop, stop, DROPOFF, source.placeOf(dropoff.place));
  setService(byStop, stop, dropoff, settings.dropoffServiceS, settings.serviceBefore.dropoff);
  byStop.earliest[stop] = fromNowS(dropoff.afterMs ?? Number.NEGATIVE_INFINITY, question);
  byStop.doorPrice[stop] = settings.idlePrice;
  if (delivery.hardWindows) byStop.latest[stop] = fromNowS(dropoff.beforeMs ?? Number.POSITIVE_INFINITY, question);
  if (byDelivery.aboard[i] && pickedUpAtMs !== undefined) {
    const stale = fromNowS(pickedUpAtMs, question) + settings.maxAboardS;
    byStop.latest[stop] = Math.min(byStop.latest[stop]!, stale);
  }
  // With a window the customer waits from its end on; without one from the moment of ordering.
  const promised = promisedMs(delivery, settings.promiseS * 1_000);
  byStop.waitsFrom[stop] = fromNowS(dropoff.beforeMs ?? placedAtMs, question);
  byStop.due[stop] = fromNowS(dropoff.beforeMs ?? promised, question);
  byStop.waitPrice[stop] = settings.waitWeight * 10 ** (-2 * settings.economy) * byDelivery.weight[i]!;
  byStop.latePrice[stop] = settings.lateWeight * byDelivery.weight[i]!;
}

/**
 * The promise counts from ordering. Half of it is for the way: who orders what cannot be collected, or handed over, until
 * much later is promised it that long afterwards.
 */
function promisedMs(delivery: OpenDelivery, promiseMs: number): number {
  const { placedAtMs, dropoff } = delivery;
  const possibleMs = Math.max(collectableMs(delivery), dropoff.afterMs ?? Number.NEGATIVE_INFINITY);
  return Math.max(placedAtMs + promiseMs, possibleMs + promiseMs / 2);
}

/** A failed parcel goes back to where it was collected. Nobody waits for it: only drivers' time counts. */
function fillReturn({ byStop }: Arrays, i: number, { pickup }: OpenDelivery, source: Source): void {
  const stop = 2 * i + 1;
  setPlace(byStop, stop, RETURN, source.placeOf(pickup.place));
  setService(byStop, stop, pickup, source.settings.pickupServiceS, source.settings.serviceBefore.pickup);
}

export function setPlace(byStop: ByStop, stop: number, kind: number, place: number): void {
  byStop.kind[stop] = kind;
  byStop.place[stop] = place;
  byStop.visit[stop] = KINDS * place + kind;
}

function setService(byStop: ByStop, stop: number, end: DeliveryEnd, usualS: number, shareBefore: number): void {
  const service = end.serviceS ?? usualS;
  byStop.before[stop] = service * shareBefore;
  byStop.after[stop] = service * (1 - shareBefore);
}

/** Seconds from now; infinite times stay infinite. */
export function fromNowS(ms: number, { nowMs }: { nowMs: number }): number {
  return (ms - nowMs) / 1_000;
}
