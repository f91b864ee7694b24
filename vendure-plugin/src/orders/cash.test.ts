import type { Fulfillment, Order } from '@vendure/core';
import { expect, it } from 'vitest';
import { HANDLER_CODE } from '../constants';
import { amountToCollect, dueAtTheDoor, isComplete } from './cash';

const byDriver = { id: 1, shippingMethod: { fulfillmentHandlerCode: HANDLER_CODE } };
const byPost = { id: 2, shippingMethod: { fulfillmentHandlerCode: 'manual-fulfillment' } };
const cash = { state: 'Authorized', method: 'cash', amount: 3720 };
const voucher = { state: 'Settled', method: 'voucher', amount: 500 };

/** Two breads at 4.50, a cake at 30, shipping 3.20; 5 paid by a voucher, and 37.20 to be paid at the door. */
const order = orderOf({});
function orderOf(more: object): Order {
  const lines = [
    { id: 1, quantity: 2, proratedUnitPriceWithTax: 450, shippingLineId: 1 },
    { id: 2, quantity: 1, proratedUnitPriceWithTax: 3000, shippingLineId: 1 },
  ];
  return { lines, payments: [cash, voucher], shippingLines: [byDriver], totalWithTax: 4220, ...more } as Order;
}

type Made = { state?: string; told?: number | null; handlerCode?: string };
function parcel(id: number, lines: [orderLineId: number, quantity: number][], made: Made = {}): Fulfillment {
  const { state = 'Pending', told = null, handlerCode = HANDLER_CODE } = made;
  const its = lines.map(([orderLineId, quantity]) => ({ orderLineId, quantity }));
  return { id, state, handlerCode, lines: its, customFields: { toldToCollect: told } } as unknown as Fulfillment;
}
const everything = parcel(1, [
  [1, 2],
  [2, 1],
]);
const last = { settleOnDelivery: ['cash'], collect: 'last' } as const;
const share = { settleOnDelivery: true, collect: 'share' } as const;
type Settings = Parameters<typeof amountToCollect>[3];

/** Each is asked again, with all that there are by now, the last one first, and remembers what it is told. */
function askedAgain(of: Order, parcels: Fulfillment[], settings: Settings): number[] {
  for (const each of parcels.toReversed()) {
    if (each.state !== 'Pending') continue;
    each.customFields.toldToCollect = amountToCollect(of, each, parcels, settings);
  }
  return parcels.map(({ customFields }) => customFields.toldToCollect ?? 0);
}
/** As they are made one after the other. */
function made(of: Order, parcels: Fulfillment[], settings: Settings): Fulfillment[] {
  for (const [index, each] of parcels.entries())
    each.customFields.toldToCollect = amountToCollect(of, each, parcels.slice(0, index + 1), settings);
  return parcels;
}
const told = (parcels: Fulfillment[]) => parcels.map(({ customFields }) => customFields.toldToCollect);

it('asks everything of the only parcel, and nothing where all is paid or nothing is paid at the door', () => {
  const asked = (settings: Settings) => amountToCollect(order, everything, [everything], settings);
  expect(asked(last)).toBe(3720);
  expect(asked(share)).toBe(3720);
  expect(asked({ settleOnDelivery: false, collect: 'last' })).toBe(0);
  expect(asked({ settleOnDelivery: ['card'], collect: 'last' })).toBe(0);
});

it('asks everything of the parcel that completes the order, a cancelled one not counted', () => {
  const gone = parcel(1, [[2, 1]], { state: 'Cancelled', told: 3720 });
  const [bread, cake] = [parcel(2, [[1, 2]], { state: 'Delivered', told: 0 }), parcel(3, [[2, 1]])];
  expect(amountToCollect(order, bread, [gone, bread], last)).toBe(0);
  expect(amountToCollect(order, cake, [gone, bread, cake], last)).toBe(3720);
  expect(isComplete(order, [gone])).toBe(false);
  expect(isComplete(order, [bread, cake])).toBe(true);
});

it('asks of each its share, and of the last one the rest: together what is due', () => {
  const parcels = made(order, [parcel(1, [[1, 1]]), parcel(2, [[1, 1]]), parcel(3, [[2, 1]])], share);
  expect(told(parcels)).toEqual([450, 450, 2820]);
});

it.each([
  ['last', last, [0, 0, 3720]],
  ['share', share, [450, 450, 2820]],
])('asks the same again when all are there, together what is due: %s', (_name, settings, amounts) => {
  const parcels = () => [parcel(1, [[1, 1]]), parcel(2, [[1, 1]]), parcel(3, [[2, 1]])];
  expect(askedAgain(order, made(order, parcels(), settings), settings)).toEqual(amounts);
  // Of a version that did not remember it: each with the full list, in any order.
  const forgetful = parcels();
  expect(forgetful.map((each) => amountToCollect(order, each, forgetful, settings))).toEqual(amounts);
});

