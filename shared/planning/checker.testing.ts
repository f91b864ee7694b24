import { before, type Facts } from './facts.testing.ts';
import type { Plan, PlannedStopRef, PlanQuestion } from './question.ts';
import { routeFaults } from './route-faults.testing.ts';
import { judged, roomOf, walk } from './walk.testing.ts';

/*
 * Judges plans from their questions alone: times, rules and costs are found again without the planner's own routes.
 */

const lateness = (t: number, due: number): number => Math.max(0, t - due);

/** What the customers of a route cost. */
function customersCost(f: Facts, driverId: string, stops: readonly PlannedStopRef[]): number {
  const { times } = walk(f, driverId, stops);
  return stops.reduce((sum, stop, k) => sum + customerCost(f, stop, times[k]!), 0);
}

function customerCost(f: Facts, { deliveryId, kind }: PlannedStopRef, t: number): number {
  const { delivery, weight, waits, due } = f.deliveries.get(deliveryId)!;
  const { waitWeight, lateWeight, economy } = f.settings;
  if (kind === 'return') return 0;
  if (kind === 'pickup') return weight * lateWeight * lateness(t, before(delivery.pickup, f));
  return weight * (waitWeight * 10 ** (-2 * economy) * lateness(t, waits) + lateWeight * lateness(t, due));
}

/** The cost of a route; Infinity where it breaks a rule. */
export function routeCost(question: PlanQuestion, driverId: string, stops: readonly PlannedStopRef[]): number {
  const f = judged(question);
  if (routeFaults(f, driverId, stops).length > 0) return Number.POSITIVE_INFINITY;
  if (stops.length === 0) return 0;
  const driver = f.drivers.get(driverId)!;
  const { settings } = f;
  const { end, busy, idle, place } = walk(f, driverId, stops);
  const shiftEnd = ((driver.shiftEndsAtMs ?? Number.POSITIVE_INFINITY) - question.nowMs) / 1_000;
  const value = (at: number, t: number): number =>
    t < shiftEnd ? f.worth(at) * Math.min(1, (shiftEnd - t) / settings.driverValueTailS) : 0;
  const free = Math.max(0, ((driver.freeAtMs ?? question.nowMs) - question.nowMs) / 1_000);
  const soft = settings.shiftEnds === 'route' && settings.overtimeWeight < Number.POSITIVE_INFINITY;
  const overtime = soft ? settings.overtimeWeight * lateness(end, shiftEnd) : 0;
  let unfair = 0;
  for (let k = 1; k <= new Set(stops.map(({ deliveryId }) => deliveryId)).size; k += 1) {
    unfair += settings.fairness * 300 * lateness((driver.deliveredToday ?? 0) + k, f.fairShare);
  }
  return (
    customersCost(f, driverId, stops) +
    f.price * busy +
    settings.idlePrice * idle +
    overtime +
    value(driver.place, free) -
    value(place, end) +
    unfair
  );
}

/** What counts beside the routes: deliveries without driver, and those that change driver. */
export function besideCost(question: PlanQuestion, routes: ReadonlyMap<string, readonly PlannedStopRef[]>): number {
  const f = judged(question);
  const by = new Map<string, string>();
  for (const [id, stops] of routes) for (const { deliveryId } of stops) by.set(deliveryId, id);
  let sum = 0;
  for (const { id, holder, weight, opens, collectable } of f.deliveries.values()) {
    const now = Math.max(0, opens, collectable);
    if (!by.has(id)) {
      sum += f.settings.unservedS * weight + customerCost(f, { deliveryId: id, kind: 'dropoff' }, now);
    } else if (holder !== null && holder !== by.get(id)) sum += f.settings.reassignS;
  }
  return sum;
}

/** The cost of a plan, as its question defines it. */
export function planCost(question: PlanQuestion, { routes }: Pick<Plan, 'routes'>): number {
  const beside = besideCost(question, new Map(routes.map(({ driverId, stops }) => [driverId, stops])));
  return routes.reduce((sum, { driverId, stops }) => sum + routeCost(question, driverId, stops), beside);
}

