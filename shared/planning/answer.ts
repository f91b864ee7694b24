import { PICKUP, RETURN } from './by-delivery.ts';
import type { Model } from './model.ts';
import type { PlannedRoute, PlannedStop, StopKind } from './question.ts';
import type { Routes } from './routes.ts';

/** From seconds from now to ms since 1970. */
export function atMs({ nowMs }: Model, t: number): number {
  return nowMs + Math.round(t * 1_000);
}

/** The first whole ms that is later than now and not earlier than `t`: what is held has to end in the future. */
export function untilMs({ nowMs }: Model, t: number): number {
  return nowMs + Math.max(1, Math.ceil(t * 1_000));
}

export function plannedStop({ model, time }: Routes, stop: number): PlannedStop {
  return { deliveryId: model.deliveries[stop >> 1]!.id, kind: kindOf(model, stop), atMs: atMs(model, time[stop]!) };
}

function kindOf({ byStop }: Model, stop: number): StopKind {
  if (byStop.kind[stop] === PICKUP) return 'pickup';
  return byStop.kind[stop] === RETURN ? 'return' : 'dropoff';
}

/** All routes, in order of driver. */
export function plannedRoutes(routes: Routes): PlannedRoute[] {
  return routes.model.drivers.map(({ id }, j) => ({
    driverId: id,
    stops: routes.stops[j]!.map((stop) => plannedStop(routes, stop)),
  }));
}

/** When a delivery is planned to be collected and handed over; null where it has no such stop to come. */
export function plannedTimes(routes: Routes, i: number): { pickupAtMs: number | null; dropoffAtMs: number | null } {
  const { model, driverOf, time } = routes;
  if (driverOf[i]! < 0) return { pickupAtMs: null, dropoffAtMs: null };
  return {
    pickupAtMs: model.byDelivery.aboard[i] ? null : atMs(model, time[2 * i]!),
    dropoffAtMs: atMs(model, time[2 * i + 1]!),
  };
}
