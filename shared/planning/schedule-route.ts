import { plannedStop } from './answer.ts';
import { buildModel } from './model.ts';
import type { DriverOnDuty, PlannedStop, PlannedStopRef, PlanQuestion } from './question.ts';
import { openRoutes } from './routes.ts';

/**
 * When a driver makes these stops in this order, if they go on as soon as they can: readiness, opening doors and services
 * are waited for, lateness is nothing but late. The same times as a plan has for the same route.
 *
 * @param question the deliveries of the stops, travel times, and the shop's service times
 * @param driver where and when they can go on; their own `route` is not looked at
 * @throws QuestionError where the stops contradict themselves
 */
export function scheduleRoute(
  question: Pick<PlanQuestion, 'nowMs' | 'deliveries' | 'travelS' | 'settings'>,
  driver: DriverOnDuty,
  stops: readonly PlannedStopRef[],
): PlannedStop[] {
  const named = new Set(stops.map(({ deliveryId }) => deliveryId));
  const deliveries = question.deliveries.filter(({ id }) => named.has(id));
  const routes = openRoutes(buildModel({ ...question, deliveries, drivers: [{ ...driver, route: stops }] }));
  return routes.stops[0]!.map((stop) => plannedStop(routes, stop));
}
