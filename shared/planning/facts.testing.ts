import type { DriverOnDuty, OpenDelivery, PlannedStopRef, PlanQuestion } from './question.ts';
import { mergeSettings, type PlanSettings } from './settings.ts';

/*
 * What follows from a question alone, found again without the planner: by following routes stop by stop.
 */

/** Seconds from now. */
export interface DeliveryFacts {
  id: string;
  delivery: OpenDelivery;
  size: number;
  weight: number;
  collectable: number;
  opens: number;
  waits: number;
  due: number;
  holder: string | null;
  aboard: boolean;
  returning: boolean;
}

export interface Facts {
  question: PlanQuestion;
  settings: PlanSettings;
  deliveries: Map<string, DeliveryFacts>;
  drivers: Map<string, DriverOnDuty & { route: readonly PlannedStopRef[] }>;
  price: number;
  worth(place: number): number;
  /** Limits that a route in hand breaks already: `late d1 pickup`, `shift d1 dropoff`, `aboard d1`. */
  forgiven: Set<string>;
  fairShare: number;
}

export const before = (end: { beforeMs?: number | undefined }, f: { question: PlanQuestion }): number =>
  ((end.beforeMs ?? Number.POSITIVE_INFINITY) - f.question.nowMs) / 1_000;

export function factsOf(question: PlanQuestion): Facts {
  const settings = mergeSettings(question.settings);
  const sorted = [...question.drivers].sort((a, b) => (a.id < b.id ? -1 : 1));
  const drivers = new Map(sorted.map((driver) => [driver.id, { ...driver, route: driver.route ?? [] }]));
  const deliveries = new Map<string, DeliveryFacts>();
  for (const delivery of question.deliveries) {
    const facts = deliveryFacts(question, settings, delivery);
    if (facts) deliveries.set(delivery.id, facts);
  }
  const delivered = sorted.reduce((sum, { deliveredToday = 0 }) => sum + deliveredToday, 0);
  const f: Facts = {
    question,
    settings,
    deliveries,
    drivers,
    price: 0,
    worth: () => 0,
    forgiven: new Set(),
    fairShare: (delivered + deliveries.size) / Math.max(1, sorted.length),
  };
  const vehicle = sorted[0]?.vehicle || null;
  f.price = priceOf(f, (from, to) => question.travelS(from, to, vehicle));
  f.worth = worthOf(f, (from, to) => question.travelS(from, to, vehicle));
  return f;
}

function deliveryFacts(question: PlanQuestion, settings: PlanSettings, delivery: OpenDelivery): DeliveryFacts | null {
  const s = (ms: number | undefined, otherwise: number): number =>
    ms === undefined ? otherwise : (ms - question.nowMs) / 1_000;
  const never = Number.NEGATIVE_INFINITY;
  const { pickup, dropoff } = delivery;
  const mine = (driver: DriverOnDuty) => (driver.route ?? []).filter(({ deliveryId }) => deliveryId === delivery.id);
  const holder = question.drivers.find((driver) => mine(driver).length > 0);
  const kinds = holder ? mine(holder).map(({ kind }) => kind) : [];
  const collectable = Math.max(s(pickup.readyAtMs, never), s(pickup.afterMs, never));
  const opens = s(dropoff.afterMs, never);
  const direct = question.travelS(pickup.place, dropoff.place, null);
  if (!holder && Math.max(collectable, opens - direct - settings.marginS) > settings.planAheadS) return null;
  const aboard = holder !== undefined && !kinds.includes('pickup');
  const placed = s(delivery.placedAtMs, 0);
  return {
    id: delivery.id,
    delivery,
    size: delivery.size ?? 1,
    weight: 2 ** ((delivery.priority ?? 0) / 2) * (1 + 0.01 * Math.min(24, Math.max(0, -placed) / 3_600)),
    // Collected sooner it would be aboard for too long before the door opens.
    collectable: aboard ? collectable : Math.max(collectable, opens - settings.maxAboardS),
    opens,
    waits: s(dropoff.beforeMs, placed),
    due: s(
      dropoff.beforeMs,
      Math.max(placed + settings.promiseS, Math.max(collectable, opens) + settings.promiseS / 2),
    ),
    holder: holder?.id ?? null,
    aboard,
    returning: kinds.includes('return'),
  };
}

function priceOf(
  { settings, deliveries, drivers, question }: Facts,
  way: (from: number, to: number) => number,
): number {
  let work = 0;
  for (const { delivery, holder, collectable, due } of deliveries.values()) {
    const { pickup, dropoff } = delivery;
    const direct = way(pickup.place, dropoff.place);
    const scheduled = dropoff.beforeMs === undefined ? collectable : due - direct - settings.marginS;
    if (holder !== null || Math.max(collectable, scheduled) > settings.busyWindowS) continue;
    work += settings.expectedApproachS + direct;
    work += (pickup.serviceS ?? settings.pickupServiceS) + (dropoff.serviceS ?? settings.dropoffServiceS);
  }
  let hands = 0;
  for (const { freeAtMs, shiftEndsAtMs } of drivers.values()) {
    const from = Math.max(0, ((freeAtMs ?? question.nowMs) - question.nowMs) / 1_000);
    const end = ((shiftEndsAtMs ?? Number.POSITIVE_INFINITY) - question.nowMs) / 1_000;
    hands += Math.max(0, Math.min(settings.busyWindowS, end) - from);
  }
  let load = 0;
  if (drivers.size > 0) load = hands > 0 ? work / hands : 3;
  return settings.driverPrice + settings.busyPrice * Math.min(2, Math.max(0, load - settings.busyFrom));
}

function worthOf({ settings, deliveries }: Facts, way: (from: number, to: number) => number) {
  const demand =
    settings.demand ?? [...deliveries.values()].map(({ delivery }) => ({ place: delivery.pickup.place, weight: 1 }));
  const all = demand.reduce((sum, { weight }) => sum + weight, 0);
  return (place: number): number => {
    const away = demand.reduce((sum, at) => sum + at.weight * way(place, at.place), 0);
    return Math.max(0, settings.driverValueS - (all > 0 ? (settings.driverValueDecay * away) / all : 0));
  };
}
