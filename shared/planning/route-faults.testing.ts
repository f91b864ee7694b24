import type { DeliveryFacts, Facts } from './facts.testing.ts';
import { routeProblem } from './legal-route.ts';
import type { PlannedStopRef } from './question.ts';
import { latestOf, roomOf, shiftEndOf, walk } from './walk.testing.ts';

/** What is wrong with these stops for this driver. */
export function routeFaults(f: Facts, driverId: string, stops: readonly PlannedStopRef[]): string[] {
  const driver = f.drivers.get(driverId)!;
  const ids = [...new Set(stops.map(({ deliveryId }) => deliveryId))];
  const parcels = ids.map((id) => f.deliveries.get(id)!);
  const faults: string[] = [];
  const order = parcels.map(({ id, size, aboard, returning }) => ({ deliveryId: id, size, aboard, returning }));
  const problem = routeProblem(stops, order, Number.POSITIVE_INFINITY);
  if (problem) faults.push(problem);
  const locked = f.settings.resequence ? (driver.lockedStops ?? 0) : driver.route.length;
  for (let k = 0; k < locked; k += 1) {
    const [kept, now] = [driver.route[k]!, stops[k]];
    if (kept.deliveryId !== now?.deliveryId || kept.kind !== now.kind) faults.push(`locked stop ${k} is another`);
  }
  for (const parcel of parcels) faults.push(...giftFaults(f, driverId, parcel));
  const told = parcels.filter(({ holder }) => holder !== null);
  const toldLoad = told.reduce((sum, { size }) => sum + size, 0);
  const moved = told.some(({ holder }) => holder !== driverId);
  if (moved && toldLoad > roomOf(f, driverId)) faults.push('took over more than fits');
  return [...faults, ...loadFaults(f, driverId, stops), ...timeFaults(f, driverId, stops)];
}

/** Why this driver may not be given this delivery. */
function giftFaults(f: Facts, driverId: string, { id, delivery, size, holder, aboard }: DeliveryFacts): string[] {
  if (holder === driverId) return [];
  const driver = f.drivers.get(driverId)!;
  const faults: string[] = [];
  if (aboard) faults.push(`${id} is aboard another`);
  if (holder !== null && (!f.settings.takeBack || delivery.pinned)) faults.push(`${id} is another's`);
  if (driver.takesNew === false) faults.push(`${id}: off duty`);
  if (delivery.excludedDriverIds?.includes(driverId)) faults.push(`${id}: excluded`);
  if (delivery.requires?.some((tag) => !driver.tags?.includes(tag))) faults.push(`${id}: tags`);
  if (size > roomOf(f, driverId)) faults.push(`${id}: capacity`);
  const places = driver.route.map((stop) => {
    const { pickup, dropoff } = f.deliveries.get(stop.deliveryId)!.delivery;
    return stop.kind === 'dropoff' ? dropoff.place : pickup.place;
  });
  const { distanceM } = f.question;
  const near = [driver.place, ...places].some((place) => {
    return !distanceM || distanceM(place, delivery.pickup.place) <= f.settings.maxRadiusM;
  });
  if (!near) faults.push(`${id}: too far`);
  return faults;
}

/** What is aboard at each stop. What was in hand already may be more, or mixed. */
function loadFaults(f: Facts, driverId: string, stops: readonly PlannedStopRef[]): string[] {
  const driver = f.drivers.get(driverId)!;
  const mine = (id: string): boolean => f.deliveries.get(id)!.holder === driverId;
  const aboard = new Set(driver.route.map(({ deliveryId }) => deliveryId).filter((id) => f.deliveries.get(id)!.aboard));
  const faults: string[] = [];
  const ids = stops.map(({ deliveryId }) => deliveryId);
  const ended = new Set<string>();
  let visit = new Set<string>();
  let last: PlannedStopRef | null = null;
  for (const stop of stops) {
    const { deliveryId, kind } = stop;
    if (kind === 'pickup') {
      const place = f.deliveries.get(deliveryId)!.delivery.pickup.place;
      if (last?.kind !== 'pickup' || f.deliveries.get(last.deliveryId)!.delivery.pickup.place !== place)
        visit = new Set();
      const mixed = aboard.size > 0 && [...aboard, deliveryId].some((id) => !mine(id));
      if (mixed && f.settings.bundle === 'none') faults.push(`${deliveryId} with another aboard`);
      if (mixed && f.settings.bundle === 'same_pickup' && [...aboard].some((id) => !visit.has(id))) {
        faults.push(`${deliveryId} in a trip from elsewhere`);
      }
      aboard.add(deliveryId);
      visit.add(deliveryId);
      // Whatever was told is held until it is handed over; what is new has to fit beside it.
      const held = new Set([...aboard, ...ids.filter((id) => f.deliveries.get(id)!.holder !== null && !ended.has(id))]);
      const load = [...held].reduce((sum, id) => sum + f.deliveries.get(id)!.size, 0);
      if (load > roomOf(f, driverId) && !mine(deliveryId)) faults.push(`${deliveryId}: over capacity`);
    } else {
      aboard.delete(deliveryId);
      ended.add(deliveryId);
    }
    last = stop;
  }
  if (aboard.size > 0) faults.push(`${[...aboard]} stay aboard`);
  return faults;
}

function timeFaults(f: Facts, driverId: string, stops: readonly PlannedStopRef[]): string[] {
  const { times } = walk(f, driverId, stops);
  const picked = new Map<string, number>();
  const faults: string[] = [];
  for (const [k, stop] of stops.entries()) {
    const name = `${stop.kind} of ${stop.deliveryId}`;
    if (times[k]! > latestOf(f, stop)) faults.push(`${name} is too late`);
    if (times[k]! > shiftEndOf(f, driverId, stop)) faults.push(`${name} after the shift`);
    if (stop.kind === 'pickup') picked.set(stop.deliveryId, times[k]!);
    const since = times[k]! - (picked.get(stop.deliveryId) ?? times[k]!);
    if (since > f.settings.maxAboardS && !f.forgiven.has(`aboard ${stop.deliveryId}`)) {
      faults.push(`${stop.deliveryId} is aboard for ${since} s`);
    }
  }
  return faults;
}
