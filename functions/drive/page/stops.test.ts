import { expect, test } from 'vitest';
import { mayBeNext, presentVisit, stopsAfter } from './stops.ts';

const SHOP = { lat: 1, lon: 1 };
const stop = (deliveryId: string, kind: 'pickup' | 'dropoff' | 'return', place = SHOP) => ({
  deliveryId,
  kind,
  ...place,
});
const DOORS = [
  { lat: 2, lon: 1 },
  { lat: 3, lon: 1 },
];
const ROUTE = [
  stop('a', 'pickup'),
  stop('b', 'pickup'),
  stop('a', 'dropoff', DOORS[0]),
  stop('b', 'dropoff', DOORS[1]),
];
const after = (...steps: string[]) => {
  const sent = steps.map((status) => ({ deliveryId: 'a', status }));
  return stopsAfter(ROUTE, sent).map(({ deliveryId, kind }) => `${kind} ${deliveryId}`);
};

test('steps that wait on the phone count already', () => {
  expect(after()).toEqual(['pickup a', 'pickup b', 'dropoff a', 'dropoff b']);
  expect(after('PICKED_UP')).toEqual(['pickup b', 'dropoff a', 'dropoff b']);
  expect(after('PICKED_UP', 'IN_TRANSIT', 'DELIVERED')).toEqual(['pickup b', 'dropoff b']);
  expect(after('PENDING')).toEqual(['pickup b', 'dropoff b']);
});

test('what fails before it was collected is gone; afterwards it has to go back', () => {
  expect(after('FAILED')).toEqual(['pickup b', 'dropoff b']);
  expect(after('PICKED_UP', 'FAILED')).toEqual(['pickup b', 'return a', 'dropoff b']);
  expect(after('PICKED_UP', 'FAILED', 'RETURNED')).toEqual(['pickup b', 'dropoff b']);
});

test('a visit is all of one kind at one place', () => {
  expect(presentVisit(ROUTE)).toEqual(ROUTE.slice(0, 2));
  expect(presentVisit(ROUTE.slice(2))).toEqual([ROUTE[2]]);
  expect(presentVisit([])).toEqual([]);
});

test('what is still to be collected cannot be brought first', () => {
  expect(ROUTE.map((each) => mayBeNext(ROUTE, each))).toEqual([true, true, false, false]);
  expect(mayBeNext(ROUTE.slice(1), ROUTE[2]!)).toBe(true);
});