/** All that is wrong with the routes of a plan. */
export function planFaults(question: PlanQuestion, plan: Plan): string[] {
  const f = judged(question);
  const faults: string[] = [];
  const by = new Map<string, string>();
  for (const { driverId, stops } of plan.routes) {
    faults.push(...routeFaults(f, driverId, stops).map((fault) => `${driverId}: ${fault}`));
    const { times } = walk(f, driverId, stops);
    for (const [k, { deliveryId, kind, atMs }] of stops.entries()) {
      const should = question.nowMs + times[k]! * 1_000;
      if (Math.abs(should - atMs) > 1)
        faults.push(`${driverId}: ${kind} of ${deliveryId} at ${atMs}, not at ${should}`);
      if ((by.get(deliveryId) ?? driverId) !== driverId) faults.push(`${deliveryId} with two drivers`);
      by.set(deliveryId, driverId);
    }
  }
  const unplanned = new Set(plan.unplanned.map(({ deliveryId }) => deliveryId));
  for (const { id, holder, aboard, delivery } of f.deliveries.values()) {
    if (by.has(id) === unplanned.has(id)) faults.push(`${id} is neither planned nor unplanned, or both`);
    const stays = holder !== null && (aboard || !f.settings.takeBack || delivery.pinned);
    if (stays && by.get(id) !== holder) faults.push(`${id} was taken from ${holder}`);
    if (holder !== null && !by.has(id)) faults.push(`${id} is left without a driver`);
  }
  return [...faults, ...toldFaults(f, plan)];
}

/** What is wrong with what is told and held. */
function toldFaults(f: Facts, plan: Plan): string[] {
  const faults: string[] = [];
  const settled = new Map<string, number>();
  const settle = (id: string): void => void settled.set(id, (settled.get(id) ?? 0) + 1);
  for (const { driverId, stops, told, taken } of plan.changes) {
    const route = plan.routes.find((planned) => planned.driverId === driverId)!.stops;
    const key = ({ deliveryId, kind }: PlannedStopRef): string => `${kind} ${deliveryId}`;
    const kept = new Set(stops.map(key));
    if (
      route
        .map(key)
        .filter((stop) => kept.has(stop))
        .join() !== stops.map(key).join()
    ) {
      faults.push(`${driverId} is told what is not planned`);
    }
    const ids = [...new Set(stops.map(({ deliveryId }) => deliveryId))];
    const load = ids.reduce((sum, id) => sum + f.deliveries.get(id)!.size, 0);
    if (told.length > 0 && load > roomOf(f, driverId)) faults.push(`${driverId} is told more than fits`);
    const fresh = ids.filter((id) => f.deliveries.get(id)!.holder !== driverId).sort();
    if (
      fresh.join() !==
      told
        .map(({ deliveryId }) => deliveryId)
        .sort()
        .join()
    )
      faults.push(`${driverId}: told`);
    for (const id of taken) if (kept.has(`dropoff ${id}`)) faults.push(`${id} is taken and kept`);
    for (const { deliveryId } of told) settle(deliveryId);
  }
  for (const { deliveryId, untilMs } of plan.held) {
    settle(deliveryId);
    if (!(untilMs > f.question.nowMs && untilMs < Number.POSITIVE_INFINITY))
      faults.push(`${deliveryId} held until ${untilMs}`);
  }
  for (const { deliveryId } of plan.unplanned) settle(deliveryId);
  for (const { driverId, stops } of plan.routes) {
    for (const id of new Set(stops.map(({ deliveryId }) => deliveryId))) {
      if (f.deliveries.get(id)!.holder === driverId) settle(id);
    }
  }
  for (const { id } of f.question.deliveries) {
    if (settled.get(id) !== 1) faults.push(`${id} is settled ${settled.get(id) ?? 0} times`);
  }
  return faults;
}
