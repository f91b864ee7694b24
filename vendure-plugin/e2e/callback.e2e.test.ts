import { randomUUID } from 'node:crypto';
import { json } from 'express';
import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signedHeaders } from '../src/dispatch/signing';
import { eventually } from './support/eventually';
import type { Json } from './support/json';
import { type Loop, notes, openLoop, transition } from './support/loop';
import { mailsAsInReadme } from './support/mails';
import { CALLBACK_SECRET, SHOP_SECRET } from './support/service';
import { checkout, orderOf } from './support/shop';

const mails = mailsAsInReadme();
let loop: Loop;
let service: Loop['service'];
let shop: Loop['shop'];
let deliveryShown: Loop['deliveryShown'];

beforeAll(async () => {
  // As Vendure's guides have it for larger bodies. It reads those of every route.
  const larger = { route: '*splat', handler: json({ limit: '10mb' }), beforeListen: true };
  loop = await openLoop('callback', [mails.plugin], [larger]);
  ({ service, shop, deliveryShown } = loop);
});
afterAll(async () => {
  await loop?.close();
  mails.close();
});
afterEach(() => loop.clear());

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

  it('ends in what is newest when two events come at the same moment', async () => {
    const orders = await Promise.all(Array.from({ length: 4 }, waiting));
    for (const { order, delivery } of orders) {
      const [older, newer] = [
        eventOf(delivery, 'ASSIGNED', 10, 'ASSIGNED'),
        eventOf(delivery, 'PICKED_UP', 11, 'PICKED_UP'),
      ];
      const outcomes = await Promise.all([call(newer), call(older)]);
      expect(outcomes.map(({ status }) => status)).toEqual([200, 200]);
      expect(await orderOf(shop, order.id)).toMatchObject({
        state: 'Shipped',
        fulfillments: [{ state: 'Shipped', delivery: { status: 'PICKED_UP' } }],
      });
    }
  });

  it('takes the news of a delivered parcel whose fulfillment was cancelled: a note, and the state stays', async () => {
    const { order, delivery } = await waiting();
    const { fulfillments } = await orderOf(shop, order.id);
    await transition(shop, fulfillments[0].id, 'Cancelled');
    expect((await call(eventOf(delivery, 'DELIVERED', 20, 'DELIVERED'))).body.outcome).toBe('applied');
    const after = await orderOf(shop, order.id);
    expect(after.fulfillments[0].state).toBe('Cancelled');
    expect(notes(after, false)).toEqual([expect.stringContaining('was delivered although')]);
  });

  it('tells the time that the service has planned, and takes a new one without another note', async () => {
    const { order, delivery } = await waiting();
    const etaOf = async () => Date.parse((await orderOf(shop, order.id)).fulfillments[0].delivery.eta);
    const inMs = (minutes: number) => Math.floor(Date.now() / 60_000 + minutes) * 60_000;
    const [planned, later] = [inMs(95), inMs(125)];
    const at = (plannedMs: number) => ({ plannedDropoffAt: new Date(plannedMs).toISOString() });
    await call(eventOf(delivery, 'ASSIGNED', 10, 'ASSIGNED', at(planned)));
    expect(await etaOf()).toBe(planned);
    const clock = new Intl.DateTimeFormat('en', { timeStyle: 'short', timeZone: 'Asia/Kolkata' });
    const told = [`Your delivery is with Olga Order. Expected at ${clock.format(planned)}.`];
    const changed = eventOf(delivery, 'ETA_CHANGED', 11, 'ASSIGNED', at(later));
    expect((await call(changed)).body.outcome).toBe('applied');
    expect(await etaOf()).toBe(later);
    const after = await orderOf(shop, order.id);
    expect([notes(after, true), notes(after, false)]).toEqual([told, []]);
    expect(after.fulfillments[0].delivery).toMatchObject({ status: 'ASSIGNED', driverName: 'Olga Order' });
    // What was planned before the driver was late is over: an estimate says more.
    const pickedUpMs = later + 60_000;
    const late = { ...at(later), occurredAt: new Date(pickedUpMs).toISOString() };
    await call(eventOf(delivery, 'PICKED_UP', 12, 'PICKED_UP', late));
    expect(await etaOf()).toBeGreaterThan(pickedUpMs);
  });

  it('tells administrators of a PIN code that opens nothing any more, and what to do', async () => {
    const { order, delivery } = await waiting();
    await call(eventOf(delivery, 'PICKED_UP', 10, 'PICKED_UP'));
    expect((await call(eventOf(delivery, 'PIN_LOCKED', 11, 'PICKED_UP'))).body.outcome).toBe('applied');
    const after = await orderOf(shop, order.id);
    expect(notes(after, false)).toEqual([expect.stringMatching(/PIN code was tried too often.+Set another/)]);
    expect(after).toMatchObject({
      state: 'Shipped',
      fulfillments: [{ state: 'Shipped', delivery: { status: 'PICKED_UP', driverName: 'Olga Order' } }],
    });
  });

  it('answers 409 to another delivery of the same order', async () => {
    const { delivery } = await waiting();
    expect((await call(eventOf({ ...delivery, id: id() }, 'ASSIGNED', 30, 'ASSIGNED'))).status).toBe(409);
  });
});

