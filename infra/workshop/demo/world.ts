import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.ts';
import type { OrderPlan } from './city.ts';
import type { DispatchEvent, Ledger } from './ledger.ts';
import type { DemoOptions } from './options.ts';

export interface Order {
  plan: OrderPlan;
  sellerOrderId: string;
  placedAtMs: number;
  /** Null until the service has accepted it. */
  deliveryId: string | null;
  /** As the shop knows it: from the answer first, then from the webhooks. */
  status: string | null;
  /** From the order's POST to the first word that a driver has it. */
  assignedAfterMs: number | null;
  cancelAsked: boolean;
}

/** The demo's own time; another in a test, where a day is over in seconds. */
export interface Time {
  nowMs(): number;
  /** Resolves after so many milliseconds, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const WALL_TIME: Time = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};

/** What everybody in the demo shares. Times in ms of `time`. */
export interface World {
  time: Time;
  options: DemoOptions;
  api: Api;
  ledger: Ledger;
  /** In every sellerOrderId of this run, since a shop has one delivery per order for ever. */
  run: string;
  /** By sellerOrderId. */
  orders: Map<string, Order>;
  /** Aborted when no more orders come: drivers finish what they carry without driving. */
  closing: AbortSignal;
  /** Real time between two reports of a driver. */
  reportMs: number;
}

export const ENDED = new Set(['DELIVERED', 'CANCELLED', 'RETURNED']);

/** Phones report every 10 s of the city's time, and no more often than twice a second. */
export function reportEveryMs(speed: number): number {
  return Math.min(10_000, Math.max(500, 10_000 / speed));
}

/** Waits so many simulated seconds; at once when the demo is closing. */
export async function pauseS(world: World, seconds: number): Promise<void> {
  await pauseMs(world, (seconds * 1_000) / world.options.speed);
}

export async function pauseMs(world: World, ms: number): Promise<void> {
  await world.time.sleep(ms, world.closing);
}

/** The service's word on an order: its answer to the webhook, or an event. */
export function learn({ time }: World, order: Order, status: string): void {
  order.status = status;
  if (status === 'ASSIGNED' && order.assignedAfterMs === null) order.assignedAfterMs = time.nowMs() - order.placedAtMs;
}

export function learnFromEvent(world: World, event: DispatchEvent): void {
  const order = world.orders.get(event.sellerOrderId ?? '');
  if (order === undefined) return;
  order.deliveryId ??= event.deliveryId;
  learn(world, order, event.status);
}
