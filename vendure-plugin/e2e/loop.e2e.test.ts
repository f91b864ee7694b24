import { EventBus, TransactionalConnection } from '@vendure/core';
import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeliveryAssignedEvent, DeliveryDeliveredEvent, type DeliveryEvent, DeliveryFailedEvent } from '../src';
import { OutgoingMessage } from '../src/outbox/outgoing-message.entity';
import { NearbyDrivers } from '../src/shipping/nearby-drivers';
import { eventually } from './support/eventually';
import type { Json } from './support/json';
import { type Loop, notes, openLoop } from './support/loop';
import { failNextPlacement, SabotagePlugin } from './support/sabotage-plugin';
import { PICKUP } from './support/service';
import { checkout, fill, guest, NEAR, orderOf, shopOrder } from './support/shop';

let loop: Loop;
let service: Loop['service'];
let shop: Loop['shop'];
let driver: Loop['driver'];
let deliveryWith: Loop['deliveryWith'];
let orderWith: Loop['orderWith'];
let deliveryShown: Loop['deliveryShown'];
let quiet: Loop['quiet'];

beforeAll(async () => {
  loop = await openLoop('loop', [SabotagePlugin]);
  ({ service, shop, driver, deliveryWith, orderWith, deliveryShown, quiet } = loop);
});
afterAll(() => loop?.close());
afterEach(() => loop.clear());

describe('a prepaid order', () => {
  it('becomes a delivery, gets the nearest driver, and comes back as shipped and delivered', async () => {
    const heard: DeliveryEvent[] = [];
    const bus = shop.server.app.get(EventBus);
    for (const kind of [DeliveryAssignedEvent, DeliveryDeliveredEvent])
      bus.ofType<DeliveryEvent>(kind).subscribe((event) => heard.push(event));
    const near = await driver('Nora Near');
    await driver('Fred Far', { lat: 52.56, lon: 13.45 });
    const { id, code } = await checkout(shop);
    const assigned = await eventually(async () => {
      const order = await shopOrder(shop, code);
      expect(order.fulfillments[0].delivery.driverName).toBe('Nora Near');
      return order.fulfillments[0];
    });
    expect(assigned.state).toBe('Pending');
    expect(assigned.delivery.status).toBe('ASSIGNED');
    expect(Date.parse(assigned.delivery.eta)).toBeGreaterThan(Date.now());
    const delivery = await service.deliveryOf(code);
    expect(assigned.delivery.trackingUrl).toBe(`https://track.example.com/${delivery.id}`);
    expect(delivery.driverId).toBe(near.id);
    expect(delivery.channelId).toBe('T_1');
    expect(delivery.dropoff).toMatchObject({
      lat: 52.53,
      lon: 13.42,
      name: 'Ada Guest',
      notes: 'Ring twice',
      // As the service keeps numbers.
      phone: '+493099',
    });
    expect(delivery.dropoff.address).toBe('Torstraße 1, 10119 Berlin, Germany');
    expect(delivery.pickup).toMatchObject({ ...PICKUP, address: 'Alexanderplatz 1, Berlin', stockLocationId: 'T_1' });
    await service.move(delivery.id, 'PICKED_UP');
    await orderWith(id, { state: 'Shipped', fulfillments: [{ state: 'Shipped' }] });
    await service.move(delivery.id, 'DELIVERED', { proof: { receivedBy: 'Ada' } });
    const done = await orderWith(id, { state: 'Delivered', fulfillments: [{ state: 'Delivered' }] });
    expect(JSON.parse(done.fulfillments[0].delivery.proof)).toEqual({ receivedBy: 'Ada' });
    // By the customer's clock, and not by one in Greenwich.
    const at = new Intl.DateTimeFormat('en', { timeStyle: 'short', timeZone: 'Asia/Kolkata' });
    expect(notes(done, true)).toEqual([
      `Your delivery is with Nora Near. Expected at ${at.format(Date.parse(assigned.delivery.eta))}.`,
    ]);
    await eventually(async () =>
      expect(heard.map((event) => event.constructor)).toEqual([DeliveryAssignedEvent, DeliveryDeliveredEvent]),
    );
    expect(heard[0]?.order.customer?.firstName).toBe('Ada');
    expect(heard[0]?.delivery.driver?.name).toBe('Nora Near');
  });

  it('stands in the dashboard’s lists of the day, with the driver and why it is they', async () => {
    const dora = await driver('Dora Day');
    const { id, code } = await checkout(shop);
    const { id: deliveryId } = await deliveryWith(code, { status: 'ASSIGNED', driverId: dora.id });
    await deliveryShown(id, { status: 'ASSIGNED' });
    const day = () =>
      shop.adminClient.query(gql`{
        driverDispatchDeliveries { id reference orderId status driverName address endedAt }
        driverDispatchDrivers { name status load delivered underWay }
      }`);
    const delivery = { id: deliveryId, reference: code, orderId: id, driverName: 'Dora Day' };
    const before = await day();
    expect(before.driverDispatchDeliveries).toContainEqual(
      expect.objectContaining({ ...delivery, status: 'ASSIGNED', address: expect.stringContaining('Torstraße 1') }),
    );
    const name = 'Dora Day';
    expect(before.driverDispatchDrivers).toContainEqual({ name, status: 'BUSY', load: 1, delivered: 0, underWay: 1 });
    const { order } = await shop.adminClient.query(
      gql`query ($id: ID!) { order(id: $id) { fulfillments { delivery { why } } } }`,
      { id },
    );
    expect(order.fulfillments[0].delivery.why).toMatch(/\w+/);
    await service.move(deliveryId, 'PICKED_UP');
    await service.move(deliveryId, 'DELIVERED');
    await orderWith(id, { state: 'Delivered' });
    const after = await day();
    expect(after.driverDispatchDeliveries).toContainEqual(
      expect.objectContaining({ ...delivery, status: 'DELIVERED', endedAt: expect.any(String) }),
    );
    expect(after.driverDispatchDrivers).toContainEqual(expect.objectContaining({ name, delivered: 1, underWay: 0 }));
  });

  it('waits for a driver where none is free, and for coordinates where there are none', async () => {
    const { id, code } = await checkout(shop, { address: { customFields: { latitude: null, longitude: null } } });
    await deliveryWith(code, { status: 'PENDING', dispatch: 'needs_location' });
    const order = await deliveryShown(id, { status: 'PENDING', driverName: null, reference: code });
    expect(notes(order, false)).toEqual([expect.stringContaining('has no coordinates')]);
  });
});

