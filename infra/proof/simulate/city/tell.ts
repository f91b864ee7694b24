import type { PlannedStopRef } from '#shared/planning/question.ts';
import { goOn, turnRound } from './drive.ts';
import { type DriverInWorld, orderOf, type World } from './world.ts';

/**
 * Gives a driver a new route, of which they may decline what is new to them. What stood in it and does not any more waits
 * again, unless somebody else has it by now.
 * @throws Error where the route is not a legal one: the policy's fault, not a figure
 */
export function tell(world: World, driverId: string, stops: readonly PlannedStopRef[]): void {
  const driver = world.drivers.find(({ id }) => id === driverId);
  const why = driver && !driver.missed ? illegal(world, driver, stops) : 'is not on duty';
  if (!driver || why) throw new Error(`${driverId} ${why} at ${Math.round(world.nowS)} s: ${namesOf(stops)}`);
  const before = new Set(driver.route.map(({ deliveryId }) => deliveryId));
  const declined = new Set<string>();
  for (const id of new Set(stops.map(({ deliveryId }) => deliveryId))) {
    if (!before.has(id) && !accept(world, driver, id)) declined.add(id);
  }
  driver.route = stops.filter(({ deliveryId }) => !declined.has(deliveryId));
  for (const id of before) {
    const order = world.orders.get(id);
    const kept = driver.route.some(({ deliveryId }) => deliveryId === id);
    if (order?.state === 'told' && order.driverId === driver.id && !kept) order.state = 'waiting';
  }
  if (driver.route.length === 0) return;
  if (driver.phase === 'returning') turnRound(world, driver);
  else if (driver.phase === 'idle') goOn(world, driver);
}

function accept(world: World, driver: DriverInWorld, id: string): boolean {
  const order = orderOf(world, { deliveryId: id, kind: 'pickup' });
  if (world.random() < world.trouble.declines) {
    order.declinedBy.add(driver.id);
    return false;
  }
  for (const other of world.drivers) {
    if (other !== driver) other.route = other.route.filter(({ deliveryId }) => deliveryId !== id);
  }
  if (order.driverId !== null && order.driverId !== driver.id) order.reassigned += 1;
  Object.assign(order, { state: 'told', driverId: driver.id });
  return true;
}

/** What a driver could not do, or would not: what is wrong with these stops for them; null: nothing. */
function illegal(world: World, driver: DriverInWorld, stops: readonly PlannedStopRef[]): string | null {
  const head = driver.phase === 'driving' || driver.phase === 'serving' ? driver.route[0] : undefined;
  if (head && !same(head, stops[0])) return 'is taken from the stop they are heading for';
  const aboard = driver.route.filter((stop) => orderOf(world, stop).state === 'aboard').map((stop) => stop.deliveryId);
  const carried = new Set(aboard);
  let load = aboard.reduce((sum, id) => sum + orderOf(world, { deliveryId: id, kind: 'dropoff' }).size, 0);
  for (const stop of stops) {
    const order = orderOf(world, stop);
    if (stop.kind === 'pickup') {
      if (order.state !== 'waiting' && order.state !== 'told') return `cannot collect ${order.id}`;
      carried.add(order.id);
      load += order.size;
    } else {
      if (!carried.delete(order.id)) return `hands over ${order.id} before it is collected`;
      load -= order.size;
    }
    if (load > driver.capacity) return 'has more aboard than there is room for';
  }
  return carried.size > 0 ? `never hands over ${[...carried].join(' ')}` : null;
}

function same(a: PlannedStopRef, b: PlannedStopRef | undefined): boolean {
  return a.deliveryId === b?.deliveryId && a.kind === b.kind;
}

function namesOf(stops: readonly PlannedStopRef[]): string {
  return stops.map(({ kind, deliveryId }) => `${kind} ${deliveryId}`).join(', ');
}