describe('mails to customers, by the handlers in the README', () => {
  const mailed = (subject: string) =>
    eventually(async () => {
      const found = mails.sent.filter((mail) => mail.subject === subject);
      expect(found).toHaveLength(1);
      return found[0]!;
    });
  /** An order that a driver has aboard. */
  async function aboard() {
    await loop.driver('Mila Mail');
    const order = await checkout(shop);
    const { id } = await loop.deliveryWith(order.code, { status: 'ASSIGNED' });
    await deliveryShown(order.id, { status: 'ASSIGNED' });
    return { order, deliveryId: id as string };
  }

  it('say who brings it and when, by the clock of the customers, and that it has come', async () => {
    const { order, deliveryId } = await aboard();
    const { body, ...head } = await mailed(`Your order ${order.code} is on its way`);
    expect(head).toMatchObject({ from: '"Bakery" <bakery@example.com>', recipient: expect.stringMatching(/^guest-/) });
    const { fulfillments } = await orderOf(shop, order.id);
    const clock = new Intl.DateTimeFormat('en', { timeStyle: 'short', timeZone: 'Asia/Kolkata' });
    expect(body).toContain('Dear Ada Guest');
    expect(body).toMatch(/Mila Mail\s+brings your order/);
    expect(body).toContain(`at about ${clock.format(Date.parse(fulfillments[0].delivery.eta))}`);
    expect(body).toContain(`href="https://track.example.com/${deliveryId}"`);
    await service.move(deliveryId, 'PICKED_UP');
    await service.move(deliveryId, 'DELIVERED', { proof: { receivedBy: 'the neighbour' } });
    expect((await mailed(`Your order ${order.code} has been handed over`)).body).toContain('to the neighbour');
  });

  it('say only what the delivery settings want customers to be told of', async () => {
    const tell = (tellCustomer: string[] | null) =>
      shop.adminClient.query(
        gql`mutation ($input: UpdateDriverDispatchSettingsInput!) { updateDriverDispatchSettings(input: $input) { mapTileUrl } }`,
        { input: { shop: { tellCustomer } } },
      );
    await tell(['DELIVERED']);
    const { order, deliveryId } = await aboard();
    await service.move(deliveryId, 'PICKED_UP');
    await service.move(deliveryId, 'DELIVERED');
    await mailed(`Your order ${order.code} has been handed over`);
    await tell(null);
    // The other would have been sent before this one.
    expect(mails.sent.map(({ subject }) => subject)).not.toContain(`Your order ${order.code} is on its way`);
  });

  it('say that it could not be handed over', async () => {
    const { order, deliveryId } = await aboard();
    await service.move(deliveryId, 'PICKED_UP');
    await service.move(deliveryId, 'FAILED', { failureCode: 'RECIPIENT_UNAVAILABLE' });
    const { body } = await mailed(`Your order ${order.code} could not be handed over`);
    expect(body).toContain(`href="https://track.example.com/${deliveryId}"`);
  });
});
