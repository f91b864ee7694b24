import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MealDay } from './day.ts';
import { measureDay } from './measure-day.ts';
import { openPolicy } from './policies.ts';
import { readDay } from './read-day.ts';
import { type DayView, runDay, type TripToTell } from './run-day.ts';
import { solutionFiles } from './solution-files.ts';
import { writeTinyDays } from './tiny-day.testing.ts';

/** Tells these trips at these minutes. */
const at =
  (told: Readonly<Record<number, readonly TripToTell[]>>) =>
  ({ now }: DayView) =>
    told[now] ?? [];
const TOGETHER = { 12: [{ courierId: 'c1', orderIds: ['o1', 'o2'] }] };

describe('a day of meal deliveries', () => {
  let folder = '';
  let day: MealDay;
  beforeAll(() => {
    folder = writeTinyDays();
    day = readDay(folder, 'tiny');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('drives a trip by the rules', () => {
    // c1 leaves at 12, is at the kitchen at 17, begins; both are ready at 22, one minute more. 5 minutes to o1, 1 to o2.
    expect(runDay(day, at(TOGETHER))).toMatchObject([{ toldAt: 12, pickupAt: 22, dropoffAt: [29, 32], freeAt: 33 }]);
  });

  it('shows a policy only what has happened by then', () => {
    const seen: Record<number, string> = {};
    runDay(day, (view) => {
      const couriers = view.couriers.map(({ courier, idle, freeAt }) => `${courier.id} ${idle ? 'idle' : freeAt}`);
      seen[view.now] = [...view.waiting.map(({ id }) => id), ...couriers].join(', ');
      return view.now === 11 ? [{ courierId: 'c1', orderIds: ['o1'] }] : [];
    });
    expect(seen[9]).toBeUndefined();
    expect(seen[10]).toBe('o1, c1 idle, c2 idle');
    // Collected at 20, at the door at 27, free at 28.
    expect(seen[12]).toBe('o2, c1 28, c2 idle');
    expect(seen[28]).toBe('o2, c1 idle, c2 idle');
    expect(seen[61]).toBe('o2, o3, c1 idle');
  });

  it.each<[string, Readonly<Record<number, readonly TripToTell[]>>]>([
    ['is not free', { 10: [{ courierId: 'c3', orderIds: ['o1'] }] }],
    ['is not free', { 10: [{ courierId: 'c1', orderIds: ['o1'] }], 27: [{ courierId: 'c1', orderIds: ['o2'] }] }],
    ['o2 does not wait', { 10: [{ courierId: 'c1', orderIds: ['o2'] }] }],
    ['one of them is there twice', { 10: [{ courierId: 'c1', orderIds: ['o1', 'o1'] }] }],
    ['not of one restaurant', { 10: [{ courierId: 'c1', orderIds: [] }] }],
    ['the shift ends before the pickup', { 50: [{ courierId: 'c2', orderIds: ['o3'] }] }],
  ])('refuses what the rules forbid: %s', (why, told) => {
    expect(() => runDay(day, at(told))).toThrow(why);
  });

  it('measures what became of the orders', () => {
    const figures = measureDay(day, runDay(day, at(TOGETHER)));
    expect(figures).toMatchObject({ orders: 3, delivered: 2, ordersPerTrip: 2, clickToDoor: 19.5, clickToDoorMax: 20 });
    // o3, which nobody brought, counts 180 minutes.
    expect(figures.penalised).toBeCloseTo((19 + 20 + 180) / 3);
    // Ready, a minute, the way, a minute: 17 after placing for o1, 18 for o2, 37 for o3.
    expect(figures.bound).toBeCloseTo((17 + 18 + 37) / 3);
    expect(figures.excess).toBeCloseTo((2 + 2) / 2);
    expect(figures.kmPerOrder).toBeCloseTo(1.1 / 2);
    // c1 has an hour's work of two; of 2 and 0 deliveries, by hours of 2 and 1.
    expect(figures.utilisation).toBeCloseTo((5 + 5 + 1 + 2 + 2 * 2) / 120 / 2);
    expect(figures.cost).toBe(2 * 15 + 15);
  });

  it('writes what the evaluator reads', () => {
    expect(solutionFiles(day, runDay(day, at(TOGETHER)))).toEqual({
      'solution_info_assignments.txt': 'assignment_time pickup_time courier orders\n12 22 c1 o1 o2\n',
      'solution_info_couriers.txt':
        'courier departure_time origin destination\nc1 12 0 kitchen\nc1 23 kitchen o1\nc1 30 o1 o2\n',
      'solution_info_orders.txt':
        'order placement_time ready_time pickup_time dropoff_time courier\no1 10 20 22 29 c1\no2 12 22 22 32 c1\n',
    });
  });

  it('nearest: the oldest order first, the nearest idle courier within 5 km, at once, one order each', () => {
    const trips = runDay(day, openPolicy('nearest', day));
    expect(trips.map(({ toldAt, courier, orders }) => [toldAt, courier.id, ...orders.map(({ id }) => id)])).toEqual([
      [10, 'c1', 'o1'],
      [12, 'c2', 'o2'],
      // c2, who is nearer by then, would be too late to collect it.
      [50, 'c1', 'o3'],
    ]);
  });

  it('planned: tells a courier when they have to leave, and brings together what is better brought together', () => {
    const alone = { ...day, couriers: day.couriers.slice(0, 1) };
    const trips = runDay(alone, openPolicy('planned', alone));
    expect(trips.map(({ toldAt, orders }) => [toldAt, ...orders.map(({ id }) => id)])).toEqual([
      // Five minutes to the kitchen and one of service before both are ready.
      [16, 'o1', 'o2'],
      // From the last door it is six minutes to the kitchen.
      [53, 'o3'],
    ]);
  });

  it('leaves undelivered what nobody can collect before the shifts end', () => {
    const late = readDay(folder, 'tiny-late');
    for (const policy of ['nearest', 'planned'] as const) {
      const trips = runDay(late, openPolicy(policy, late));
      expect(trips.flatMap(({ orders }) => orders.map(({ id }) => id)).sort()).toEqual(['o1', 'o2']);
    }
  });
});
