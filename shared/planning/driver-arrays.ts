import { type DeliveryArrays, fromNowS, START } from './delivery-arrays.ts';
import { eligibilityOf } from './eligibility.ts';
import type { DriverOnDuty, OpenDelivery, PlanQuestion } from './question.ts';
import type { PlanSettings } from './settings.ts';

/** What is known of drivers. Seconds from now. */
export interface DriverArrays {
  /** When they can go on, at the place of their start stop. */
  free: Float64Array;
  shiftEnd: Float64Array;
  /** Units they may carry: capacity without what open offers take. */
  room: Float64Array;
  /** Units aboard now. */
  aboardLoad: Float64Array;
  /** Index into `vehicles`. */
  vehicle: Int32Array;
  vehicles: readonly (string | null)[];
  /** Place where the route ends; -1: at its last stop. */
  endPlace: Int32Array;
  /** So many stops stay first. */
  locked: Int32Array;
  /** The stops they were told, next one first. */
  inHand: readonly (readonly number[])[];
  deliveredToday: Float64Array;
  /** By delivery and driver: 0, or why this driver may not have it whatever the hour (`RULES`). */
  ruledOut: Uint8Array;
  /** By stop: its driver is late for the end of the shift already, which binds it no more. */
  shiftForgiven: Uint8Array;
}

export interface DriverSource {
  question: PlanQuestion;
  settings: PlanSettings;
  deliveries: readonly OpenDelivery[];
  drivers: readonly DriverOnDuty[];
  arrays: DeliveryArrays;
  number(place: number): number;
}

export function driverArrays(source: DriverSource): DriverArrays {
  const { question, settings, deliveries, drivers, arrays, number } = source;
  const n = deliveries.length;
  const vehicles = new Map<string | null, number>();
  const index = new Map(deliveries.map(({ id }, i) => [id, i]));
  const out = emptyArrays(drivers.length, 2 * n + drivers.length);
  for (const [j, driver] of drivers.entries()) {
    const vehicle = driver.vehicle || null;
    if (!vehicles.has(vehicle)) vehicles.set(vehicle, vehicles.size);
    arrays.kind[2 * n + j] = START;
    arrays.place[2 * n + j] = number(driver.place);
    out.free[j] = Math.max(0, fromNowS(driver.freeAtMs ?? question.nowMs, question));
    out.shiftEnd[j] = fromNowS(driver.shiftEndsAtMs ?? Number.POSITIVE_INFINITY, question);
    out.room[j] = (driver.capacity ?? 1) - (driver.reserved ?? 0);
    out.vehicle[j] = vehicles.get(vehicle)!;
    out.endPlace[j] = driver.endPlace === undefined ? -1 : number(driver.endPlace);
    out.deliveredToday[j] = driver.deliveredToday ?? 0;
  }
  if (vehicles.size === 0) vehicles.set(null, 0);
  const inHand = drivers.map(({ route = [] }) => {
    return route.map(({ deliveryId, kind }) => 2 * index.get(deliveryId)! + (kind === 'pickup' ? 0 : 1));
  });
  for (const [j, stops] of inHand.entries()) {
    out.locked[j] = settings.resequence ? Math.min(drivers[j]!.lockedStops ?? 0, stops.length) : stops.length;
    // What stands before a locked stop cannot change driver either.
    for (const stop of stops.slice(0, out.locked[j])) arrays.boundTo[stop >> 1] = j;
    for (const stop of stops) if (stop & 1 && arrays.aboard[stop >> 1]) out.aboardLoad[j]! += arrays.size[stop >> 1]!;
  }
  const parts = { ...out, vehicles: [...vehicles.keys()], inHand };
  return { ...parts, ruledOut: eligibilityOf(source, parts) };
}

function emptyArrays(m: number, stops: number) {
  return {
    free: new Float64Array(m),
    shiftEnd: new Float64Array(m),
    room: new Float64Array(m),
    aboardLoad: new Float64Array(m),
    vehicle: new Int32Array(m),
    endPlace: new Int32Array(m),
    locked: new Int32Array(m),
    deliveredToday: new Float64Array(m),
    shiftForgiven: new Uint8Array(stops),
  };
}
