import { plan } from '#shared/planning/plan.ts';
import type { Plan, PlannedRoute, PlanQuestion, RouteChange } from '#shared/planning/question.ts';
import type { PlanSettings, PolicyName } from '#shared/planning/settings.ts';
import { type MealDay, metresBetween, type Point, travelMinutes } from './day.ts';
import type { DayView, MealPolicy, TripToTell } from './run-day.ts';

const MINUTE_MS = 60_000;
/** As the benchmark's simple rule has it. */
const NEAREST_RADIUS_M = 5_000;

/** What the search may be given from outside. */
export type SearchSettings = Partial<Pick<PlanSettings, 'seed' | 'rounds'>>;

/** The rules of the benchmark in the planner's terms, for either policy. */
function rulesOf(day: MealDay): Partial<PlanSettings> {
  return {
    bundle: 'same_pickup',
    shiftEnds: 'pickup',
    promiseS: 60 * day.targetClickToDoor,
    pickupServiceS: 60 * day.pickupService,
    dropoffServiceS: 60 * day.dropoffService,
    serviceBefore: { pickup: 0.5, dropoff: 0.5 },
    explain: 'none',
  };
}

/**
 * The planner. Its weights are those for customers who only wait: a late minute counts as any other, for policies are
 * ranked by the mean; couriers' time costs only where there are too few of them; and a free courier is worth most near
 * restaurants with orders. Nobody is told before they have to leave, for a told trip is fixed.
 */
function plannedSettings(day: MealDay, view: DayView): Partial<PlanSettings> {
  return {
    ...rulesOf(day),
    policy: 'planned',
    planAheadS: Number.POSITIVE_INFINITY,
    maxRadiusM: Number.POSITIVE_INFINITY,
    maxHeldS: Number.POSITIVE_INFINITY,
    tellAheadS: 0,
    calmAheadS: 0,
    marginS: 0,
    lateWeight: 0,
    unservedS: 30_000,
    driverPrice: 0,
    busyPrice: 0.6,
    busyFrom: 0.6,
    driverValueS: 360,
    driverValueDecay: 0.2,
    driverValueTailS: 7_200,
    demand: day.restaurants.map((restaurant, place) => ({
      place,
      weight: 0.5 + view.waiting.filter((order) => order.restaurant === restaurant).length,
    })),
  };
}

/** Each policy by its name in the settings; a policy carries its last plan from minute to minute. */
export function openPolicy(name: PolicyName, day: MealDay, search: SearchSettings = {}): MealPolicy {
  return name === 'planned' ? planned(day, search) : nearest(day);
}

function planned(day: MealDay, search: SearchSettings): MealPolicy {
  let previous: readonly PlannedRoute[] = [];
  return (view) => {
    const answer: Plan = plan({
      ...question(day, view),
      previous,
      settings: { ...plannedSettings(day, view), ...search },
    });
    previous = answer.routes;
    const idle = new Set(view.couriers.filter((one) => one.idle).map(({ courier }) => sortable(courier.id)));
    return answer.changes.filter(({ driverId, told }) => idle.has(driverId) && told.length > 0).map(firstTrip);
  };
}

/** The oldest order first, the nearest idle courier, at once, one order each: capacity 1, and busy couriers left out. */
function nearest(day: MealDay): MealPolicy {
  const settings: Partial<PlanSettings> = { ...rulesOf(day), policy: 'nearest', maxRadiusM: NEAREST_RADIUS_M };
  return (view) => {
    const idle = question(day, { ...view, couriers: view.couriers.filter((courier) => courier.idle) });
    const drivers = idle.drivers.map((driver) => ({ ...driver, capacity: 1 }));
    return plan({ ...idle, drivers, settings }).changes.map(firstTrip);
  };
}

/** Places are the restaurants, then the orders that wait, then the couriers. */
function question(day: MealDay, { now, waiting, couriers }: DayView): Omit<PlanQuestion, 'settings'> {
  const places: readonly Point[] = [...day.restaurants, ...waiting, ...couriers.map(({ at }) => at)];
  const placeOf = new Map(day.restaurants.map((restaurant, place) => [restaurant, place]));
  const firstDoor = day.restaurants.length;
  const firstCourier = firstDoor + waiting.length;
  const at = (place: number) => places[place] as Point;
  return {
    nowMs: now * MINUTE_MS,
    deliveries: waiting.map((order, index) => ({
      id: sortable(order.id),
      pickup: { place: placeOf.get(order.restaurant) as number, readyAtMs: order.readyAt * MINUTE_MS },
      dropoff: { place: firstDoor + index },
      placedAtMs: order.placedAt * MINUTE_MS,
    })),
    drivers: couriers.map(({ courier, freeAt }, index) => ({
      id: sortable(courier.id),
      place: firstCourier + index,
      freeAtMs: freeAt * MINUTE_MS,
      capacity: Number.POSITIVE_INFINITY,
      shiftEndsAtMs: courier.offAt * MINUTE_MS,
    })),
    travelS: (from, to) => 60 * travelMinutes(day, at(from), at(to)),
    distanceM: (from, to) => metresBetween(at(from), at(to)),
  };
}

/** What a courier does before the next pickup: a told trip is one visit to a restaurant, and the rest is told after it. */
function firstTrip({ driverId, stops }: RouteChange): TripToTell {
  const firstDoor = stops.findIndex(({ kind }) => kind === 'dropoff');
  const nextPickup = stops.findIndex(({ kind }, index) => kind === 'pickup' && index > firstDoor);
  const trip = stops.slice(0, nextPickup < 0 ? undefined : nextPickup);
  const orderIds = trip.filter(({ kind }) => kind === 'dropoff').map(({ deliveryId }) => deliveryId.trim());
  return { courierId: driverId.trim(), orderIds };
}

/** Ids are letters and a number. Among equals the planner takes the lesser id, the benchmark's rule the lesser number. */
function sortable(id: string): string {
  return id.padStart(12);
}
