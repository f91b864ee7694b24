import { randomUUID } from 'node:crypto';
import { EventBus, type JobQueue, TransactionalConnection } from '@vendure/core';
import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  DeliveryAssignedEvent,
  DeliveryDeliveredEvent,
  type DeliveryEvent,
  DeliveryFailedEvent,
  Reconciler,
} from '../src';
import { DispatchSender } from '../src/dispatch/sender';
import { signedHeaders } from '../src/dispatch/signing';
import { AutoFulfiller } from '../src/orders/auto-fulfiller';
import { NearbyDrivers } from '../src/shipping/nearby-drivers';
import { eventually } from './support/eventually';
import { freePort } from './support/free-port';
import type { Json } from './support/json';
import { failNextPlacement, SabotagePlugin } from './support/sabotage-plugin';
import { CALLBACK_SECRET, type Driver, PICKUP, Service, SHOP_SECRET } from './support/service';
import { checkout, fill, guest, openShop, orderOf, type Shop, shopConfig, shopOrder } from './support/shop';

let service: Service;
let shop: Shop;
const drivers: Driver[] = [];

beforeAll(async () => {
  const [shopPort, databaseUrl] = [await freePort(), inject('databases').loop!];
  service = await Service.start({ databaseUrl, redisUrl: inject('redisUrl'), redisPrefix: 'loop:', shopPort });
  shop = await openShop(
    shopConfig({ port: shopPort, databaseUrl }, { serviceUrl: service.url }, { plugins: [SabotagePlugin] }),
  );
});
afterAll(async () => {
  await shop?.server.destroy();
  await service?.stop();
});
afterEach(async () => {
  // Nothing waits for the drivers of the next test.
  for (const status of ['PENDING', 'ASSIGNED']) {
    const { body } = await service.ask('GET', `/v1/deliveries?status=${status}&limit=200`);
    for (const { id } of body.items) await service.ask('POST', `/v1/deliveries/${id}/cancel`, {});
  }
  for (const driver of drivers.splice(0)) await service.setStatus(driver, 'OFFLINE');
});

/** Free for this test only. */
async function driver(name: string, at = { lat: 52.521, lon: 13.406 }, capacity = 1): Promise<Driver> {
  const made = await service.freeDriver(name, at, capacity);
  drivers.push(made);
  return made;
}
const deliveryWith = (code: string, expected: object) =>
  eventually(async () => {
    const delivery = await service.deliveryOf(code);
    expect(delivery).toMatchObject(expected);
    return delivery;
  });
const orderWith = (id: string, expected: object) =>
  eventually(async () => {
    const order = await orderOf(shop, id);
    expect(order).toMatchObject(expected);
    return order;
  });
const deliveryShown = (id: string, expected: object) => orderWith(id, { fulfillments: [{ delivery: expected }] });
const notes = (order: Json, isPublic: boolean): string[] =>
  order.history.items
    .filter((item: Json) => item.type === 'ORDER_NOTE' && item.isPublic === isPublic)
    .map((item: Json) => item.data.note);
/** What the service does with nothing to wait for: every job of the shop has been done. */
const quiet = () =>
  eventually(async () => {
    const { jobs } = await shop.adminClient.query(
      gql`{ jobs(options: { filter: { isSettled: { eq: false } } }) { totalItems } }`,
    );
    expect(jobs.totalItems).toBe(0);
  });

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
      phone: '+49 30 99',
    });
    expect(delivery.dropoff.address).toBe('Torstraße 1, 10119 Berlin, Germany');
    expect(delivery.pickup).toMatchObject({ ...PICKUP, address: 'Alexanderplatz 1, Berlin', stockLocationId: 'T_1' });
    await service.move(delivery.id, 'PICKED_UP');
    await orderWith(id, { state: 'Shipped', fulfillments: [{ state: 'Shipped' }] });
    await service.move(delivery.id, 'DELIVERED', { proof: { receivedBy: 'Ada' } });
    const done = await orderWith(id, { state: 'Delivered', fulfillments: [{ state: 'Delivered' }] });
    expect(JSON.parse(done.fulfillments[0].delivery.proof)).toEqual({ receivedBy: 'Ada' });
    expect(notes(done, true)).toEqual([expect.stringContaining('Nora Near')]);
    await eventually(async () =>
      expect(heard.map((event) => event.constructor)).toEqual([DeliveryAssignedEvent, DeliveryDeliveredEvent]),
    );
    expect(heard[0]?.order.customer?.firstName).toBe('Ada');
    expect(heard[0]?.delivery.driver?.name).toBe('Nora Near');
  });

  it('waits for a driver where none is free, and for coordinates where there are none', async () => {
    const { id, code } = await checkout(shop, { address: { customFields: { latitude: null, longitude: null } } });
    await deliveryWith(code, { status: 'PENDING', dispatch: 'needs_location' });
    await deliveryShown(id, { status: 'PENDING', driverName: null, reference: code });
  });
});