describe('cash on delivery', () => {
  it('is settled at the door, then delivered', async () => {
    await driver('Carla Cash');
    const { id, code, state, totalWithTax } = await checkout(shop, { payment: 'cash' });
    expect(state).toBe('PaymentAuthorized');
    const delivery = await deliveryWith(code, { status: 'ASSIGNED' });
    expect(delivery.dropoff).toMatchObject({
      cash: { amount: totalWithTax, currency: 'USD' },
      // For the drivers of a service that does not know of cash.
      notes: `Collect ${(totalWithTax / 100).toFixed(2)} USD at the door. Ring twice`,
    });
    await service.move(delivery.id, 'PICKED_UP');
    await orderWith(id, { state: 'PaymentAuthorized', fulfillments: [{ state: 'Shipped' }] });
    await service.move(delivery.id, 'DELIVERED');
    await orderWith(id, {
      state: 'Delivered',
      payments: [{ state: 'Settled' }],
      fulfillments: [{ state: 'Delivered' }],
    });
  });
});

describe('cash on delivery that is paid before the driver comes', () => {
  it('is asked of nobody any more', async () => {
    const address = { customFields: { ...NEAR, deliveryNotes: '' } };
    const { id, code, totalWithTax } = await checkout(shop, { payment: 'cash', address });
    await deliveryWith(code, { dropoff: expect.objectContaining({ cash: { amount: totalWithTax, currency: 'USD' } }) });
    await deliveryShown(id, { status: 'PENDING' });
    const { order } = await shop.adminClient.query(gql`query ($id: ID!) { order(id: $id) { payments { id } } }`, {
      id,
    });
    await shop.adminClient.query(gql`mutation ($id: ID!) { settlePayment(id: $id) { __typename } }`, {
      id: order.payments[0].id,
    });
    await eventually(async () => {
      const { dropoff } = await service.deliveryOf(code);
      expect(dropoff).not.toHaveProperty('cash');
      expect(dropoff.notes).toBe('No notes.');
    });
  });
});

