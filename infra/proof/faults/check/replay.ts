import type { PlannedStopRef } from '#shared/planning/question.ts';
import type { DeliveryEventFact, DriverEventFact } from '../facts.ts';
import { groupBy } from './group-by.ts';

/** Who had a delivery from when to when, as its own events tell it. Versions are the driver's. */
export interface Holding {
  deliveryId: string;
  driverId: string;
  fromVersion: number;
  /** The first version at which it was gone; null: they still have it. */
  untilVersion: number | null;
  /** From when on its last stop was a way back. */
  returnsFrom: number | null;
  pickedMs: number | null;
}

/** A driver's stops as one of their versions has them. */
export interface RouteAt {
  event: DriverEventFact;
  stops: readonly PlannedStopRef[];
}

/** @param events of all deliveries */
export function holdingsOf(events: readonly DeliveryEventFact[]): readonly Holding[] {
  return [...groupBy(events, (event) => event.deliveryId).values()].flatMap((own) => {
    const holdings: Holding[] = [];
    for (const event of own.toSorted((a, b) => a.seq - b.seq)) follow(holdings, event);
    return holdings;
  });
}

function follow(holdings: Holding[], event: DeliveryEventFact): void {
  const { type, deliveryId, driverId, driverVersion } = event;
  if (type === 'ASSIGNED' && driverId !== null && driverVersion !== null) {
    holdings.push({
      deliveryId,
      driverId,
      fromVersion: driverVersion,
      untilVersion: null,
      returnsFrom: null,
      pickedMs: null,
    });
    return;
  }
  const last = holdings.at(-1);
  if (last === undefined || last.untilVersion !== null) return;
  if (type === 'REATTEMPTED') {
    // The same parcel in the same hands: what was a way back is a dropoff again.
    last.untilVersion = driverVersion;
    holdings.push({ ...last, fromVersion: driverVersion ?? last.fromVersion, untilVersion: null, returnsFrom: null });
    return;
  }
  if (type === 'PICKED_UP') last.pickedMs = event.recordedMs;
  else if (type === 'FAILED' && last.pickedMs !== null) last.returnsFrom = driverVersion;
  else if (ENDS.has(type)) last.untilVersion = driverVersion;
}

const ENDS: ReadonlySet<string> = new Set(['UNASSIGNED', 'DELIVERED', 'FAILED', 'RETURNED', 'CANCELLED']);

export const isHeldAt = ({ fromVersion, untilVersion }: Holding, version: number): boolean =>
  fromVersion <= version && (untilVersion === null || version < untilVersion);

/** A statement's time is its beginning, and it ends within its deadline: what is further apart came one after the other. */
export const APART_MS = 5_000;

/**
 * The driver's events one after another, and the stops after each. A pickup that is made raises no version: it is gone
 * from the first version of which that is sure.
 * @param events of one driver, in order; @param holdings of the same
 */
export function replay(events: readonly DriverEventFact[], holdings: readonly Holding[]): readonly RouteAt[] {
  const byDelivery = groupBy(holdings, (holding) => holding.deliveryId);
  const isPickedUp = (deliveryId: string, { version, recordedMs }: DriverEventFact) =>
    (byDelivery.get(deliveryId) ?? []).some(
      (holding) => isHeldAt(holding, version) && holding.pickedMs !== null && holding.pickedMs < recordedMs - APART_MS,
    );
  let stops: readonly PlannedStopRef[] = [];
  return events.map((event) => {
    const left = stops.filter(({ deliveryId, kind }) => kind !== 'pickup' || !isPickedUp(deliveryId, event));
    const returns = holdings.some((each) => each.deliveryId === event.deliveryId && each.returnsFrom === event.version);
    stops = after(left, event, returns);
    return { event, stops };
  });
}

/** As the schema says it (shared/db/schema/driver.ts, driver_event.route). */
function after(
  stops: readonly PlannedStopRef[],
  { type, route, deliveryId }: DriverEventFact,
  returns: boolean,
): readonly PlannedStopRef[] {
  if (route !== null) return route.map(([id, kind]) => ({ deliveryId: id, kind }));
  if (deliveryId === null) return stops;
  if (type === 'REATTEMPTED')
    return stops.map((stop) => (stop.deliveryId === deliveryId ? { deliveryId, kind: 'dropoff' as const } : stop));
  if (type === 'ASSIGNED') return [...stops, { deliveryId, kind: 'pickup' }, { deliveryId, kind: 'dropoff' }];
  if (!returns) return stops.filter((stop) => stop.deliveryId !== deliveryId);
  return stops
    .filter((stop) => stop.deliveryId !== deliveryId || stop.kind !== 'pickup')
    .map((stop) => (stop.deliveryId === deliveryId ? { deliveryId, kind: 'return' as const } : stop));
}
