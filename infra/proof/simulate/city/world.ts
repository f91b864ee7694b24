import { mulberry32, type Random } from '#infra/workshop/demo/city.ts';
import type { PlannedStopRef } from '#shared/planning/question.ts';
import { type CityDay, type CityDriver, type CityOrder, DAY_BEGINS_S, type Point } from './make-day.ts';
import type { Trouble } from './trouble.ts';

const SPEED_M_PER_S = 6;
/** Streets are so much longer than the straight line. */
const DETOUR = 1.4;
/** Seconds at a stop before and after its hand-over, once for each visit. */
export const PICKUP_STOP = { beforeS: 60, afterS: 30 } as const;
export const DROPOFF_STOP = { beforeS: 30, afterS: 90 } as const;
const READY_LATE_AT_MOST_S = 20 * 60;
const FIRST_SILENT_S = 16 * 3_600;

/** `aboard`: collected, not handed over. */
export type OrderState = 'future' | 'waiting' | 'told' | 'aboard' | 'done';

export interface OrderInWorld extends CityOrder {
  state: OrderState;
  /** Whoever was told last. */
  driverId: string | null;
  declinedBy: Set<string>;
  /** When it is ready in truth. */
  reallyReadyS: number;
  pickedUpS: number | null;
  doneS: number | null;
  /** A policy has planned it and told nobody yet. */
  held: boolean;
  /** How often it went from a driver who was told to another. */
  reassigned: number;
}

/**
 * `idle`: at the base; `driving`: to the first stop of the route; `serving`: at it, up to the hand-over; `leaving`: after
 * it; `returning`: to the base, until something is told; `silent`: does nothing any more.
 */
export type Phase = 'idle' | 'driving' | 'serving' | 'leaving' | 'returning' | 'silent';

export interface DriverInWorld extends CityDriver {
  /** The stops they were told and have not made. */
  route: readonly PlannedStopRef[];
  phase: Phase;
  /** Where they are, or were when they left. */
  place: number;
  /** When the phase ends. */
  untilS: number;
  /** Of the way they are on. */
  way: { to: number; leftS: number } | null;
  metres: number;
  workedS: number;
  delivered: number;
  silentS: number;
  /** Missed by the service: nobody counts on them any more. */
  missed: boolean;
}

export interface World {
  trouble: Trouble;
  random: Random;
  nowS: number;
  /** The day's, and points on the way where drivers turned round. */
  places: Point[];
  orders: ReadonlyMap<string, OrderInWorld>;
  drivers: readonly DriverInWorld[];
}

export function openWorld(day: CityDay, trouble: Trouble, seed: number): World {
  const random = mulberry32(seed * 104_729 + 17);
  const orders = day.orders.map((order): OrderInWorld => {
    const lateS = random() < trouble.lateReady ? READY_LATE_AT_MOST_S * random() : 0;
    const untouched = { driverId: null, pickedUpS: null, doneS: null, held: false, reassigned: 0 };
    return { ...order, ...untouched, state: 'future', declinedBy: new Set(), reallyReadyS: order.readyS + lateS };
  });
  const drivers = day.drivers.map((driver, index): DriverInWorld => {
    const silentS = index < trouble.silentDrivers ? FIRST_SILENT_S + 600 * index : Number.POSITIVE_INFINITY;
    const atBase = { phase: 'idle', place: driver.base, untilS: Number.POSITIVE_INFINITY, way: null } as const;
    return { ...driver, ...atBase, route: [], metres: 0, workedS: 0, delivered: 0, silentS, missed: false };
  });
  return {
    trouble,
    random,
    nowS: DAY_BEGINS_S,
    places: [...day.places],
    orders: new Map(orders.map((order) => [order.id, order])),
    drivers,
  };
}

export function orderOf(world: World, stop: PlannedStopRef): OrderInWorld {
  const order = world.orders.get(stop.deliveryId);
  if (!order) throw new Error(`there is no order ${stop.deliveryId}`);
  return order;
}

export function placeOf(world: World, stop: PlannedStopRef): number {
  const { pickup, dropoff } = orderOf(world, stop);
  return stop.kind === 'pickup' ? pickup : dropoff;
}

/** By streets. */
export function metresBetween(places: readonly Point[], from: number, to: number): number {
  const [a, b] = [places[from] as Point, places[to] as Point];
  return DETOUR * Math.hypot(a.x - b.x, a.y - b.y);
}

/** As everybody expects it. */
export function travelS(places: readonly Point[], from: number, to: number): number {
  return metresBetween(places, from, to) / SPEED_M_PER_S;
}
