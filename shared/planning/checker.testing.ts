import { before, type DeliveryFacts, type Facts, factsOf } from './facts.testing.ts';
import { routeProblem } from './legal-route.ts';
import type { Plan, PlannedStopRef, PlanQuestion } from './question.ts';

/*
 * Judges plans from their questions alone: times, rules and costs are found again without the planner's own routes.
 */

const known = new WeakMap<PlanQuestion, Facts>();

/** The facts, with what the routes in hand break already forgiven. */
function judged(question: PlanQuestion): Facts {
  const cached = known.get(question);
  if (cached) return cached;
  const f = factsOf(question);
  known.set(question, f);
  for (const { id, route } of f.drivers.values()) {
    const { times } = walk(f, id, route);
    for (const [k, { deliveryId, kind }] of route.entries()) {
      const name = `${deliveryId} ${kind}`;
      if (times[k]! > latestOf(f, route[k]!)) f.forgiven.add(`late ${name}`);
      if (times[k]! > shiftEndOf(f, id, route[k]!)) f.forgiven.add(`shift ${name}`);
      const picked = route.findIndex((stop) => stop.deliveryId === deliveryId && stop.kind === 'pickup');
      if (picked >= 0 && times[k]! - times[picked]! > f.settings.maxAboardS) f.forgiven.add(`aboard ${deliveryId}`);
    }
  }
  return f;
}

interface Walked {
  times: number[];
  /** Hand-overs and all that comes behind the last of them. */
  end: number;
  busy: number;
  idle: number;
  place: number;
}

/** Follows a route. One way and one service for each visit of one place. */
function walk(f: Facts, driverId: string, stops: readonly PlannedStopRef[]): Walked {
  const driver = f.drivers.get(driverId)!;
  const vehicle = driver.vehicle || null;
  const times: number[] = [];
  let t = Math.max(0, ((driver.freeAtMs ?? f.question.nowMs) - f.question.nowMs) / 1_000);
  let at = driver.place;
  let kindBefore = '';
  let leaving = 0;
  let busy = 0;
  let idle = 0;
  for (const { deliveryId, kind } of stops) {
    const { delivery, collectable, opens } = f.deliveries.get(deliveryId)!;
    const end = kind === 'dropoff' ? delivery.dropoff : delivery.pickup;
    const usual = kind === 'dropoff' ? f.settings.dropoffServiceS : f.settings.pickupServiceS;
    const service = end.serviceS ?? usual;
    const share = f.settings.serviceBefore[kind === 'dropoff' ? 'dropoff' : 'pickup'];
    if (end.place !== at || kind !== kindBefore) {
      const way = leaving + f.question.travelS(at, end.place, vehicle) + service * share;
      t += way;
      busy += way;
    }
    if (kind === 'dropoff') {
      idle += Math.max(0, opens - t);
      t = Math.max(t, opens);
    } else if (kind === 'pickup') t = Math.max(t, collectable);
    times.push(t);
    leaving = service * (1 - share);
    at = end.place;
    kindBefore = kind;
  }
  const home = stops.length > 0 && driver.endPlace !== undefined ? f.question.travelS(at, driver.endPlace, vehicle) : 0;
  const behind = stops.length > 0 ? leaving + home : 0;
  return { times, end: t + behind, busy: busy + behind, idle, place: driver.endPlace ?? at };
}

function latestOf(f: Facts, { deliveryId, kind }: PlannedStopRef): number {
  const { delivery, aboard } = f.deliveries.get(deliveryId)!;
  if (kind === 'return' || f.forgiven.has(`late ${deliveryId} ${kind}`)) return Number.POSITIVE_INFINITY;
  const window = delivery.hardWindows ? before(delivery[kind], f) : Number.POSITIVE_INFINITY;
  if (kind === 'pickup' || !aboard || delivery.pickedUpAtMs === undefined) return window;
  return Math.min(window, (delivery.pickedUpAtMs - f.question.nowMs) / 1_000 + f.settings.maxAboardS);
}

function shiftEndOf(f: Facts, driverId: string, { deliveryId, kind }: PlannedStopRef): number {
  const { shiftEndsAtMs } = f.drivers.get(driverId)!;
  const { shiftEnds, overtimeWeight } = f.settings;
  const binds = shiftEnds === 'pickup' ? kind === 'pickup' : overtimeWeight === Number.POSITIVE_INFINITY;
  const forgiven = f.deliveries.get(deliveryId)!.holder === driverId && f.forgiven.has(`shift ${deliveryId} ${kind}`);
  if (shiftEndsAtMs === undefined || !binds || forgiven) return Number.POSITIVE_INFINITY;
  return (shiftEndsAtMs - f.question.nowMs) / 1_000;
}

const roomOf = (f: Facts, driverId: string): number => {
  const { capacity = 1, reserved = 0 } = f.drivers.get(driverId)!;
  return capacity - reserved;
};

/** What is wrong with these stops for this driver. */
function routeFaults(f: Facts, driverId: string, stops: readonly PlannedStopRef[]): string[] {
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
