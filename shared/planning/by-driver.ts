import { type ByDelivery, type ByStop, fromNowS, START, setPlace } from './by-delivery.ts';
import type { Source } from './model.ts';

/** What is known of drivers. Seconds from now. */
export interface ByDriver {
  /** When they can go on, at the place of their start stop. */
  free: Float64Array;
  shiftEnd: Float64Array;
  /** Units they may carry: capacity without what open offers take. */
  room: Float64Array;
  /** Units aboard now. */
  aboardLoad: Float64Array;
  /** Number among the vehicles of the question. */
  vehicle: Int32Array;
  /** Place where the route ends; -1: at its last stop. */
  endPlace: Int32Array;
  /** So many stops stay first. */
  locked: Int32Array;
  deliveredToday: Float64Array;
  /** The stops they were told, next one first. */
  inHand: (readonly number[])[];
}

export function fillDrivers(
  source: Source,
  byStop: ByStop,
  byDelivery: ByDelivery,
): { byDriver: ByDriver; vehicles: (string | null)[] } {
  const { question, deliveries, drivers } = source;
  const vehicles = new Map<string | null, number>();
  const byDriver = emptyDrivers(drivers.length);
  for (const [j, driver] of drivers.entries()) {
    const vehicle = driver.vehicle || null;
    if (!vehicles.has(vehicle)) vehicles.set(vehicle, vehicles.size);
    setPlace(byStop, 2 * deliveries.length + j, START, source.placeOf(driver.place));
    byDriver.free[j] = Math.max(0, fromNowS(driver.freeAtMs ?? question.nowMs, question));
    byDriver.shiftEnd[j] = fromNowS(driver.shiftEndsAtMs ?? Number.POSITIVE_INFINITY, question);
    byDriver.room[j] = (driver.capacity ?? 1) - (driver.reserved ?? 0);
    byDriver.vehicle[j] = vehicles.get(vehicle)!;
    byDriver.endPlace[j] = driver.endPlace === undefined ? -1 : source.placeOf(driver.endPlace);
    byDriver.deliveredToday[j] = driver.deliveredToday ?? 0;
  }
  fillHands(source, byDriver, byDelivery);
  return { byDriver, vehicles: vehicles.size > 0 ? [...vehicles.keys()] : [null] };
}

function emptyDrivers(m: number): ByDriver {
  return {
    free: new Float64Array(m),
    shiftEnd: new Float64Array(m),
    room: new Float64Array(m),
    aboardLoad: new Float64Array(m),
    vehicle: new Int32Array(m),
    endPlace: new Int32Array(m),
    locked: new Int32Array(m),
    deliveredToday: new Float64Array(m),
    inHand: [],
  };
}

/** What drivers have in hand, and what of it can neither move nor change driver. */
function fillHands({ settings, deliveries, drivers }: Source, byDriver: ByDriver, byDelivery: ByDelivery): void {
  const { aboard, boundTo, size } = byDelivery;
  const index = new Map(deliveries.map(({ id }, i) => [id, i]));
  for (const [j, { route = [], lockedStops = 0 }] of drivers.entries()) {
    const stops = route.map(({ deliveryId, kind }) => 2 * index.get(deliveryId)! + (kind === 'pickup' ? 0 : 1));
    byDriver.inHand.push(stops);
    byDriver.locked[j] = settings.resequence ? Math.min(lockedStops, stops.length) : stops.length;
    // What stands before a locked stop cannot change driver either.
    for (const stop of stops.slice(0, byDriver.locked[j])) boundTo[stop >> 1] = j;
    for (const stop of stops) if (stop & 1 && aboard[stop >> 1]) byDriver.aboardLoad[j]! += size[stop >> 1]!;
  }
}
