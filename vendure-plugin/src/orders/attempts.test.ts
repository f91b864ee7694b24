import type { Fulfillment } from '@vendure/core';
import { expect, it } from 'vitest';
import { piecesSent } from './attempts';

const sent = (quantity: number) => attempt(quantity, 'Pending', null);
const returned = (quantity: number) => attempt(quantity, 'Cancelled', null);
const again = (quantity: number, state = 'Pending') => attempt(quantity, state, true);
const attempt = (quantity: number, state: string, newAttempt: true | null) => ({
  quantity,
  fulfillment: { state, customFields: { newAttempt } } as Fulfillment,
});

it('counts what was returned until it is sent again, and not twice then', () => {
  expect(piecesSent([])).toBe(0);
  expect(piecesSent([sent(1), sent(2)])).toBe(3);
  expect(piecesSent([returned(2)])).toBe(2);
  expect(piecesSent([returned(2), again(1)])).toBe(2);
  expect(piecesSent([returned(2), again(2)])).toBe(2);
  expect(piecesSent([returned(2), again(1), again(1)])).toBe(2);
});

it('counts a new attempt that comes back, too, as what it was an attempt of', () => {
  expect(piecesSent([returned(1), again(1, 'Cancelled')])).toBe(1);
  expect(piecesSent([returned(1), again(1, 'Cancelled'), again(1)])).toBe(1);
});

it('does not take what was added since for a new attempt', () => {
  expect(piecesSent([returned(1), sent(1)])).toBe(2);
});
