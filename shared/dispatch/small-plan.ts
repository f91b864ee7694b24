import { randomUUID } from 'node:crypto';
import type { Candidate } from '../availability/availability.ts';
import type { NewDelivery, Told } from '../db/statements/create-delivery.ts';
import { plan } from '../planning/plan.ts';
import type { HeldDelivery, OpenDelivery, Plan, PlanQuestion, StopKind, TellReason } from '../planning/question.ts';
import type { DispatchSettings } from './settings-of-shop.ts';
import { estimatedWays, openPlaces } from './travel.ts';

/** What a new order brings with it; the short way adds the rest. */
export type OrderDetails = Omit<
  NewDelivery,
  'candidates' | 'told' | 'if_calm' | 'append' | 'hold' | 'retry_in_ms' | 'decision'
>;
/** What the short way adds: whom to try, or until when nobody. */
export type OrderDecision = Pick<NewDelivery, 'candidates' | 'told' | 'hold' | 'decision'>;

export const UNDECIDED: OrderDecision = { candidates: [], told: null, hold: null, decision: null };

/** A few rounds sort out several orders; one by itself is best where it is first put. */
const ROUNDS = 20;
/** Named beside the one the plan chose, should that one be had by somebody else just now. */
const MOST_CANDIDATES = 8;

interface Order {
  id: string;
  details: OrderDetails;
  /** Live AVAILABLE drivers near its pickup, the nearest first. */
  found: readonly Candidate[];
}

/**
 * The same plan on a small question: orders that have just come, and idle drivers near them. What is not known here
 * (what a driver has in hand, their tags, capacity and shift) is asked by the statement that stores the orders, who comes
 * free soon is not asked about, and an order whose driver turns out to be another's, or not to be idle, is planned again with everything that waits.
 */
export function planOrders(
  input: readonly { details: OrderDetails; found: readonly Candidate[] }[],
  settings: DispatchSettings,
  { nowMs, ratio, vehicleOf }: { nowMs: number; ratio: number; vehicleOf: (driverId: string) => string | null },
): readonly OrderDecision[] {
  const orders = input.map(({ details, found }): Order => ({ id: randomUUID(), details, found }));
  const places = openPlaces();
  const ways = estimatedWays(places, ratio);
  const began = performance.now();
  const drivers = driversFor(orders);
  const room = Math.max(...orders.map(({ details }) => details.size));
  const tags = [...new Set(orders.flatMap(({ details }) => details.requires))];
  const question: PlanQuestion = {
    nowMs,
    deliveries: orders.map((order) => openOrder(order, nowMs, (at) => places.numberOf(at))),
    drivers: [...drivers.values()].map(({ driverId, position, idleSinceMs }) => ({
      id: driverId,
      place: places.numberOf(position),
      capacity: room,
      tags,
      vehicle: vehicleOf(driverId),
      idleSinceMs,
    })),
    ...ways,
    settings: { ...settings, rounds: orders.length > 1 ? ROUNDS : 0 },
  };
  const made = plan(question);
  const about = {
    plan_id: randomUUID(),
    policy: settings.policy,
    size: {
      deliveries: orders.length,
      drivers: drivers.size,
      rounds: made.rounds,
      ms: Math.round(performance.now() - began),
      travel: ways.source,
    },
  };
  const firsts = firstOfEach(made);
  return orders.map((order) => decide(order, { question, drivers, made, firsts, about }));
}

/**
 * The nearest to each pickup; and those further away until there are enough for each order to have its own, should they
 * all be collected at one place.
 */
function driversFor(orders: readonly Order[]): ReadonlyMap<string, Candidate> {
  const enough = MOST_CANDIDATES + orders.length - 1;
  const deepest = Math.max(...orders.map(({ found }) => found.length));
  const drivers = new Map<string, Candidate>();
  for (let depth = 0; depth < deepest && (depth < MOST_CANDIDATES || drivers.size < enough); depth += 1) {
    for (const { found } of orders) {
      const candidate = found[depth];
      if (candidate !== undefined) drivers.set(candidate.driverId, candidate);
    }
  }
  return drivers;
}

interface SmallPlan {
  question: PlanQuestion;
  drivers: ReadonlyMap<string, Candidate>;
  made: Plan;
  /** By order: the driver whose first order it is. */
  firsts: ReadonlyMap<string, { driverId: string; reason: TellReason }>;
  about: { plan_id: string; policy: string; size: Record<string, unknown> };
}

/** One order for each driver that is told something: by order, its driver. */
function firstOfEach({ changes }: Plan): SmallPlan['firsts'] {
  return new Map(
    changes.flatMap(({ driverId, told, stops }) => {
      const first = stops.find(({ kind }) => kind === 'pickup');
      const order = told.find(({ deliveryId }) => deliveryId === first?.deliveryId);
      return order === undefined ? [] : [[order.deliveryId, { driverId, reason: order.reason }] as const];
    }),
  );
}

