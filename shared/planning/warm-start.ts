import { isAllowed } from './allowed.ts';
import { compareIds } from './order.ts';
import type { PlannedRoute, PlannedStopRef } from './question.ts';
import { type Routes, setStops } from './routes.ts';

/** Takes over the routes of the last plan, driver by driver, where they are still allowed and hold all that is in hand. */
export function startFromPrevious(routes: Routes, previous: readonly PlannedRoute[]): void {
  const { model, driverOf } = routes;
  const drivers = new Map(model.drivers.map(({ id }, j) => [id, j]));
  const deliveries = new Map(model.deliveries.map(({ id }, i) => [id, i]));
  const inOrder = [...previous].sort((a, b) => compareIds(a.driverId, b.driverId));
  for (const route of inOrder) {
    const j = drivers.get(route.driverId);
    if (j === undefined) continue;
    const inHand = routes.stops[j]!;
    const stops = stillToDo(routes, j, route.stops, deliveries);
    if (!inHand.every((stop) => stops.includes(stop))) continue;
    setStops(routes, j, stops);
    if (isAllowed(routes, j)) for (const stop of stops) driverOf[stop >> 1] = j;
    else setStops(routes, j, inHand);
  }
}

/** The stops that are not made yet and that nobody else has. */
function stillToDo(
  { model, driverOf }: Routes,
  j: number,
  stops: readonly PlannedStopRef[],
  deliveries: ReadonlyMap<string, number>,
): number[] {
  const left: number[] = [];
  for (const { deliveryId, kind } of stops) {
    const i = deliveries.get(deliveryId);
    if (i === undefined || model.ruledOut[i * model.m + j] !== 0) continue;
    if (kind === 'pickup' && model.byDelivery.aboard[i] === 1) continue;
    if (driverOf[i]! < 0 || driverOf[i] === j) left.push(2 * i + (kind === 'pickup' ? 0 : 1));
  }
  return left;
}
