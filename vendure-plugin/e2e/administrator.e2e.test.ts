import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually';
import type { Json } from './support/json';
import { type Loop, notes, openLoop, transition } from './support/loop';
import { checkout, guest, orderOf, stockOf } from './support/shop';

let loop: Loop;
let service: Loop['service'];
let shop: Loop['shop'];
let driver: Loop['driver'];
let deliveryWith: Loop['deliveryWith'];
let orderWith: Loop['orderWith'];
let deliveryShown: Loop['deliveryShown'];

beforeAll(async () => {
  loop = await openLoop('administrator');
  ({ service, shop, driver, deliveryWith, orderWith, deliveryShown } = loop);
});
afterAll(() => loop?.close());
afterEach(() => loop.clear());

describe('cancelling', () => {
  const linesOf = async (id: string): Promise<{ orderLineId: string; quantity: number }[]> => {
    const { order } = await shop.adminClient.query(gql`query ($id: ID!) { order(id: $id) { lines { id quantity } } }`, {
      id,
    });
    return order.lines.map((line: Json) => ({ orderLineId: line.id, quantity: line.quantity }));
  };
  const fulfil = async (lines: object[]): Promise<Json> => {
    const { addFulfillmentToOrder } = await shop.adminClient.query(
      gql`mutation ($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) { __typename ... on ErrorResult { message } ... on CreateFulfillmentError { fulfillmentHandlerError } } }`,
      { input: { lines, handler: { code: 'driver-delivery', arguments: [] } } },
    );
    return addFulfillmentToOrder;
  };
  const CANCEL = gql`mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename ... on Order { state } ... on ErrorResult { message } } }`;

  it('an order before the pickup cancels the delivery and frees the driver', async () => {
    const nora = await driver('Nora');
    const before = await stockOf(shop, 'BREAD');
    const { id, code } = await checkout(shop);
    const { id: deliveryId } = await deliveryWith(code, { status: 'ASSIGNED', driverId: nora.id });
    await shop.adminClient.query(CANCEL, {
      input: { orderId: id, cancelShipping: true, reason: 'changed their mind' },
    });
    await deliveryWith(code, { id: deliveryId, status: 'CANCELLED' });
    await orderWith(id, {
      state: 'Cancelled',
      fulfillments: [{ state: 'Cancelled', delivery: { status: 'CANCELLED' } }],
    });
    expect((await service.ask('GET', `/v1/drivers/${nora.id}/status`)).body).toMatchObject({
      status: 'AVAILABLE',
      load: 0,
    });
    // Booked back once: by the order, and not once more by its fulfillment.
    expect(await stockOf(shop, 'BREAD')).toEqual(before);
  });

  it('one of two pieces, and then the delivery, books back what was taken and keeps what is still wanted', async () => {
    const before = await stockOf(shop, 'BREAD');
    const { id, code } = await checkout(shop, { quantity: 2 });
    const waiting = await deliveryShown(id, { status: 'PENDING' });
    const lines = (await linesOf(id)).map((line) => ({ ...line, quantity: 1 }));
    const input = { orderId: id, lines, cancelShipping: false, reason: 'one is enough' };
    expect((await shop.adminClient.query(CANCEL, { input })).cancelOrder.__typename).toBe('Order');
    await transition(shop, waiting.fulfillments[0].id, 'Cancelled');
    await deliveryWith(code, { status: 'CANCELLED' });
    expect(await stockOf(shop, 'BREAD')).toEqual({ onHand: before.onHand, allocated: before.allocated + 1 });
    await shop.adminClient.query(CANCEL, { input: { orderId: id, cancelShipping: true, reason: 'none at all' } });
    expect(await stockOf(shop, 'BREAD')).toEqual(before);
  });

  it('a fulfillment cancels its delivery; the next one is a delivery of its own', async () => {
    const { id, code } = await checkout(shop);
    const order = await deliveryShown(id, { status: 'PENDING' });
    await transition(shop, order.fulfillments[0].id, 'Cancelled');
    await deliveryWith(code, { status: 'CANCELLED' });
    const lines = await linesOf(id);
    // Three clicks at once are one parcel.
    const clicks = await Promise.all([1, 2, 3].map(() => fulfil(lines)));
    const made = clicks.filter(({ __typename }) => __typename === 'Fulfillment');
    expect(made).toHaveLength(1);
    for (const { message, fulfillmentHandlerError } of clicks.filter((click) => !made.includes(click)))
      expect(fulfillmentHandlerError ?? message).toMatch(/already/);
    await deliveryWith(`${code}/2`, { status: 'PENDING' });
    expect((await orderOf(shop, id)).fulfillments).toHaveLength(2);
  });

  it('after the pickup comes too late, and says so to the administrator', async () => {
    await driver('Paula');
    const { id, code } = await checkout(shop);
    const { id: deliveryId } = await deliveryWith(code, { status: 'ASSIGNED' });
    await service.move(deliveryId, 'PICKED_UP');
    await orderWith(id, { state: 'Shipped' });
    await shop.adminClient.query(CANCEL, { input: { orderId: id, cancelShipping: true, reason: 'too late' } });
    await eventually(async () =>
      expect(notes(await orderOf(shop, id), false)).toEqual([expect.stringContaining('could not be cancelled')]),
    );
    expect(await service.deliveryOf(code)).toMatchObject({ status: 'PICKED_UP' });
    await service.move(deliveryId, 'FAILED', { failureCode: 'REFUSED' });
    // Until it is back in the shop Paula comes by there, and would be planned for the orders of the next tests.
    await service.move(deliveryId, 'RETURNED');
  });
});

