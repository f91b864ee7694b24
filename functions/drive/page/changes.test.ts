import { expect, test } from 'vitest';
import type { DeliveryEventView } from '#shared/contract/deliveries.ts';
import { changesSince } from './changes.ts';

const event = (sequence: number, type: string, fields?: readonly string[]) =>
  ({ sequence, type, data: fields ? { fields } : null }) as DeliveryEventView;
const EVENTS = [
  event(1, 'CREATED'),
  event(2, 'CHANGED', ['notes']),
  event(3, 'ASSIGNED'),
  event(4, 'CHANGED', ['dropoff.lat', 'dropoff.lon', 'dropoff.address', 'priority', 'dropoff.safePlace']),
  event(5, 'PICKED_UP'),
  event(6, 'CHANGED', ['dropoff.phone', 'dropoff.before']),
];

test('what changed in the driver’s hands, each once', () => {
  expect(changesSince(EVENTS, 0)).toEqual(['dropoffPlace', 'address', 'safePlace', 'phone', 'window']);
});

test('what they have seen is not said again, nor what was before it was theirs', () => {
  expect(changesSince(EVENTS, 5)).toEqual(['phone', 'window']);
  expect(changesSince(EVENTS, 6)).toEqual([]);
  expect(changesSince([...EVENTS, event(7, 'UNASSIGNED'), event(8, 'ASSIGNED')], 0)).toEqual([]);
});