function decide(order: Order, small: SmallPlan): OrderDecision {
  const { made, firsts, about } = small;
  const chosen = firsts.get(order.id);
  const record = made.decisions.find(({ deliveryId }) => deliveryId === order.id);
  const choice = {
    alternatives: record?.alternatives ?? [],
    ruledOut: record?.ruledOut ?? {},
    parts: record?.parts ?? null,
  };
  const decision = { plan_id: about.plan_id, policy: about.policy, cost_s: null, data: { ...about.size, ...choice } };
  if (chosen !== undefined) {
    const candidates = candidatesOf(order, chosen.driverId, small);
    const costS = record?.costS ?? null;
    return {
      candidates,
      told: Object.fromEntries(
        candidates.map((id) => [id, toldOf(order, id, id === chosen.driverId ? chosen.reason : 'next_best', small)]),
      ),
      hold: null,
      decision: { ...decision, reason: chosen.reason, cost_s: costS === null ? null : Math.round(costS) },
    };
  }
  const held = made.held.find(({ deliveryId }) => deliveryId === order.id);
  if (held === undefined || !isOwnReason(held)) return UNDECIDED;
  return { ...UNDECIDED, hold: holdOf(held), decision: { ...decision, reason: held.reason } };
}

/** Held for its own sake, and not for what the small question does not know. */
function isOwnReason({ reason }: HeldDelivery): boolean {
  return reason === 'not_ready' || reason === 'scheduled';
}

/** The one that the plan chose, and behind them whoever could hand it over soonest, or is nearest where that is the policy. */
function candidatesOf(
  { id, details, found }: Order,
  chosen: string,
  { drivers, firsts, question }: SmallPlan,
): string[] {
  const others = new Set([...firsts.values()].map(({ driverId }) => driverId));
  const { pickup, dropoff } = question.deliveries.find((each) => each.id === id)!;
  const { travelS } = question;
  const doorS = new Map(
    question.drivers.map(({ id: driverId, place, vehicle = null }) => [
      driverId,
      travelS(place, pickup.place, vehicle) + travelS(pickup.place, dropoff.place, vehicle),
    ]),
  );
  const isQuicker = (a: string, b: string) => doorS.get(a)! - doorS.get(b)!;
  const next = found
    .map(({ driverId }) => driverId)
    .filter((driver) => drivers.has(driver) && !others.has(driver) && !details.excluded_driver_ids.includes(driver));
  const inOrder = question.settings?.policy === 'nearest' ? next : next.sort(isQuicker);
  return [chosen, ...inOrder].slice(0, MOST_CANDIDATES);
}

/**
 * What a candidate would be told. Only the one that the plan chose has planned times: whoever gets the order in their
 * place has them from the next plan.
 */
function toldOf(order: Order, driverId: string, reason: TellReason | 'next_best', { question, made }: SmallPlan): Told {
  const stops = made.changes.find((change) => change.driverId === driverId)?.stops ?? [];
  const at = (kind: StopKind): string | null => {
    const stop =
      reason === 'next_best' ? undefined : stops.find((each) => each.deliveryId === order.id && each.kind === kind);
    return stop === undefined ? null : new Date(stop.atMs).toISOString();
  };
  const from = question.drivers.find(({ id }) => id === driverId)!.place;
  const to = question.deliveries.find(({ id }) => id === order.id)!.pickup.place;
  const distance = question.distanceM?.(from, to);
  return {
    pickup_at: at('pickup'),
    dropoff_at: at('dropoff'),
    data: { reason, ...(distance !== undefined && { distanceM: Math.round(distance) }) },
  };
}

function holdOf({ reason, untilMs, pickupAtMs, dropoffAtMs }: HeldDelivery): NewDelivery['hold'] {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  const state = reason === 'scheduled' ? 'scheduled' : 'held';
  return {
    state,
    until: new Date(untilMs).toISOString(),
    reason,
    pickup_at: iso(pickupAtMs),
    dropoff_at: iso(dropoffAtMs),
  };
}

function openOrder(
  { id, details }: Order,
  nowMs: number,
  numberOf: (place: { lat: number; lon: number }) => number,
): OpenDelivery {
  const ms = (time: string | null) => (time === null ? undefined : Date.parse(time));
  return {
    id,
    pickup: {
      place: numberOf({ lat: details.pickup_lat!, lon: details.pickup_lon! }),
      readyAtMs: ms(details.pickup_ready_at),
      afterMs: ms(details.pickup_after),
      beforeMs: ms(details.pickup_before),
      serviceS: details.pickup_service_s ?? undefined,
    },
    dropoff: {
      place: numberOf({ lat: details.dropoff_lat!, lon: details.dropoff_lon! }),
      afterMs: ms(details.dropoff_after),
      beforeMs: ms(details.dropoff_before),
      serviceS: details.dropoff_service_s ?? undefined,
    },
    placedAtMs: nowMs,
    size: details.size,
    requires: details.requires,
    priority: details.priority,
    excludedDriverIds: details.excluded_driver_ids,
    hardWindows: details.hard_windows,
  };
}
