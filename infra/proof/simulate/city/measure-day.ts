import { gini, mean, sum } from '../figures.ts';
import { DAY_ENDS_S } from './make-day.ts';
import type { World } from './world.ts';

export interface CityFigures {
  orders: number;
  delivered: number;
  /** Per cent of orders. */
  onTime: number;
  /** Minutes late, mean over all orders. */
  late: number;
  /** From placing to the door, mean over express orders. */
  express: number;
  kmPerOrder: number;
  /** A driver's hour counts from leaving to being back at the base. */
  ordersPerDriverHour: number;
  /** Gini's coefficient of deliveries by driver. */
  spread: number;
  /** Per cent of orders that were planned and not told at once. */
  held: number;
  /** How often an order went from a driver who was told to another, by 100 orders. */
  reassigned: number;
}

/** An order that nobody brought counts as brought at the end of the day. */
export function measureDay(world: World): CityFigures {
  const orders = [...world.orders.values()];
  const count = orders.length;
  const late = orders.map(({ doneS, dueS }) => Math.max(0, (doneS ?? DAY_ENDS_S) - dueS));
  const express = orders.filter(({ window }) => window === null);
  return {
    orders: count,
    delivered: orders.filter(({ doneS }) => doneS !== null).length,
    onTime: (100 * late.filter((seconds) => seconds === 0).length) / count,
    late: mean(late) / 60,
    express: mean(express.map(({ doneS, placedS }) => (doneS ?? DAY_ENDS_S) - placedS)) / 60,
    kmPerOrder: sum(world.drivers.map(({ metres }) => metres)) / 1_000 / count,
    ordersPerDriverHour: (3_600 * count) / sum(world.drivers.map(({ workedS }) => workedS)),
    spread: gini(world.drivers.map(({ delivered }) => delivered)),
    held: (100 * orders.filter(({ held }) => held).length) / count,
    reassigned: (100 * sum(orders.map(({ reassigned }) => reassigned))) / count,
  };
}
