import { expect, test } from 'vitest';
import type { PlannedStopRef } from '../planning/question.ts';
import { routeFault } from './route-fault.ts';

const PARCELS = [
  { deliveryId: 'a', size: 1, aboard: false },
  { deliveryId: 'b', size: 2, aboard: true },
  { deliveryId: 'c', size: 1, aboard: true, returning: true },
];
const stops = (text: string): PlannedStopRef[] =>
  text.split(' ').map((word) => {
    const kind = ({ '+': 'pickup', '-': 'dropoff', '<': 'return' } as const)[word[0] as '+' | '-' | '<'];
    return { deliveryId: word.slice(1), kind };
  });

test('every stop once, each dropoff after its pickup, and a failed parcel goes back', () => {
  for (const good of ['+a -a -b <c', '<c -b +a -a', '-b +a <c -a']) expect(routeFault(stops(good), PARCELS)).toBeNull();
});

test('a pickup that was made meanwhile may still be named', () => {
  expect(routeFault(stops('+b +a -a -b <c'), PARCELS)).toBeNull();
});

test('says which stop is wrong, by its place in what was sent', () => {
  const faults = {
    '-a +a -b <c': ['/0', 'must not come before its pickup'],
    '+a +a -a -b <c': ['/1', 'is there already'],
    '+a -b -a -b <c': ['/3', 'is there already'],
    '+a -a -b -c': ['/3', 'is not a stop of this driver'],
    '+a -a <b <c': ['/2', 'is not a stop of this driver'],
    '+b +x -a -b <c': ['/1', 'is not a stop of this driver'],
    '+a -a -b': ['', 'must have all stops of this driver'],
    '+a -b <c': ['', 'must have all stops of this driver'],
    '+a -a -b <c -d': ['/4', 'is not a stop of this driver'],
  };
  for (const [text, [pointer, detail]] of Object.entries(faults))
    expect(routeFault(stops(text), PARCELS), text).toEqual({ pointer, detail });
});