describe('orders that are none of ours', () => {
  it('leaves other shipping methods alone', async () => {
    const { id, code } = await checkout(shop, { method: shop.methods.post!, sku: 'RECIPE' });
    await quiet();
    expect(await service.deliveryOf(code)).toBeUndefined();
    expect((await orderOf(shop, id)).fulfillments).toEqual([]);
  });

  it('sends nothing for an order that was rolled back, and leaves nothing in the outbox', async () => {
    await quiet();
    const outbox = shop.server.app.get(TransactionalConnection).rawConnection.getRepository(OutgoingMessage);
    failNextPlacement();
    await expect(checkout(shop)).rejects.toThrow();
    expect(await outbox.find()).toEqual([]);
  });
});

describe('many at once', () => {
  it('makes 20 deliveries of 20 concurrent orders', async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, () => checkout(shop)));
    const codes = orders.map((order) => order.code);
    expect(new Set(codes).size).toBe(20);
    await eventually(async () => {
      const { body } = await service.ask('GET', '/v1/deliveries?limit=200');
      const known = body.items.map((item: Json) => item.sellerOrderId).filter((code: string) => codes.includes(code));
      expect(known.sort()).toEqual([...codes].sort());
    }, 60_000);
  }, 90_000);
});

describe('a delivery that fails', () => {
  it('leaves the fulfillment until it is tried again or back, and is told to administrators only', async () => {
    const failed: DeliveryFailedEvent[] = [];
    shop.server.app
      .get(EventBus)
      .ofType(DeliveryFailedEvent)
      .subscribe((event) => failed.push(event));
    await driver('Felix');
    const { id, code } = await checkout(shop);
    const { id: deliveryId } = await deliveryWith(code, { status: 'ASSIGNED' });
    await service.move(deliveryId, 'PICKED_UP');
    await service.move(deliveryId, 'FAILED', { failureCode: 'RECIPIENT_UNAVAILABLE', note: 'nobody home' });
    const failure = { status: 'FAILED', failureCode: 'RECIPIENT_UNAVAILABLE', failureNote: 'nobody home' };
    const order = await orderWith(id, {
      fulfillments: [{ state: 'Shipped', delivery: { ...failure, canRetry: true, canReturn: true } }],
    });
    expect(notes(order, false)).toEqual([expect.stringContaining('RECIPIENT_UNAVAILABLE: nobody home')]);
    expect(notes(order, true)).toHaveLength(1);
    await eventually(async () => expect(failed.map((event) => event.code)).toEqual(['RECIPIENT_UNAVAILABLE']));
    await shop.adminClient.query(gql`mutation ($id: ID!) { returnDriverDelivery(fulfillmentId: $id) { id } }`, {
      id: order.fulfillments[0].id,
    });
    await deliveryWith(code, { status: 'RETURNED' });
    const back = await orderWith(id, {
      fulfillments: [{ state: 'Cancelled', delivery: { ...failure, status: 'RETURNED', canRetry: false } }],
    });
    // Why, also where the driver says it only once.
    expect(notes(back, false)[1]).toContain('RECIPIENT_UNAVAILABLE: nobody home');
  });
});