describe('cash on delivery', () => {
  it('is settled at the door, then delivered', async () => {
    await driver('Carla Cash');
    const { id, code, state } = await checkout(shop, { payment: 'cash' });
    expect(state).toBe('PaymentAuthorized');
    const delivery = await deliveryWith(code, { status: 'ASSIGNED' });
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

describe('orders that are none of ours', () => {
  it('leaves other shipping methods alone', async () => {
    const { id, code } = await checkout(shop, { method: shop.methods.post!, sku: 'RECIPE' });
    await quiet();
    expect(await service.deliveryOf(code)).toBeUndefined();
    expect((await orderOf(shop, id)).fulfillments).toEqual([]);
  });

  it('sends nothing for an order that was rolled back, and leaves no job behind', async () => {
    await quiet();
    const jobs = () =>
      shop.server.app
        .get(TransactionalConnection)
        .rawConnection.query(`SELECT id, state FROM job_record WHERE "queueName" = 'driver-dispatch'`);
    const before = await jobs();
    failNextPlacement();
    await expect(checkout(shop)).rejects.toThrow();
    expect(await jobs()).toEqual(before);
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
    }, 25_000);
  });
});

describe('cancelling', () => {
  const CANCEL = gql`mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename ... on Order { state } ... on ErrorResult { message } } }`;

  it('an order before the pickup cancels the delivery and frees the driver', async () => {
    const nora = await driver('Nora');
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
  });

  it('a fulfillment cancels its delivery; the next one is a delivery of its own', async () => {
    const { id, code } = await checkout(shop);
    const order = await deliveryShown(id, { status: 'PENDING' });
    await transition(order.fulfillments[0].id, 'Cancelled');
    await deliveryWith(code, { status: 'CANCELLED' });
    const { order: its } = await shop.adminClient.query(
      gql`query ($id: ID!) { order(id: $id) { lines { id quantity } } }`,
      { id },
    );
    const lines = its.lines.map((line: Json) => ({ orderLineId: line.id, quantity: line.quantity }));
    await shop.adminClient.query(
      gql`mutation ($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) { __typename ... on ErrorResult { message } } }`,
      { input: { lines, handler: { code: 'driver-delivery', arguments: [] } } },
    );
    await deliveryWith(`${code}/2`, { status: 'PENDING' });
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

describe('a delivery that fails', () => {
  it('cancels the fulfillment, is told to administrators only, and can come back', async () => {
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
    const order = await orderWith(id, { fulfillments: [{ state: 'Cancelled', delivery: { status: 'FAILED' } }] });
    expect(notes(order, false)).toEqual([expect.stringContaining('RECIPIENT_UNAVAILABLE: nobody home')]);
    expect(notes(order, true)).toHaveLength(1);
    await eventually(async () =>
      expect(failed.map((event) => event.delivery.failureCode)).toEqual(['RECIPIENT_UNAVAILABLE']),
    );
    await service.move(deliveryId, 'RETURNED');
    await orderWith(id, { fulfillments: [{ state: 'Cancelled', delivery: { status: 'RETURNED' } }] });
  });
});

describe('the callback', () => {
  const id = randomUUID;

  /** Posts as the service would; every detail can be wrong. */
  async function call(
    event: object,
    options: { id?: string; secret?: string; nowMs?: number; body?: string; headers?: object } = {},
  ) {
    const body = options.body ?? JSON.stringify(event);
    const { secret = CALLBACK_SECRET, nowMs = Date.now() } = options;
    const signed = signedHeaders({
      id: options.id ?? `msg_${id()}`,
      body: JSON.stringify(event),
      secrets: [secret],
      nowMs,
    });
    const response = await fetch(`http://127.0.0.1:${shop.port}/driver-dispatch/callback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signed, ...options.headers },
      body,
    });
    return { status: response.status, body: (await response.json()) as { outcome?: string } };
  }
  /** An order of which the service knows nothing more to say. */
  async function waiting() {
    const order = await checkout(shop);
    await deliveryShown(order.id, { status: 'PENDING' });
    const delivery = await service.deliveryOf(order.code);
    await eventually(async () =>
      expect((await call(eventOf(delivery, 'CREATED', 1, 'PENDING'))).body.outcome).toBe('outdated'),
    );
    return { order, delivery };
  }
  const eventOf = (delivery: Json, kind: string, sequence: number, status: string, more: object = {}) => ({
    id: `evt_${id()}`,
    event: `DELIVERY_${kind}_V1`,
    version: 1,
    sequence,
    timestamp: new Date().toISOString(),
    shop: 'default',
    channelId: 'T_1',
    sellerOrderId: delivery.sellerOrderId,
    deliveryId: delivery.id,
    status,
    attempt: 1,
    driver: { id: id(), name: 'Olga Order', phone: null, vehicle: null },
    occurredAt: new Date().toISOString(),
    data: null,
    ...more,
  });

  it('answers 401 to a wrong signature, an old one, another body, and none', async () => {
    const event = eventOf({ sellerOrderId: 'X', id: id() }, 'ASSIGNED', 2, 'ASSIGNED');
    expect((await call(event, { secret: SHOP_SECRET })).status).toBe(401);
    expect((await call(event, { nowMs: Date.now() - 301_000 })).status).toBe(401);
    expect((await call(event, { nowMs: Date.now() + 301_000 })).status).toBe(401);
    expect((await call(event, { body: JSON.stringify({ ...event, status: 'DELIVERED' }) })).status).toBe(401);
    expect((await call(event, { headers: { 'webhook-signature': 'v1,' } })).status).toBe(401);
  });

  it('answers 404 to an order that is not here, 422 to nonsense, 200 to what it need not know', async () => {
    expect((await call(eventOf({ sellerOrderId: 'NOBODYS', id: id() }, 'ASSIGNED', 2, 'ASSIGNED'))).status).toBe(404);
    expect(
      (await call({ event: 'DELIVERY_ASSIGNED_V1', version: 1, sequence: 'two', sellerOrderId: 'X' })).status,
    ).toBe(422);
    expect((await call(eventOf({ sellerOrderId: 'X', id: id() }, 'TELEPORTED', 2, 'X'))).body.outcome).toBe('ignored');
    expect((await call(eventOf({ sellerOrderId: null, id: id() }, 'ASSIGNED', 2, 'ASSIGNED'))).body.outcome).toBe(
      'ignored',
    );
  });

  it('does a message once, however often it comes, at the same moment too', async () => {
    const { order, delivery } = await waiting();
    const event = eventOf(delivery, 'ASSIGNED', 10, 'ASSIGNED');
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => call(event, { id: event.id })));
    expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(outcomes.map(({ body }) => body.outcome).sort()).toEqual([
      'applied',
      'repeated',
      'repeated',
      'repeated',
      'repeated',
    ]);
    expect(notes(await orderOf(shop, order.id), true)).toHaveLength(1);
    expect((await call({ ...event, status: 'DELIVERED' }, { id: event.id })).status).toBe(409);
  });

  it('never moves back when events come in the wrong order', async () => {
    const { order, delivery } = await waiting();
    expect((await call(eventOf(delivery, 'DELIVERED', 12, 'DELIVERED'))).body.outcome).toBe('applied');
    expect((await call(eventOf(delivery, 'PICKED_UP', 11, 'PICKED_UP'))).body.outcome).toBe('outdated');
    expect((await call(eventOf(delivery, 'ASSIGNED', 10, 'ASSIGNED'))).body.outcome).toBe('outdated');
    expect(await orderOf(shop, order.id)).toMatchObject({
      state: 'Delivered',
      fulfillments: [{ state: 'Delivered', delivery: { status: 'DELIVERED', driverName: 'Olga Order' } }],
    });
  });

  it('takes the news of a delivered parcel whose fulfillment was cancelled: a note, and the state stays', async () => {
    const { order, delivery } = await waiting();
    const { fulfillments } = await orderOf(shop, order.id);
    await transition(fulfillments[0].id, 'Cancelled');
    expect((await call(eventOf(delivery, 'DELIVERED', 20, 'DELIVERED'))).body.outcome).toBe('applied');
    const after = await orderOf(shop, order.id);
    expect(after.fulfillments[0].state).toBe('Cancelled');
    expect(notes(after, false)).toEqual([expect.stringContaining('was delivered although')]);
  });

  it('answers 409 to another delivery of the same order', async () => {
    const { delivery } = await waiting();
    expect((await call(eventOf({ ...delivery, id: id() }, 'ASSIGNED', 30, 'ASSIGNED'))).status).toBe(409);
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

  it('does not offer it further than the shop delivers', async () => {
    const { client } = guest(shop);
    const away = { address: { customFields: { latitude: 52.9, longitude: 13.42 } } };
    await expect(fill(client, shop, away)).rejects.toThrow(/not available|not eligible|INELIGIBLE/i);
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

describe('the reconciliation', () => {
  const reconcile = () => shop.server.app.get(Reconciler).reconcile(new Date(Date.now() + 60_000));

  it('is a scheduled task', async () => {
    const { scheduledTasks } = await shop.adminClient.query(gql`{ scheduledTasks { id schedule } }`);
    expect(scheduledTasks).toContainEqual({ id: 'driver-dispatch-reconcile', schedule: '*/5 * * * *' });
  });

  it('mends an order that lost its event', async () => {
    await reconcile();
    const { id, code } = await loseJobs(() => checkout(shop));
    expect(await orderOf(shop, id)).toMatchObject({ fulfillments: [] });
    expect(await reconcile()).toMatchObject({ fulfilled: 1 });
    const delivery = await deliveryWith(code, { status: 'PENDING' });
    await service.ask('POST', `/v1/deliveries/${delivery.id}/cancel`, {});
    await orderWith(id, { fulfillments: [{ state: 'Cancelled' }] });
    expect(await reconcile()).toMatchObject({ fulfilled: 0 });
  });

  it('sends again what never reached the service', async () => {
    const { id, code } = await loseJobs(() => checkout(shop));
    const fulfiller = shop.server.app.get(AutoFulfiller);
    await loseJobs(() => fulfiller.fulfil(id.replace('T_', '')));
    expect(await orderOf(shop, id)).toMatchObject({
      fulfillments: [{ state: 'Pending', delivery: { status: 'REQUESTED', canRetry: true } }],
    });
    expect(await service.deliveryOf(code)).toBeUndefined();
    expect((await reconcile()).resent).toBeGreaterThanOrEqual(1);
    const delivery = await deliveryWith(code, { status: 'PENDING' });
    await service.ask('POST', `/v1/deliveries/${delivery.id}/cancel`, {});
    await orderWith(id, { fulfillments: [{ state: 'Cancelled' }] });
  });

  it('brings a fulfillment that lags to where its delivery is', async () => {
    await driver('Lotte Late');
    await service.stopRelay();
    const { id, code } = await checkout(shop);
    const delivery = await deliveryWith(code, { status: 'ASSIGNED' });
    await service.move(delivery.id, 'PICKED_UP');
    await service.move(delivery.id, 'DELIVERED', { proof: { receivedBy: 'the neighbour' } });
    await quiet();
    expect(await orderOf(shop, id)).toMatchObject({ state: 'PaymentSettled', fulfillments: [{ state: 'Pending' }] });
    expect((await reconcile()).caughtUp).toBeGreaterThanOrEqual(1);
    const after = await orderOf(shop, id);
    expect(after).toMatchObject({
      state: 'Delivered',
      fulfillments: [{ state: 'Delivered', delivery: { status: 'DELIVERED' } }],
    });
    expect(JSON.parse(after.fulfillments[0].delivery.proof)).toEqual({ receivedBy: 'the neighbour' });
    // The events that were late change nothing any more.
    service.startRelay();
    await eventually(async () => {
      const { body } = await service.ask('GET', `/v1/deliveries/${delivery.id}`);
      expect(body.status).toBe('DELIVERED');
    });
    expect(await orderOf(shop, id)).toMatchObject({ state: 'Delivered' });
  });
});

async function transition(fulfillmentId: string, state: string): Promise<void> {
  const { transitionFulfillmentToState: result } = await shop.adminClient.query(
    gql`mutation ($id: ID!, $state: String!) { transitionFulfillmentToState(id: $id, state: $state) { __typename ... on FulfillmentStateTransitionError { transitionError } } }`,
    { id: fulfillmentId, state },
  );
  expect(result.__typename).toBe('Fulfillment');
}

/** As if somebody had emptied the queue: what is done in the meantime leaves no job behind. */
async function loseJobs<Value>(act: () => Promise<Value>): Promise<Value> {
  const { queue } = shop.server.app.get(DispatchSender) as unknown as { queue: JobQueue };
  await queue.stop();
  const done = await act();
  await shop.server.app
    .get(TransactionalConnection)
    .rawConnection.query(`DELETE FROM job_record WHERE "isSettled" = false`);
  await queue.start();
  return done;
}

/** The checkout keeps answers for 10 s; a test does not wait that long. */
function forgetAnswers(): void {
  shop.server.app.get(NearbyDrivers).forget();
}
