import { besideCost, routeCost } from './checker.testing.ts';
import type { OpenDelivery, PlannedStopRef, PlanQuestion } from './question.ts';

/*
 * The least that plans and routes can cost, found by trying all of them.
 */

/** The least cost of all plans of a question in which nothing is in hand. */
export function leastPlanCost(question: PlanQuestion): number {
  const { deliveries, drivers } = question;
  const cheapest = new Map<string, number>();
  const routeFor = (driverId: string, list: readonly OpenDelivery[]): number => {
    const key = [driverId, ...list.map(({ id }) => id)].join(' ');
    const known = cheapest.get(key);
    if (known !== undefined) return known;
    const least = leastRouteCost(question, driverId, list);
    cheapest.set(key, least);
    return least;
  };
  const give = (k: number, lists: readonly (readonly OpenDelivery[])[]): number => {
    const delivery = deliveries[k];
    if (!delivery) {
      const routes = new Map(drivers.map(({ id }, j) => [id, lists[j]!.map((one) => dropoffOf(one.id))]));
      return drivers.reduce((sum, { id }, j) => sum + routeFor(id, lists[j]!), besideCost(question, routes));
    }
    const given = lists.map((_, j) =>
      give(
        k + 1,
        lists.map((list, x) => (x === j ? [...list, delivery] : list)),
      ),
    );
    return Math.min(give(k + 1, lists), ...given);
  };
  return give(
    0,
    drivers.map(() => []),
  );
}

const pickupOf = (deliveryId: string): PlannedStopRef => ({ deliveryId, kind: 'pickup' });
const dropoffOf = (deliveryId: string): PlannedStopRef => ({ deliveryId, kind: 'dropoff' });

/** The least cost of all orders of stops for these deliveries. */
function leastRouteCost(question: PlanQuestion, driverId: string, list: readonly OpenDelivery[]): number {
  if (list.length === 0) return 0;
  const extend = (stops: readonly PlannedStopRef[], left: readonly PlannedStopRef[]): number => {
    if (left.length === 0) return routeCost(question, driverId, stops);
    return left.reduce((least, stop) => {
      const rest = left.filter((other) => other !== stop);
      const after = stop.kind === 'pickup' ? [...rest, dropoffOf(stop.deliveryId)] : rest;
      return Math.min(least, extend([...stops, stop], after));
    }, Number.POSITIVE_INFINITY);
  };
  return extend(
    [],
    list.map(({ id }) => pickupOf(id)),
  );
}

/** The least cost of the whole plan if this driver does the delivery and all other stops stay as they are. */
export function leastCostWith(
  question: PlanQuestion,
  deliveryId: string,
  driverId: string,
  routes: ReadonlyMap<string, readonly PlannedStopRef[]>,
): number {
  const others = [...routes].filter(([id]) => id !== driverId);
  const stops = routes.get(driverId)!;
  const rest = others.reduce((sum, [id, theirs]) => sum + routeCost(question, id, theirs), 0);
  const beside = besideCost(question, new Map(routes).set(driverId, [...stops, dropoffOf(deliveryId)]));
  let least = Number.POSITIVE_INFINITY;
  for (let p = 0; p <= stops.length; p += 1) {
    for (let q = p; q <= stops.length; q += 1) {
      const between = [...stops.slice(0, p), pickupOf(deliveryId), ...stops.slice(p, q)];
      const next = [...between, dropoffOf(deliveryId), ...stops.slice(q)];
      least = Math.min(least, rest + beside + routeCost(question, driverId, next));
    }
  }
  return least;
}
