import { before, type Facts, factsOf } from './facts.testing.ts';
import type { PlannedStopRef, PlanQuestion } from './question.ts';

/*
 * Follows routes stop by stop, from the question alone.
 */

const known = new WeakMap<PlanQuestion, Facts>();

/** The facts, with what the routes in hand break already forgiven. */
export function judged(question: PlanQuestion): Facts {
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

export interface Walked {
  times: number[];
  /** Hand-overs and all that comes behind the last of them. */
  end: number;
  busy: number;
  idle: number;
  place: number;
}

/** Follows a route. One way and one service for each visit of one place. */
export function walk(f: Facts, driverId: string, stops: readonly PlannedStopRef[]): Walked {
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

export function latestOf(f: Facts, { deliveryId, kind }: PlannedStopRef): number {
  const { delivery, aboard } = f.deliveries.get(deliveryId)!;
  if (kind === 'return' || f.forgiven.has(`late ${deliveryId} ${kind}`)) return Number.POSITIVE_INFINITY;
  const window = delivery.hardWindows ? before(delivery[kind], f) : Number.POSITIVE_INFINITY;
  if (kind === 'pickup' || !aboard || delivery.pickedUpAtMs === undefined) return window;
  return Math.min(window, (delivery.pickedUpAtMs - f.question.nowMs) / 1_000 + f.settings.maxAboardS);
}

export function shiftEndOf(f: Facts, driverId: string, { deliveryId, kind }: PlannedStopRef): number {
  const { shiftEndsAtMs } = f.drivers.get(driverId)!;
  const { shiftEnds, overtimeWeight } = f.settings;
  const binds = shiftEnds === 'pickup' ? kind === 'pickup' : overtimeWeight === Number.POSITIVE_INFINITY;
  const forgiven = f.deliveries.get(deliveryId)!.holder === driverId && f.forgiven.has(`shift ${deliveryId} ${kind}`);
  if (shiftEndsAtMs === undefined || !binds || forgiven) return Number.POSITIVE_INFINITY;
  return (shiftEndsAtMs - f.question.nowMs) / 1_000;
}

export const roomOf = (f: Facts, driverId: string): number => {
  const { capacity = 1, reserved = 0 } = f.drivers.get(driverId)!;
  return capacity - reserved;
};
