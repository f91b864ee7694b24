import type { DriverOnDuty, OpenDelivery, Plan, PlannedStopRef, PlanQuestion, StopKind } from './question.ts';
import { NOW_MS } from './questions.testing.ts';
import type { PlanSettings } from './settings.ts';

/*
 * Small questions about a road: places are seconds along it, ten metres each. Services take no time, and only customers'
 * waiting and drivers' seconds cost, so that what should happen can be told by looking.
 */

export const inS = (seconds: number): number => NOW_MS + seconds * 1_000;

/** An order placed just now; `from` and `to` are places. */
export function order(id: string, from: number, to: number, more: Partial<OpenDelivery> = {}): OpenDelivery {
  return { id, placedAtMs: NOW_MS, pickup: { place: from }, dropoff: { place: to }, ...more };
}

export function driver(id: string, place: number, more: Partial<DriverOnDuty> = {}): DriverOnDuty {
  return { id, place, ...more };
}

/** Stops by names like `+d` (pickup of d), `-d` (dropoff) and `<d` (return). */
export function stops(...names: readonly string[]): PlannedStopRef[] {
  const kinds: Record<string, StopKind> = { '+': 'pickup', '-': 'dropoff', '<': 'return' };
  return names.map((name) => ({ deliveryId: name.slice(1), kind: kinds[name[0]!]! }));
}

/** The same the other way round. */
export function names(list: readonly PlannedStopRef[]): string[] {
  const signs = { pickup: '+', dropoff: '-', return: '<' };
  return list.map(({ deliveryId, kind }) => `${signs[kind]}${deliveryId}`);
}

export function road(
  deliveries: readonly OpenDelivery[],
  drivers: readonly DriverOnDuty[],
  settings: Partial<PlanSettings> = {},
): PlanQuestion {
  const free = { pickupServiceS: 0, dropoffServiceS: 0, driverValueS: 0, busyPrice: 0, tellAheadS: 0, marginS: 0 };
  return {
    nowMs: NOW_MS,
    travelS: (from, to) => Math.abs(from - to),
    distanceM: (from, to) => 10 * Math.abs(from - to),
    deliveries,
    drivers,
    settings: { ...free, ...settings },
  };
}

/** The stops planned for a driver, by names. */
export function routeOf({ routes }: Plan, driverId: string): string[] {
  return names(routes.find((route) => route.driverId === driverId)!.stops);
}

/** Who is planned for a delivery; null: nobody. */
export function driverOf({ routes }: Plan, deliveryId: string): string | null {
  const route = routes.find(({ stops: list }) => list.some((stop) => stop.deliveryId === deliveryId));
  return route?.driverId ?? null;
}

/** All that is told, as `driver: delivery reason`. */
export function told({ changes }: Plan): string[] {
  return changes.flatMap((change) => change.told.map((one) => `${change.driverId}: ${one.deliveryId} ${one.reason}`));
}

/** All that is held, as `delivery reason seconds`. */
export function heldFor({ held }: Plan): string[] {
  return held.map(({ deliveryId, reason, untilMs }) => `${deliveryId} ${reason} ${(untilMs - NOW_MS) / 1_000}`);
}
