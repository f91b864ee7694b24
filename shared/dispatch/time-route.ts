import { type DeliveryFacts, isLocated, readDrivers } from '../db/statements/read-snapshot.ts';
import type { Position } from '../domain/geo.ts';
import { QuestionError } from '../planning/check-question.ts';
import type { PlannedStop, PlannedStopRef } from '../planning/question.ts';
import { scheduleRoute } from '../planning/schedule-route.ts';
import type { EngineDeps } from './deps.ts';
import { ratioOf } from './learned-ratio.ts';
import { breakEndsMs, openDelivery } from './question-of.ts';
import { dispatchSettingsOf } from './settings-of-shop.ts';
import { stopsOf } from './stops.ts';
import { estimatedWays, openPlaces, type Places, type Ways } from './travel.ts';

export interface TimedRoute {
  /** In order. A stop whose delivery lacks coordinates takes no time, and is left out. */
  stops: readonly PlannedStop[];
  source: 'routing' | 'estimate';
}

/** Ways that a routing server is asked for at once: servers refuse large tables, and a page waits for it. */
const MOST_LEGS = 25;

/**
 * When a driver makes all their stops, from where they are: ways and services, and no hand-over before its window opens.
 * The same rules as a plan's, so that what customers see is what was planned.
 * @param route.order the stops in another order than they are in
 * @returns null where there is no such driver, or the order contradicts itself
 */
export async function timeRoute(
  deps: Pick<EngineDeps, 'db' | 'shops' | 'routing'>,
  route: {
    shopId: string;
    driverId: string;
    position: Position;
    nowMs: number;
    order?: readonly PlannedStopRef[];
  },
): Promise<TimedRoute | null> {
  const { shopId, driverId, nowMs } = route;
  const [[driver], shop, ratio] = await Promise.all([
    readDrivers(deps.db, shopId, { driverIds: [driverId], mostBusy: 0, center: null, countToday: false }),
    deps.shops.byId(shopId),
    ratioOf(deps, shopId),
  ]);
  if (driver === undefined || shop === null) return null;
  const held = new Map(driver.stops.filter(isLocated).map((delivery) => [delivery.id, delivery]));
  const stops = (route.order ?? stopsOf(driver.stops)).filter((stop) => isToCome(stop, held));
  const places = openPlaces();
  const start = places.numberOf(route.position);
  const deliveries = [...held.values()].map((delivery) => openDelivery(delivery, places));
  const visits = stops.map(({ deliveryId, kind }) => {
    const { pickup, dropoff } = deliveries.find(({ id }) => id === deliveryId)!;
    return kind === 'dropoff' ? dropoff.place : pickup.place;
  });
  const estimate = estimatedWays(places, ratio).travelS;
  const routed = await routedWays(deps, places, [start, ...visits], driver.vehicle);
  const travelS: Ways['travelS'] = (from, to, vehicle) => routed?.get(`${from} ${to}`) ?? estimate(from, to, vehicle);
  const question = { nowMs, deliveries, travelS, settings: dispatchSettingsOf(shop) };
  const from = { place: start, freeAtMs: breakEndsMs(driver, nowMs) };
  try {
    const timed = scheduleRoute(question, { ...from, id: driver.id, vehicle: driver.vehicle }, stops);
    return { stops: timed, source: routed === null ? 'estimate' : 'routing' };
  } catch (error) {
    if (error instanceof QuestionError) return null;
    throw error;
  }
}

function isToCome({ deliveryId, kind }: PlannedStopRef, held: ReadonlyMap<string, DeliveryFacts>): boolean {
  const delivery = held.get(deliveryId);
  return delivery !== undefined && (kind !== 'pickup' || delivery.pickup_rank !== null);
}

/** What the routing server says of the ways between these places, one after the other; null: nothing. */
async function routedWays(
  { routing }: Pick<EngineDeps, 'routing'>,
  places: Places,
  visits: readonly number[],
  vehicle: string | null,
): Promise<ReadonlyMap<string, number> | null> {
  const legs = visits
    .slice(1)
    .map((to, place) => [visits[place]!, to] as const)
    .filter(([from, to]) => from !== to);
  if (!routing || legs.length === 0 || legs.length > MOST_LEGS) return null;
  const durations = await routing.durationsS(
    legs.map(([from, to]) => [places.at(from), places.at(to)]),
    vehicle,
  );
  return durations && new Map(legs.map(([from, to], leg) => [`${from} ${to}`, durations[leg]!]));
}
