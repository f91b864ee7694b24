import type { OffersInput } from '../db/statements/make-offers.ts';
import type { DriverFacts, LocatedDelivery } from '../db/statements/read-snapshot.ts';
import { SILENT_AFTER_S } from '../domain/driver.ts';
import { distanceM } from '../domain/geo.ts';
import type { Plan, PlannedStop, RouteChange } from '../planning/question.ts';
import { decisionsOf, type PlanMade } from './decisions-of.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * What a plan would give to drivers, as offers to them; and the plan without it. A driver who is asked goes on with what
 * they have as if they had not been: the plan that follows their yes finds its stops a place.
 */
export function offerTrips(snapshot: Snapshot, made: PlanMade): { rest: PlanMade; offers: OffersInput | null } {
  const asking = made.plan.changes.filter(({ told }) => told.length > 0);
  const spent = snapshot.spent.map(({ id, version }) => ({ delivery: id, version }));
  if (asking.length === 0 && spent.length === 0) return { rest: made, offers: null };
  const waiting = new Map(snapshot.waiting.map((delivery) => [delivery.id, delivery]));
  const trips = asking.flatMap((change) => tripOf(snapshot, change, waiting) ?? []);
  return {
    rest: { ...made, plan: without(made.plan, new Set(asking.map(({ driverId }) => driverId))) },
    offers: {
      shop_id: snapshot.shopId,
      trips: trips.map(({ wave, exclusive }, trip) => ({ trip, wave, exclusive })),
      parts: trips.flatMap(({ parts }, trip) => parts.map((part) => ({ trip, ...part }))),
      askings: trips.flatMap(({ drivers, exclusive }, trip) =>
        drivers.map(({ id, version }) => ({ trip, driver: id, version: exclusive ? version : null })),
      ),
      spent,
      answer_s: snapshot.settings.offerS,
      decisions: decisionsOf(snapshot, made, []).map((decision) => ({ ...decision, outcome: 'offered' as const })),
    },
  };
}

function without(plan: Plan, asked: ReadonlySet<string>): Plan {
  return {
    ...plan,
    changes: plan.changes.filter(({ driverId }) => !asked.has(driverId)),
    routes: plan.routes.filter(({ driverId }) => !asked.has(driverId)),
  };
}

interface Trip {
  wave: number;
  exclusive: boolean;
  drivers: readonly DriverFacts[];
  parts: readonly Omit<OffersInput['parts'][number], 'trip'>[];
}

function tripOf(
  { drivers, settings, wavesOf }: Snapshot,
  { driverId, told, stops }: RouteChange,
  waiting: ReadonlyMap<string, LocatedDelivery>,
): Trip | null {
  const chosen = drivers.find(({ id }) => id === driverId);
  const deliveries = told.flatMap(({ deliveryId }) => waiting.get(deliveryId) ?? []);
  if (chosen === undefined || deliveries.length === 0) return null;
  const exclusive = settings.mode === 'offer';
  const until = Math.max(
    ...stops.map(({ deliveryId, atMs }) => (deliveries.some(({ id }) => id === deliveryId) ? atMs : 0)),
  );
  const others = exclusive ? [] : drivers.filter((driver) => driver !== chosen && couldTake(driver, deliveries, until));
  const away = (driver: DriverFacts) => approachM(driver, deliveries[0]!);
  const near = others
    .filter((driver) => away(driver) <= settings.maxRadiusM)
    .sort((a, b) => away(a) - away(b) || (a.id < b.id ? -1 : 1));
  return {
    exclusive,
    wave: 1 + Math.max(...deliveries.map(({ id }) => wavesOf.get(id) ?? 0)),
    drivers: [chosen, ...near.slice(0, settings.offerTo - 1)],
    parts: deliveries.map(({ id, version }) => ({
      delivery: id,
      version,
      pickup_at: timeOf(stops, id, 'pickup'),
      dropoff_at: timeOf(stops, id, 'dropoff'),
    })),
  };
}

/**
 * May be asked, as the plan would ask; whether there is still room is judged when they say yes.
 * @param untilMs when the trip is over: they are to be on shift until then
 */
function couldTake(driver: DriverFacts, deliveries: readonly LocatedDelivery[], untilMs: number): boolean {
  const size = deliveries.reduce((sum, delivery) => sum + delivery.size, 0);
  return (
    driver.duty === 'AVAILABLE' &&
    driver.seen_age_s !== null &&
    driver.seen_age_s < SILENT_AFTER_S &&
    driver.load + driver.reserved + size <= driver.capacity &&
    (driver.shift_ends_at === null || driver.shift_ends_at > untilMs) &&
    deliveries.every(
      ({ requires, excluded_driver_ids: excluded }) =>
        !excluded.includes(driver.id) && requires.every((tag) => driver.tags.includes(tag)),
    )
  );
}

/** In a straight line, metres. Infinity where nobody knows where they are. */
function approachM({ lat, lon }: DriverFacts, { pickup_lat, pickup_lon }: LocatedDelivery): number {
  if (lat === null || lon === null) return Number.POSITIVE_INFINITY;
  return distanceM({ lat, lon }, { lat: pickup_lat, lon: pickup_lon });
}

function timeOf(stops: readonly PlannedStop[], id: string, kind: PlannedStop['kind']): string | null {
  const stop = stops.find((each) => each.deliveryId === id && each.kind === kind);
  return stop === undefined ? null : new Date(stop.atMs).toISOString();
}