describe('a changed address', () => {
  async function moveHouse(id: string, streetLine1: string): Promise<void> {
    const { adminClient } = shop;
    const TO = gql`mutation ($id: ID!, $state: String!) { transitionOrderToState(id: $id, state: $state) { __typename ... on OrderStateTransitionError { transitionError } } }`;
    await adminClient.query(TO, { id, state: 'Modifying' });
    const { modifyOrder } = await adminClient.query(
      gql`mutation ($input: ModifyOrderInput!) { modifyOrder(input: $input) { __typename ... on ErrorResult { message } } }`,
      {
        input: {
          dryRun: false,
          orderId: id,
          updateShippingAddress: { streetLine1, customFields: { latitude: 52.54, longitude: 13.43 } },
        },
      },
    );
    expect(modifyOrder.__typename).toBe('Order');
    await adminClient.query(TO, { id, state: 'PaymentSettled' });
  }

  it('reaches a delivery that waits', async () => {
    const { id, code } = await checkout(shop);
    await deliveryShown(id, { status: 'PENDING' });
    await moveHouse(id, 'Linienstraße 2');
    const changed = await eventually(async () => {
      const delivery = await service.deliveryOf(code);
      expect(delivery.dropoff.address).toContain('Linienstraße 2');
      return delivery;
    });
    expect(changed.dropoff).toMatchObject({ lat: 52.54, lon: 13.43 });
  });

  it('comes too late for one that a driver has: the administrator is told to call', async () => {
    await driver('Ute');
    const { id, code } = await checkout(shop);
    await deliveryWith(code, { status: 'ASSIGNED' });
    await moveHouse(id, 'Linienstraße 3');
    await eventually(async () =>
      expect(notes(await orderOf(shop, id), false)).toEqual([expect.stringContaining('Call the driver')]),
    );
  });
});

describe('the administrator', () => {
  const REASSIGN = gql`mutation ($id: ID!) { reassignDriverDelivery(fulfillmentId: $id) { id delivery { status driverName } } }`;

  it('gives a delivery to another driver', async () => {
    await driver('First', { lat: 52.5201, lon: 13.4051 });
    const { id, code } = await checkout(shop);
    const order = await deliveryShown(id, { status: 'ASSIGNED', driverName: 'First', canReassign: true });
    const second = await driver('Second', { lat: 52.525, lon: 13.41 });
    await shop.adminClient.query(REASSIGN, { id: order.fulfillments[0].id });
    await deliveryWith(code, { status: 'ASSIGNED', driverId: second.id });
    const after = await deliveryShown(id, { status: 'ASSIGNED', driverName: 'Second' });
    expect(notes(after, true)).toHaveLength(2);
  });

  it('needs the permission to change orders', async () => {
    const { id } = await checkout(shop);
    const order = await deliveryShown(id, { status: 'PENDING' });
    await shop.adminClient.asAnonymousUser();
    await expect(shop.adminClient.query(REASSIGN, { id: order.fulfillments[0].id })).rejects.toThrow(
      /not currently authorized/,
    );
    await shop.adminClient.asSuperAdmin();
  });

  it('keeps from the customer what is not theirs', async () => {
    await driver('Petra Private');
    const { code } = await checkout(shop);
    await deliveryWith(code, { status: 'ASSIGNED' });
    const { client, errors } = guest(shop);
    const ask = (fields: string) =>
      client(`query ($code: String!) { orderByCode(code: $code) { fulfillments { ${fields} } } }`, { code }).catch(
        () => null,
      );
    await ask('delivery { driverPhone }');
    expect(JSON.stringify(errors)).toContain('Cannot query field');
    expect(await ask('customFields { proof }')).toBeNull();
  });
});
