import { expect, test } from 'vitest';
import { plan } from './plan.ts';
import { NOW_MS, randomQuestion } from './questions.testing.ts';
import { scheduleRoute } from './schedule-route.ts';

const question = {
  nowMs: NOW_MS,
  /** Places are seconds along a road. */
  travelS: (from: number, to: number) => Math.abs(from - to),
  deliveries: [
    {
      id: 'a',
      placedAtMs: NOW_MS,
      pickup: { place: 100, readyAtMs: NOW_MS + 500_000 },
      dropoff: { place: 300, serviceS: 40 },
    },
    { id: 'b', placedAtMs: NOW_MS, pickup: { place: 100 }, dropoff: { place: 200, afterMs: NOW_MS + 2_000_000 } },
  ],
  settings: { pickupServiceS: 60, dropoffServiceS: 30, serviceBefore: { pickup: 1, dropoff: 0.5 } },
};

test('a visit has one service, goods and doors are waited for, and the way is from stop to stop', () => {
  const stops = scheduleRoute(question, { id: 'c', place: 0, freeAtMs: NOW_MS + 10_000 }, [
    { deliveryId: 'a', kind: 'pickup' },
    { deliveryId: 'b', kind: 'pickup' },
    { deliveryId: 'a', kind: 'dropoff' },
    { deliveryId: 'b', kind: 'dropoff' },
  ]);
  // There after 10 + 100 + 60 s, ready after 500; both are collected in one visit; 200 s on and half of the service;
  // the door of b opens after 2,000 s.
  expect(stops.map(({ atMs }) => (atMs - NOW_MS) / 1_000)).toEqual([500, 500, 720, 2_000]);
});

test('a parcel that is aboard has only its dropoff, one that failed only its return', () => {
  const at = (kind: 'dropoff' | 'return') =>
    scheduleRoute(question, { id: 'c', place: 0 }, [{ deliveryId: 'a', kind }]).map((stop) => stop.atMs - NOW_MS);
  expect(at('dropoff')).toEqual([320_000]);
  expect(at('return')).toEqual([160_000]);
});

test('it says the same of a route as the plan that made it', () => {
  let stops = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const asked = randomQuestion(seed);
    for (const route of plan(asked).routes) {
      const driver = asked.drivers.find(({ id }) => id === route.driverId)!;
      expect(scheduleRoute(asked, driver, route.stops), `seed ${seed}, ${driver.id}`).toEqual(route.stops);
      stops += route.stops.length;
    }
  }
  expect(stops).toBeGreaterThan(200);
});
