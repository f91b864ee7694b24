import { expect, test } from 'vitest';
import { waitSentence, waitText } from './waits.ts';

const nowhere = { lat: null, lon: null };
const here = { lat: 52.5, lon: 13.4 };
const waits = (dispatch: 'needs_location' | 'exhausted', pickup: typeof here | typeof nowhere = here) => ({
  dispatch,
  heldUntil: null,
  heldReason: null,
  pickup,
  dropoff: nowhere,
});

test('an order without coordinates waits for them, not for a driver', () => {
  expect(waitText(waits('needs_location'))).toBe('Coordinates are missing');
  expect(waitSentence(waits('needs_location'))).toMatch(/dropoff/i);
  expect(waitSentence(waits('needs_location'))).not.toMatch(/pickup|nobody|driver is free/i);
  expect(waitSentence(waits('needs_location', nowhere))).toMatch(/pickup.*dropoff/i);
});

test('an order for which nobody was found says what to do', () => {
  expect(waitText(waits('exhausted'))).toBe('Nobody found: give it to someone');
});
