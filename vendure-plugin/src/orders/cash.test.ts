import type { Fulfillment, Order } from '@vendure/core';
import { expect, it } from 'vitest';
import { amountToCollect, isComplete } from './cash';

/** Two breads at 4.50 and a cake at 25, shipping 3.20: 37.20 to be paid at the door. */
const order = {
  lines: [
    { id: 1, quantity: 2, proratedUnitPriceWithTax: 450 },
    { id: 2, quantity: 1, proratedUnitPriceWithTax: 2500 },
  ],
  payments: [
    { state: 'Authorized', method: 'cash', amount: 3720 },
    { state: 'Settled', method: 'voucher', amount: 500 },
  ],
} as Order;
const parcel = (id: number, lines: [orderLineId: number, quantity: number][], state = 'Pending') =>
  ({ id, state, lines: lines.map(([orderLineId, quantity]) => ({ orderLineId, quantity })) }) as Fulfillment;
const last = { settleOnDelivery: ['cash'], collect: 'last' } as const;
const share = { settleOnDelivery: true, collect: 'share' } as const;

it('asks everything of the only parcel, and nothing where all is paid or nothing is paid at the door', () => {
  const all = parcel(1, [
    [1, 2],
    [2, 1],
  ]);
  expect(amountToCollect(order, all, [all], last)).toBe(3720);
  expect(amountToCollect(order, all, [all], share)).toBe(3720);
  expect(amountToCollect(order, all, [all], { settleOnDelivery: false, collect: 'last' })).toBe(0);
  expect(amountToCollect(order, all, [all], { settleOnDelivery: ['card'], collect: 'last' })).toBe(0);
});

it('asks everything of the parcel that completes the order, a cancelled one not counted', () => {
  const [gone, bread, cake] = [parcel(1, [[2, 1]], 'Cancelled'), parcel(2, [[1, 2]], 'Delivered'), parcel(3, [[2, 1]])];
  expect(amountToCollect(order, bread, [gone, bread], last)).toBe(0);
  expect(amountToCollect(order, cake, [gone, bread, cake], last)).toBe(3720);
  expect(isComplete(order, [gone])).toBe(false);
  expect(isComplete(order, [bread, cake])).toBe(true);
});

it('asks of each its share, and of the last one the rest: together what is due', () => {
  const parcels = [parcel(1, [[1, 1]]), parcel(2, [[1, 1]]), parcel(3, [[2, 1]])];
  const amounts = parcels.map((each, index) => amountToCollect(order, each, parcels.slice(0, index + 1), share));
  expect(amounts).toEqual([450, 450, 2820]);
});
