import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MealDay, Trip } from './day.ts';
import { legsOf } from './measure-day.ts';

/*
 * The three files that the benchmark's public evaluator reads (compute_performance_summary.py of grubhub/mdrplib): values
 * between single spaces under a line of their names. An order that nobody brought has no line: the evaluator counts what
 * is missing against the day's own list, and would take an empty time for an order brought without overage.
 */

/** Where a courier begins the day. */
const START = '0';

/** Writes them into a folder, which is made where it is not there. */
export function writeSolution(folder: string, day: MealDay, trips: readonly Trip[]): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(solutionFiles(day, trips))) writeFileSync(path.join(folder, name), text);
}

export function solutionFiles(day: MealDay, trips: readonly Trip[]): Record<string, string> {
  return {
    'solution_info_assignments.txt': lines(
      'assignment_time pickup_time courier orders',
      trips.map((trip) => [trip.toldAt, trip.pickupAt, trip.courier.id, ...trip.orders.map(({ id }) => id)]),
    ),
    'solution_info_couriers.txt': lines('courier departure_time origin destination', moves(day, trips)),
    'solution_info_orders.txt': lines(
      'order placement_time ready_time pickup_time dropoff_time courier',
      trips.flatMap((trip) =>
        trip.orders.map((order, index) => [
          ...[order.id, order.placedAt, order.readyAt],
          ...[trip.pickupAt, trip.dropoffAt[index] ?? '', trip.courier.id],
        ]),
      ),
    ),
  };
}

/** Courier by courier, for the evaluator takes a courier's moves from neighbouring lines. */
function moves(day: MealDay, trips: readonly Trip[]) {
  return [...new Set(trips.map((trip) => trip.courier))].flatMap((courier) => {
    const own = trips.filter((trip) => trip.courier.id === courier.id);
    return own.flatMap((trip, index) => {
      const leavesAt = [
        trip.toldAt,
        trip.pickupAt + day.pickupService / 2,
        ...trip.dropoffAt.map((time) => time + day.dropoffService / 2),
      ];
      return legsOf(trip, own[index - 1]?.orders.at(-1) ?? courier).map(([from, to], leg) => [
        ...[courier.id, leavesAt[leg] ?? '', from.id === courier.id ? START : from.id, to.id],
      ]);
    });
  });
}

function lines(head: string, rows: readonly (readonly (string | number)[])[]): string {
  return [head, ...rows.map((row) => row.join(' '))].map((line) => `${line}\n`).join('');
}