it('asks nothing for what came back, where the other parcel was paid for all', () => {
  const returned = parcel(1, [[1, 2]], { state: 'Cancelled', told: 0 });
  const paid = parcel(2, [[2, 1]], { state: 'Delivered', told: 3720 });
  const again = parcel(3, [[1, 2]]);
  expect(amountToCollect(order, again, [returned, paid, again], last)).toBe(0);
});

it('leaves with a driver what they were told, when something is added that is paid for otherwise', () => {
  const lines = [...order.lines, { id: 3, quantity: 1, proratedUnitPriceWithTax: 900, shippingLineId: 1 }];
  const card = { state: 'Settled', method: 'card', amount: 900 };
  const more = orderOf({ lines, totalWithTax: 5120, payments: [cash, voucher, card] });
  for (const settings of [last, share]) {
    const first = { ...everything, customFields: { ...everything.customFields, toldToCollect: 3720 } } as Fulfillment;
    expect(amountToCollect(more, first, [first], settings)).toBe(3720);
    expect(told(made(more, [first, parcel(2, [[3, 1]])], settings))).toEqual([3720, 0]);
  }
});

it('asks no more than the order still costs beside what is paid otherwise, refunds not counted as paid', () => {
  expect(dueAtTheDoor(order, last)).toBe(3720);
  // The cake cancelled: 9 for the bread and 3.20 for the shipping, 5 of it paid.
  const lines = [order.lines[0], { ...order.lines[1], quantity: 0 }];
  const less = { lines, totalWithTax: 1220 };
  expect(dueAtTheDoor(orderOf(less), last)).toBe(720);
  const refunded = (state: string) => ({ ...voucher, refunds: [{ state, total: 200 }] });
  expect(dueAtTheDoor(orderOf({ ...less, payments: [cash, refunded('Pending')] }), last)).toBe(920);
  expect(dueAtTheDoor(orderOf({ ...less, payments: [cash, refunded('Failed')] }), last)).toBe(720);
  expect(dueAtTheDoor(orderOf({ payments: [{ ...cash, refunds: [{ state: 'Settled', total: 700 }] }] }), last)).toBe(
    3020,
  );
  // All of it, the voucher alone would pay for.
  expect(dueAtTheDoor(orderOf({ ...less, totalWithTax: 320 }), last)).toBe(0);
});

it('takes what was cancelled from the last one, and does not leave the money with a parcel that has nothing in it', () => {
  const parcels = made(order, [parcel(1, [[1, 1]]), parcel(2, [[1, 1]]), parcel(3, [[2, 1]])], share);
  const cheaper = orderOf({ totalWithTax: 3900 });
  expect(askedAgain(cheaper, parcels, share)).toEqual([450, 450, 2500]);
  const withoutCake = orderOf({ lines: [order.lines[0], { ...order.lines[1], quantity: 0 }], totalWithTax: 1220 });
  const [first, second] = parcels;
  // The third is on its way to be cancelled, and is asked for nothing more.
  expect(
    askedAgain(withoutCake, [first!, second!, parcel(3, [[2, 1]], { state: 'Shipped', told: 2500 })], share),
  ).toEqual([450, 270, 2500]);
});

it('is complete with what drivers bring of it: the rest goes by post', () => {
  const [bread, cake] = order.lines;
  const mixed = orderOf({ lines: [bread, { ...cake, shippingLineId: 2 }], shippingLines: [byDriver, byPost] });
  const ours = parcel(1, [[1, 2]]);
  expect(isComplete(mixed, [])).toBe(false);
  expect(amountToCollect(mixed, ours, [ours], last)).toBe(3720);
  // By an administrator, although drivers might have brought it.
  const posted = parcel(1, [[2, 1]], { state: 'Shipped', handlerCode: 'manual-fulfillment' });
  const rest = parcel(2, [[1, 2]]);
  for (const settings of [last, share]) expect(amountToCollect(order, rest, [posted, rest], settings)).toBe(3720);
  const called = parcel(1, [[2, 1]], { state: 'Cancelled', handlerCode: 'manual-fulfillment' });
  expect(amountToCollect(order, rest, [called, rest], last)).toBe(0);
});

it('is complete with all of it, where the shipping method says nothing of drivers', () => {
  const other = orderOf({ shippingLines: [byPost] });
  const [bread, cake] = [parcel(1, [[1, 2]]), parcel(2, [[2, 1]])];
  expect(told(made(other, [bread, cake], last))).toEqual([0, 3720]);
});
