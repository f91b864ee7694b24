import { expect, test } from 'vitest';
import { plan } from './plan.ts';
import type { OpenDelivery, PlanQuestion } from './question.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
/** Places are seconds along a road. */
const travelS = (from: number, to: number): number => Math.abs(from - to);

const order = (id: string, more: Partial<OpenDelivery> = {}): OpenDelivery => ({
  id,
  placedAtMs: NOW - 5_000,
  pickup: { place: 100 },
  dropoff: { place: 500 },
  ...more,
});
const ask = (more: Partial<PlanQuestion>): PlanQuestion => ({
  nowMs: NOW,
  travelS,
  deliveries: [],
  drivers: [],
  ...more,
});

test('an order that nothing is said about is told to the nearest of two idle drivers at once', () => {
  const { changes, held, unplanned } = plan(
    ask({
      deliveries: [order('d')],
      drivers: [
        { id: 'far', place: 700 },
        { id: 'near', place: 40 },
      ],
    }),
  );
  expect(changes).toMatchObject([{ driverId: 'near', told: [{ deliveryId: 'd', reason: 'must_leave' }], taken: [] }]);
  expect([held, unplanned]).toEqual([[], []]);
});
