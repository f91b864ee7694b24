import { type ID, Order, TransactionalConnection } from '@vendure/core';
import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually';
import type { Json } from './support/json';
import { type Loop, notes, openLoop } from './support/loop';
import { type Ask, checkout, fill, guest, orderOf } from './support/shop';

let loop: Loop;
beforeAll(async () => {
  loop = await openLoop('windows');
});
afterAll(() => loop?.close());
afterEach(() => loop.clear());

describe('a window whose shipping method is changed for another one', () => {
  const change = async (ask: Ask, method: string) => {
    await ask(`mutation { transitionOrderToState(state: "AddingItems") { __typename } }`);
    await ask(`mutation ($ids: [ID!]!) { setOrderShippingMethod(shippingMethodId: $ids) { __typename } }`, {
      ids: [method],
    });
    await ask(`mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }`);
  };

  it('takes no place where drivers do not bring it, and is no window of a method that has none', async () => {
    const { ask, id } = await basket();
    const before = await free();
    await choose(ask, before.at(-1));
    expect(await free()).toEqual(before.slice(0, -1));
    await change(ask, loop.shop.methods.post!);
    expect(await free()).toEqual(before);
    await change(ask, loop.shop.methods.driver!);
    const { dropoff } = await pay(ask);
    expect(dropoff).not.toHaveProperty('after');
    expect(notes(await orderOf(loop.shop, id), false)).toEqual([expect.stringContaining('was chosen for another one')]);
    expect(await problems()).toContainEqual(expect.stringMatching(/^1 order is delivered at another time/));
    await admin(`mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }`, {
      input: { orderId: id, reason: 'seen by the shop' },
    });
    expect(await problems()).not.toContainEqual(expect.stringContaining('at another time'));
  });
});

describe('a window that is paid for after the 15 minutes that it is kept for', () => {
  it('stays where its place is still free', async () => {
    const [customer, [slot]] = [await basket(), await free()];
    await choose(customer.ask, slot);
    await lapse(customer.id);
    const { dropoff } = await pay(customer.ask);
    expect([dropoff.after, dropoff.before].map(Date.parse)).toEqual([slot.after, slot.before].map(Date.parse));
    expect(notes(await orderOf(loop.shop, customer.id), false)).toEqual([]);
  });

  it('becomes the nearest free one where somebody has taken it, and the shop is told', async () => {
    const [late, quick] = [await basket(), await basket()];
    const [slot, next] = await free();
    await choose(late.ask, slot);
    await lapse(late.id);
    await choose(quick.ask, slot);
    const { dropoff } = await pay(late.ask);
    expect([dropoff.after, dropoff.before].map(Date.parse)).toEqual([next.after, next.before].map(Date.parse));
    const [note, ...more] = notes(await orderOf(loop.shop, late.id), false);
    expect(more).toEqual([]);
    expect(note).toMatch(/was not free any more.+the nearest that is free/);
    expect(await problems()).toContainEqual(expect.stringMatching(/^1 order is delivered at another time/));
    const { dropoff: asWished } = await pay(quick.ask);
    expect(Date.parse(asWished.after)).toBe(Date.parse(slot.after));
  });

  it('goes where none is free: the order is kept, and delivered as soon as can be', async () => {
    const late = await basket();
    const slots = await free();
    await choose(late.ask, slots[0]);
    await lapse(late.id);
    for (const slot of slots) await choose((await basket()).ask, slot);
    const { dropoff } = await pay(late.ask);
    expect(dropoff).not.toHaveProperty('after');
    expect(notes(await orderOf(loop.shop, late.id), false)).toEqual([expect.stringContaining('No other is free')]);
  });
});

describe('a shop with several stock locations', () => {
  /** Beside them Ada's door, 1.5 km from the first. */
  const EAST = { latitude: 52.55, longitude: 13.47 };
  let east: ID;
  let first: ID;
  beforeAll(async () => {
    first = (await admin(`{ stockLocations { items { id } } }`)).stockLocations.items[0].id;
    const input = { name: 'East', customFields: { ...EAST, pickupAddress: 'Weissensee 1, Berlin' } };
    const made = await admin(
      `mutation ($input: CreateStockLocationInput!) { createStockLocation(input: $input) { id } }`,
      {
        input,
      },
    );
    east = made.createStockLocation.id;
  });
  const stock = async (levels: [ID, number][]) => {
    const found = await admin(`{ productVariants(options: { filter: { sku: { eq: "BREAD" } } }) { items { id } } }`);
    const stockLevels = levels.map(([stockLocationId, stockOnHand]) => ({ stockLocationId, stockOnHand }));
    const input = [{ id: found.productVariants.items[0].id, trackInventory: 'TRUE', stockLevels }];
    await admin(`mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }`, {
      input,
    });
  };

  it.each([
    ['the first', () => [first, east] as const, [1_490, 1_520], 52.52],
    ['the other', () => [east, first] as const, [4_000, 4_200], EAST.latitude],
  ] as const)('measures the price from the location that ships: %s', async (_, at, [least, most], lat) => {
    const [ships, empty] = at();
    await stock([
      [ships, 100],
      [empty, 0],
    ]);
    const { client } = guest(loop.shop);
    await fill(client, loop.shop, {});
    const { activeOrder } = await client(
      `{ activeOrder { shippingWithTax shippingLines { shippingMethod { code } } } }`,
    );
    const { code } = await checkout(loop.shop);
    const { pickup } = await loop.deliveryWith(code, { status: 'PENDING' });
    expect(pickup).toMatchObject({ lat, stockLocationId: ships });
    const metres = (activeOrder.shippingWithTax - 300) * 10;
    expect(metres).toBeGreaterThan(least);
    expect(metres).toBeLessThan(most);
  });
});

const admin = (query: string, variables?: object): Promise<Json> =>
  loop.shop.adminClient.query(gql(query), variables as never);
const problems = async () => (await admin(`{ driverDispatchHealth { problems } }`)).driverDispatchHealth.problems;

/** With the method that has windows, one place in each, and about to be paid for. */
async function basket(): Promise<{ ask: Ask; id: string }> {
  const { client: ask } = guest(loop.shop);
  await fill(ask, loop.shop, { method: loop.shop.methods.windows! });
  return { ask, id: (await ask(`{ activeOrder { id } }`)).activeOrder.id };
}

async function free(): Promise<Json[]> {
  const { deliverySlots } = await guest(loop.shop).client(
    `query ($id: ID!) { deliverySlots(shippingMethodId: $id) { after before } }`,
    { id: loop.shop.methods.windows },
  );
  return deliverySlots;
}

async function choose(ask: Ask, { after }: Json): Promise<void> {
  await ask(`mutation ($after: DateTime) { setDeliverySlot(after: $after) { id } }`, { after });
}

/** As 16 minutes later. */
async function lapse(id: string): Promise<void> {
  const { rawConnection } = loop.shop.server.app.get(TransactionalConnection);
  const updatedAt = new Date(Date.now() - 16 * 60_000);
  await rawConnection.getRepository(Order).update(id.replace('T_', ''), { updatedAt });
}

/** @returns the delivery */
async function pay(ask: Ask): Promise<Json> {
  const { addPaymentToOrder } = await ask(
    `mutation { addPaymentToOrder(input: { method: "prepaid", metadata: {} }) { __typename ... on Order { code } ... on ErrorResult { message } } }`,
  );
  expect(addPaymentToOrder).toMatchObject({ __typename: 'Order' });
  return eventually(async () => {
    const delivery = await loop.service.deliveryOf(addPaymentToOrder.code);
    expect(delivery).toMatchObject({ status: 'PENDING' });
    return delivery;
  });
}
