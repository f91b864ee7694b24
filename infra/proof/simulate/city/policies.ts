import { plan } from '#shared/planning/plan.ts';
import type { PlannedRoute, PlanQuestion } from '#shared/planning/question.ts';
import type { PlanSettings, PolicyName } from '#shared/planning/settings.ts';
import { type CityDay, EXPRESS_PROMISE_S } from './make-day.ts';
import type { CityPolicy, CityView, DriverView } from './run-day.ts';
import { DROPOFF_STOP, metresBetween, type OrderInWorld, PICKUP_STOP, travelS } from './world.ts';

const PICKUP_SERVICE_S = PICKUP_STOP.beforeS + PICKUP_STOP.afterS;
const DROPOFF_SERVICE_S = DROPOFF_STOP.beforeS + DROPOFF_STOP.afterS;

/** The simple rule looks at no windows: what has one is kept from it until half an hour before somebody has to leave. */
const RELEASED_AHEAD = { planAheadS: 1_800, marginS: 0 } as const;

/** The shop in the planner's terms. Orders are held for as long as it pays. */
function settingsOf(day: CityDay, policy: PolicyName): Partial<PlanSettings> {
  return {
    policy,
    promiseS: EXPRESS_PROMISE_S,
    maxHeldS: Number.POSITIVE_INFINITY,
    pickupServiceS: PICKUP_SERVICE_S,
    dropoffServiceS: DROPOFF_SERVICE_S,
    serviceBefore: {
      pickup: PICKUP_STOP.beforeS / PICKUP_SERVICE_S,
      dropoff: DROPOFF_STOP.beforeS / DROPOFF_SERVICE_S,
    },
    demand: day.locations.map((place) => ({ place, weight: 1 })),
    explain: 'none',
    ...(policy === 'nearest' && RELEASED_AHEAD),
  };
}

/** A policy carries its last plan from one decision to the next. */
export function openPolicy(name: PolicyName, day: CityDay, more: Partial<PlanSettings>): CityPolicy {
  const settings = { ...settingsOf(day, name), ...more };
  let previous: readonly PlannedRoute[] = [];
  return (view) => {
    const { routes, changes, held } = plan({ ...questionOf(view), previous, settings });
    previous = routes;
    return { changes, held: held.filter(({ reason }) => reason !== 'scheduled').map(({ deliveryId }) => deliveryId) };
  };
}

function questionOf({ nowS, places, orders, drivers }: CityView): Omit<PlanQuestion, 'settings'> {
  return {
    nowMs: 1_000 * nowS,
    deliveries: orders.map(deliveryOf),
    drivers: drivers.map(driverOf),
    travelS: (from, to) => travelS(places, from, to),
    distanceM: (from, to) => metresBetween(places, from, to),
  };
}

function deliveryOf(order: OrderInWorld): PlanQuestion['deliveries'][number] {
  return {
    id: order.id,
    pickup: { place: order.pickup, readyAtMs: 1_000 * order.readyS },
    dropoff: {
      place: order.dropoff,
      afterMs: order.window ? 1_000 * order.window.afterS : undefined,
      beforeMs: order.window ? 1_000 * order.window.beforeS : undefined,
    },
    placedAtMs: 1_000 * order.placedS,
    size: order.size,
    excludedDriverIds: [...order.declinedBy],
    pickedUpAtMs: order.pickedUpS === null ? undefined : 1_000 * order.pickedUpS,
  };
}

function driverOf({ driver, place, freeS, lockedStops }: DriverView): PlanQuestion['drivers'][number] {
  return {
    id: driver.id,
    place,
    freeAtMs: 1_000 * freeS,
    capacity: driver.capacity,
    shiftEndsAtMs: 1_000 * driver.shiftEndsS,
    endPlace: driver.base,
    route: driver.route,
    lockedStops,
    deliveredToday: driver.delivered,
  };
}