describe('at the checkout', () => {
  const offers = async (wish: object = {}) => {
    const { client } = guest(shop);
    await fill(client, shop, { ...wish });
    // Back, so that the order is active in AddingItems as it would be while one chooses.
    await client(`mutation { transitionOrderToState(state: "AddingItems") { __typename } }`);
    const { eligibleShippingMethods } = await client(
      `{ eligibleShippingMethods { code price priceWithTax metadata } }`,
    );
    return Object.fromEntries(eligibleShippingMethods.map((each: Json) => [each.code, each]));
  };

  it('does not offer the method without a driver in range, and offers it with one', async () => {
    forgetAnswers();
    expect(Object.keys(await offers())).not.toContain('in-range');
    await driver('Ronja');
    forgetAnswers();
    expect(Object.keys(await offers())).toContain('in-range');
  });

  it('keeps the method for an order that has chosen it, also when the driver goes', async () => {
    const rosa = await driver('Rosa');
    forgetAnswers();
    const { client } = guest(shop);
    await fill(client, shop, { method: shop.methods.inRange! });
    await service.setStatus(rosa, 'OFFLINE');
    forgetAnswers();
    expect(Object.keys(await offers())).not.toContain('in-range');
    // Anything that makes Vendure work out the shipping again.
    await client(`mutation { transitionOrderToState(state: "AddingItems") { __typename } }`);
    const { addItemToOrder } = await client(
      `mutation ($id: ID!) { addItemToOrder(productVariantId: $id, quantity: 1) { __typename ... on Order { shippingLines { shippingMethod { code } } } } }`,
      { id: 'T_1' },
    );
    expect(addItemToOrder.shippingLines).toEqual([{ shippingMethod: { code: 'in-range' } }]);
  });

  it('does not offer it further than the shop delivers', async () => {
    const { client } = guest(shop);
    const away = { address: { customFields: { latitude: 52.9, longitude: 13.42 } } };
    await expect(fill(client, shop, away)).rejects.toThrow(/not available|not eligible|INELIGIBLE/i);
  });

  it('lets the customer choose a window that is free, and tells the driver', async () => {
    const { client } = guest(shop);
    await fill(client, shop, { method: shop.methods.windows! });
    const free = async (ask = client) =>
      (
        await ask(`query ($id: ID!) { deliverySlots(shippingMethodId: $id) { after before } }`, {
          id: shop.methods.windows,
        })
      ).deliverySlots;
    const slots = await free();
    // Two a day for three days, by the customers' clock; of today those that have not begun.
    expect(slots.length).toBeGreaterThanOrEqual(4);
    const [slot] = slots;
    const clock = new Intl.DateTimeFormat('en', { timeStyle: 'short', timeZone: 'Asia/Kolkata', hourCycle: 'h23' });
    expect(['10:00', '14:00']).toContain(clock.format(Date.parse(slot.after)));
    const choose = (ask: typeof client, after: string) =>
      ask(`mutation ($after: DateTime) { setDeliverySlot(after: $after) { customFields { deliveryBefore } } }`, {
        after,
      });
    const chosen = await choose(client, slot.after);
    expect(chosen.setDeliverySlot.customFields.deliveryBefore).toBe(slot.before);
    // It was the only place, and somebody is about to pay for it.
    const other = guest(shop);
    await fill(other.client, shop, { method: shop.methods.windows! });
    expect(await free(other.client)).toEqual(slots.slice(1));
    await expect(choose(other.client, slot.after)).rejects.toThrow(/not free/);
    const { addPaymentToOrder: placed } = await client(
      `mutation { addPaymentToOrder(input: { method: "prepaid", metadata: {} }) { ... on Order { code } } }`,
    );
    const { dropoff } = await deliveryWith(placed.code, { status: 'PENDING' });
    expect([Date.parse(dropoff.after), Date.parse(dropoff.before)]).toEqual([
      Date.parse(slot.after),
      Date.parse(slot.before),
    ]);
    expect(await free()).toEqual(slots.slice(1));
  });

  it('gives the last place of a window to one of those who ask at the same moment', async () => {
    const guests = Array.from({ length: 6 }, () => guest(shop).client);
    await Promise.all(guests.map((client) => fill(client, shop, { method: shop.methods.windows! })));
    const { deliverySlots } = await guests[0]!(`query ($id: ID!) { deliverySlots(shippingMethodId: $id) { after } }`, {
      id: shop.methods.windows,
    });
    const { after } = deliverySlots.at(-1);
    const choose = `mutation ($after: DateTime) { setDeliverySlot(after: $after) { customFields { deliveryAfter } } }`;
    const answers = await Promise.allSettled(guests.map((client) => client(choose, { after })));
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(5);
    for (const { reason } of refused) expect(String(reason)).toContain('This window is not free');
  });

  it('asks a base price and so much per km, and says when', async () => {
    await driver('Karl', { lat: 52.521, lon: 13.406 });
    forgetAnswers();
    const { driver: offer } = await offers();
    // From 52.52 13.405 to 52.53 13.42: 1.504 km.
    expect(offer.metadata.distanceM).toBeGreaterThan(1_490);
    expect(offer.metadata.distanceM).toBeLessThan(1_520);
    expect(offer.price).toBe(300 + Math.round(offer.metadata.distanceM / 10));
    expect(offer.metadata.etaMinutes).toBeGreaterThan(8);
    expect(offer.metadata.etaMinutes).toBeLessThan(20);
  });
});

/** The checkout keeps answers for 10 s; a test does not wait that long. */
function forgetAnswers(): void {
  shop.server.app.get(NearbyDrivers).forget();
}
