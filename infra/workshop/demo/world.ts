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

/** What everybody in the demo shares. Times in ms of `performance.now()`. */
export interface World {
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

/** Waits so many simulated seconds; at once when the demo is closing. */
export async function pauseS(world: World, seconds: number): Promise<void> {
  await pauseMs(world, (seconds * 1_000) / world.options.speed);
}

export async function pauseMs(world: World, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: world.closing }).catch(() => {});
}

/** The service's word on an order: its answer to the webhook, or an event. */
export function learn(order: Order, status: string): void {
  order.status = status;
  if (status === 'ASSIGNED' && order.assignedAfterMs === null)
    order.assignedAfterMs = performance.now() - order.placedAtMs;
}

export function learnFromEvent(world: World, event: DispatchEvent): void {
  const order = world.orders.get(event.sellerOrderId ?? '');
  if (order === undefined) return;
  order.deliveryId ??= event.deliveryId;
  learn(order, event.status);
}
