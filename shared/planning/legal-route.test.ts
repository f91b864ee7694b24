import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HeldParcel, routeProblem } from './legal-route.ts';
import type { PlannedStopRef, StopKind } from './question.ts';

const stop = (deliveryId: string, kind: StopKind): PlannedStopRef => ({ deliveryId, kind });
const a: HeldParcel = { deliveryId: 'a', size: 1, aboard: false };
const b: HeldParcel = { deliveryId: 'b', size: 2, aboard: false };
const c: HeldParcel = { deliveryId: 'c', size: 1, aboard: true };
const back: HeldParcel = { deliveryId: 'r', size: 1, aboard: true, returning: true };
const [pickA, dropA, pickB, dropB] = [
  stop('a', 'pickup'),
  stop('a', 'dropoff'),
  stop('b', 'pickup'),
  stop('b', 'dropoff'),
];

test.each([
  ['both, one after the other', [pickA, dropA, pickB, dropB], null],
  ['both aboard at once', [pickB, pickA, dropB, dropA], null],
  ['a pickup is missing', [dropA, pickB, dropB], 'dropoff_before_pickup'],
  ['a dropoff is missing', [pickA, pickB, dropB], 'missing'],
  ['a delivery is missing', [pickA, dropA], 'missing'],
  ['the wrong way round', [dropA, pickA, pickB, dropB], 'dropoff_before_pickup'],
  ['a pickup twice', [pickA, pickA, dropA, pickB, dropB], 'twice'],
  ['a dropoff twice', [pickA, dropA, dropA, pickB, dropB], 'twice'],
  ['a stranger', [pickA, dropA, pickB, dropB, stop('x', 'dropoff')], 'unknown_stop'],
  ['a return of what is not going back', [pickA, stop('a', 'return'), pickB, dropB], 'unknown_stop'],
])('two parcels to collect, room for three: %s', (_, stops, problem) => {
  expect(routeProblem(stops, [a, b], 3)).toBe(problem);
});

test('what is aboard counts from the start, until it is dropped off', () => {
  expect(routeProblem([stop('c', 'dropoff'), pickB, dropB], [b, c], 2)).toBeNull();
  expect(routeProblem([pickB, stop('c', 'dropoff'), dropB], [b, c], 2)).toBe('over_capacity');
  expect(routeProblem([stop('c', 'pickup'), stop('c', 'dropoff')], [c], 2)).toBe('unknown_stop');
});

test('a failed parcel takes room until it is back, and only a return ends it', () => {
  expect(routeProblem([stop('r', 'return'), pickB, dropB], [b, back], 2)).toBeNull();
  expect(routeProblem([pickB, stop('r', 'return'), dropB], [b, back], 2)).toBe('over_capacity');
  expect(routeProblem([stop('r', 'dropoff')], [back], 2)).toBe('unknown_stop');
});

test('any order that keeps each pickup before its dropoff is legal where all fit at once, and no other is', () => {
  const parcels = ['a', 'b', 'c', 'd'].map((deliveryId) => ({ deliveryId, size: 1, aboard: false }));
  const all = parcels.flatMap(({ deliveryId }) => [stop(deliveryId, 'pickup'), stop(deliveryId, 'dropoff')]);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (stops) => {
      const at = (id: string, kind: StopKind): number =>
        stops.findIndex((one) => one.deliveryId === id && one.kind === kind);
      const ordered = parcels.every(({ deliveryId }) => at(deliveryId, 'pickup') < at(deliveryId, 'dropoff'));
      expect(routeProblem(stops, parcels, 4)).toBe(ordered ? null : 'dropoff_before_pickup');
    }),
  );
});
