import { expect, test } from 'vitest';
import { QuestionError } from './check-question.ts';
import { plan } from './plan.ts';
import type { DriverOnDuty, OpenDelivery, PlannedStopRef, StopKind } from './question.ts';
import { NOW_MS } from './questions.testing.ts';

const delivery: OpenDelivery = { id: 'd', placedAtMs: NOW_MS, pickup: { place: 0 }, dropoff: { place: 1 } };
const stop = (kind: StopKind, deliveryId = 'd'): PlannedStopRef => ({ deliveryId, kind });
const driver = (id: string, ...route: PlannedStopRef[]): DriverOnDuty => ({ id, place: 0, route });
const asking =
  (deliveries: readonly OpenDelivery[], drivers: readonly DriverOnDuty[], answerS = 60) =>
  () =>
    plan({ nowMs: NOW_MS, travelS: () => answerS, deliveries, drivers });

test.each([
  ['two deliveries of one id', [delivery, delivery], [], /two deliveries have the id d/],
  ['two drivers of one id', [], [driver('c'), driver('c')], /two drivers have the id c/],
  ['a stop of an unknown delivery', [], [driver('c', stop('dropoff'))], /not among the deliveries/],
  ['a pickup without a dropoff', [delivery], [driver('c', stop('pickup'))], /never drops it off/],
  ['a dropoff before its pickup', [delivery], [driver('c', stop('dropoff'), stop('pickup'))], /before its pickup/],
  ['a stop twice', [delivery], [driver('c', stop('dropoff'), stop('dropoff'))], /two stops of one kind/],
  ['a pickup and a return', [delivery], [driver('c', stop('pickup'), stop('return'))], /brings it back/],
  ['a return and a dropoff', [delivery], [driver('c', stop('return'), stop('dropoff'))], /two stops of one kind/],
  ['one delivery, two drivers', [delivery], [driver('c', stop('dropoff')), driver('e', stop('dropoff'))], /c and e/],
  ['a size that is no number', [{ ...delivery, size: Number.NaN }], [], /has the size NaN/],
  ['a time that is no number', [{ ...delivery, placedAtMs: Number.NaN }], [], /was placed at NaN/],
])('a question contradicts itself: %s', (_, deliveries, drivers, message) => {
  expect(asking(deliveries, drivers)).toThrow(message);
  expect(asking(deliveries, drivers)).toThrow(QuestionError);
});

test('a travel time that is no number is named, not planned with', () => {
  expect(asking([delivery], [driver('c')], Number.NaN)).toThrow(/travelS answers NaN from 0 to/);
  expect(asking([delivery], [driver('c')], -1)).toThrow(QuestionError);
});

test('what cannot be reached at all is far away, and nothing worse', () => {
  const { routes } = asking([delivery], [driver('c')], Number.POSITIVE_INFINITY)();
  expect(routes).toEqual([{ driverId: 'c', stops: [] }]);
});
