import { type DriverFacts, isLocated, type LocatedDelivery } from '../db/statements/read-snapshot.ts';
import { SILENT_AFTER_S } from '../domain/driver.ts';
import type { DriverOnDuty, OpenDelivery, PlannedRoute, PlanQuestion } from '../planning/question.ts';
import type { Snapshot } from './snapshot.ts';
import { stopsOf } from './stops.ts';
import { estimatedWays, openPlaces, type Places, positionOf, type Ways } from './travel.ts';

/** A driver this near to a place is heading for it: it stays their next stop. */
const HEADING_FOR_S = 180;

/** The planner's question about a shop, and what its places are. */
export interface Asked {
  question: PlanQuestion;
  places: Places;
  ways: Ways;
}

/** @param previous what the last plan of this process had in mind for the shop */
export function questionOf(snapshot: Snapshot, previous?: readonly PlannedRoute[]): Asked {
  const places = openPlaces();
  const ways = estimatedWays(places, snapshot.ratio);
  const { nowMs } = snapshot;
  const drivers = snapshot.drivers.flatMap((driver) => onDuty(driver, { nowMs, places, ways }) ?? []);
  const taking = new Set(drivers.map(({ id }) => id));
  // What somebody holds who takes no part is not open to anybody else.
  const held = snapshot.drivers.filter(({ id }) => taking.has(id)).flatMap(({ stops }) => stops.filter(isLocated));
  return {
    places,
    ways,
    question: {
      nowMs,
      deliveries: [...snapshot.waiting, ...held].map((delivery) => openDelivery(delivery, places)),
      drivers,
      travelS: ways.travelS,
      distanceM: ways.distanceM,
      previous,
      settings: snapshot.settings,
    },
  };
}

/** When a driver is planned for, and how long the ways are. */
interface Around {
  nowMs: number;
  places: Places;
  ways: Ways;
}

export function openDelivery(delivery: LocatedDelivery, places: Places): OpenDelivery {
  const or = <Value>(value: Value | null) => value ?? undefined;
  return {
    id: delivery.id,
    pickup: {
      place: places.numberOf({ lat: delivery.pickup_lat, lon: delivery.pickup_lon }),
      readyAtMs: or(delivery.ready_at),
      afterMs: or(delivery.pickup_after),
      beforeMs: or(delivery.pickup_before),
      serviceS: or(delivery.pickup_service_s),
    },
    dropoff: {
      place: places.numberOf({ lat: delivery.dropoff_lat, lon: delivery.dropoff_lon }),
      afterMs: or(delivery.dropoff_after),
      beforeMs: or(delivery.dropoff_before),
      serviceS: or(delivery.dropoff_service_s),
    },
    placedAtMs: delivery.placed_at,
    waitingSinceMs: delivery.due_at,
    size: delivery.size,
    requires: delivery.requires,
    priority: delivery.priority,
    excludedDriverIds: delivery.excluded_driver_ids,
    hardWindows: delivery.hard_windows,
    pinned: delivery.pinned,
    pickedUpAtMs: or(delivery.picked_up_at),
  };
}

/**
 * A driver for the planner; null where nothing can be planned for them: nobody knows where they are, or where something
 * has to go that a person gave them. Who is on a break or has not been heard from gets nothing new, but what they have in
 * hand is still theirs. Where nobody can go on before their break is over, it may be somebody else's sooner.
 */
export function onDuty(driver: DriverFacts, around: Around): DriverOnDuty | null {
  const { places } = around;
  const position = positionOf(driver);
  const stops = stopsOf(driver.stops);
  const takesNew = driver.duty === 'AVAILABLE' && driver.seen_age_s !== null && driver.seen_age_s < SILENT_AFTER_S;
  if (position === null || (!takesNew && stops.length === 0) || !driver.stops.every(isLocated)) return null;
  const place = places.numberOf(position);
  const freeAtMs = breakEndsMs(driver, around.nowMs);
  return {
    id: driver.id,
    place,
    freeAtMs,
    capacity: driver.capacity,
    takesNew,
    reserved: driver.reserved,
    vehicle: driver.vehicle,
    tags: driver.tags,
    shiftEndsAtMs: driver.shift_ends_at ?? undefined,
    route: stops.map(({ deliveryId, kind }) => ({ deliveryId, kind })),
    lockedStops: Math.max(fixedStops(driver), freeAtMs === undefined ? headingFor(driver, place, around) : 0),
    deliveredToday: driver.delivered_today,
    idleSinceMs: driver.idle_since,
  };
}

/**
 * When the break is over before which a driver does not go on. Undefined where they go on now: also on a break with
 * something aboard, which they bring first.
 */
export function breakEndsMs(
  { duty, break_until: until, stops }: Pick<DriverFacts, 'duty' | 'break_until' | 'stops'>,
  nowMs: number,
): number | undefined {
  const isAboard = stops.some(({ pickup_rank }) => pickup_rank === null);
  return duty === 'BUSY' && until !== null && until > nowMs && !isAboard ? until : undefined;
}

/** How many stops at the beginning of the route a person has put in order. */
export function fixedStops(driver: DriverFacts): number {
  return stopsOf(driver.stops).filter(({ rank }) => rank <= driver.fixed_rank).length;
}

/**
 * 1 where the driver is on the way to their next stop and should not be turned back: to somebody who waits for a parcel
 * that is aboard, or nearly there. To a hand-over whose window opens much later than they can be there, and back with
 * what could not be handed over, nobody drives yet: other stops may come first.
 */
function headingFor(driver: DriverFacts, place: number, { nowMs, places, ways }: Around): 0 | 1 {
  const [next] = stopsOf(driver.stops);
  const delivery = driver.stops.filter(isLocated).find(({ id }) => id === next?.deliveryId);
  if (next === undefined || delivery === undefined) return 0;
  const { pickup, dropoff } = openDelivery(delivery, places);
  const to = next.kind === 'dropoff' ? dropoff : pickup;
  const wayS = ways.travelS(place, to.place, driver.vehicle);
  if (next.kind !== 'dropoff') return wayS < HEADING_FOR_S ? 1 : 0;
  return (dropoff.afterMs ?? 0) <= nowMs + 1_000 * (wayS + HEADING_FOR_S) ? 1 : 0;
}
