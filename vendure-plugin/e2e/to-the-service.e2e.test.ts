import { TransactionalConnection } from '@vendure/core';
import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { NewsIntake } from '../src/deliveries/intake';
import { Announcer } from '../src/orders/announcer';
import { OutgoingMessage } from '../src/outbox/outgoing-message.entity';
import { CANCEL, type Changing, changing, linesOf, setOnHand } from './support/changing';
import { eventually } from './support/eventually';
import type { Json } from './support/json';
import { type Loop, notes, openLoop } from './support/loop';
import { checkout, NEAR, orderOf } from './support/shop';

let loop: Loop;
let changes: Changing;
beforeAll(async () => {
  loop = await openLoop('to_the_service');
  changes = changing(loop.shop);
});
afterAll(() => loop?.close());
afterEach(() => loop.clear());

describe('the service is asked before the shop makes the fulfillment', () => {
  it('and what it says meanwhile is kept, and taken as soon as the fulfillment is there', async () => {
    await loop.driver('Nora Near');
    const go = hold(announcer(), 'fulfil');
    const { id, code } = await checkout(loop.shop);
    await loop.asked(code, { status: 'ASSIGNED' });
    await eventually(async () =>
      expect(await waiting()).toEqual(['order.announced', 'delivery.news', 'delivery.news']),
    );
    expect(await orderOf(loop.shop, id)).toMatchObject({ fulfillments: [] });
    go();
    await loop.deliveryShown(id, { status: 'ASSIGNED', driverName: 'Nora Near', reference: code });
    await loop.quiet();
    expect(notes(await orderOf(loop.shop, id), true)).toEqual([expect.stringContaining('with Nora Near')]);
  });

  it('and what it says behind that waits for what it said before: the customer hears of each step', async () => {
    await loop.driver('Otto Order');
    const make = hold(announcer(), 'fulfil');
    const { id, code } = await checkout(loop.shop);
    const { id: deliveryId } = await loop.asked(code, { status: 'ASSIGNED' });
    await eventually(async () => expect(await waiting()).toHaveLength(3));
    const take = hold(loop.shop.server.app.get(NewsIntake), 'take');
    make();
    await loop.orderWith(id, { fulfillments: [{ state: 'Pending' }] });
    await loop.service.move(deliveryId, 'PICKED_UP');
    await eventually(async () => expect(await waiting()).toEqual(['delivery.news', 'delivery.news', 'delivery.news']));
    take();
    await loop.orderWith(id, { state: 'Shipped' });
    expect(notes(await orderOf(loop.shop, id), true)).toEqual([expect.stringContaining('with Otto Order')]);
  });

  it('once, and there is one fulfillment, where something fails after it has answered', async () => {
    const failing = vi.spyOn(announcer(), 'fulfil').mockRejectedValueOnce(new Error('as if the database were away'));
    const { id, code } = await checkout(loop.shop);
    await loop.deliveryShown(id, { status: 'PENDING', reference: code });
    await loop.quiet();
    expect(failing).toHaveBeenCalledTimes(2);
    failing.mockRestore();
    expect((await orderOf(loop.shop, id)).fulfillments).toHaveLength(1);
    const { body } = await loop.service.ask('GET', `/v1/deliveries?sellerOrderId=${code}`);
    expect(body.items).toHaveLength(1);
  });

  it('under the same id once more, where nobody lives who heard the answer', async () => {
    const { rawConnection } = loop.shop.server.app.get(TransactionalConnection);
    const rows = rawConnection.getRepository(OutgoingMessage);
    const go = hold(announcer(), 'fulfil');
    const { id, code } = await checkout(loop.shop);
    await eventually(async () => expect(await waiting()).toContain('order.announced'));
    // As the row stands when the process is killed between the question and the answer.
    const [row] = await rows.find({ where: { type: 'order.announced' } });
    const body = JSON.stringify({ ...JSON.parse(row!.body!), deliveryId: null });
    await rows.update(row!.sequence, { type: 'order.ready', body, dueAtMs: 0 });
    go();
    await loop.deliveryShown(id, { status: 'PENDING', reference: code });
    await loop.quiet();
    const { body: known } = await loop.service.ask('GET', `/v1/deliveries?sellerOrderId=${code}`);
    expect(known.items).toHaveLength(1);
    expect((await orderOf(loop.shop, id)).fulfillments).toHaveLength(1);
  });

  it('and is told when the order is cancelled in between', async () => {
    const go = hold(announcer(), 'fulfil');
    const { id, code } = await checkout(loop.shop);
    await loop.asked(code, { status: 'PENDING' });
    const input = { orderId: id, cancelShipping: true, reason: 'second thoughts' };
    await loop.shop.adminClient.query(CANCEL, { input });
    go();
    await loop.asked(code, { status: 'CANCELLED' });
    await loop.quiet();
    expect(await orderOf(loop.shop, id)).toMatchObject({ state: 'Cancelled', fulfillments: [] });
  });

  it('and is told what was changed in between, once the order is no longer being changed', async () => {
    const go = hold(announcer(), 'fulfil');
    const { id, code } = await checkout(loop.shop);
    await loop.asked(code, {
      dropoff: expect.objectContaining({ address: expect.stringContaining('Torstra') }),
    });
    await changes.to(id, 'Modifying');
    go();
    await changes.modify(id, { updateShippingAddress: { streetLine1: 'Linienstr. 2', countryCode: 'DE' } });
    expect(await orderOf(loop.shop, id)).toMatchObject({ fulfillments: [] });
    await changes.to(id, 'PaymentSettled');
    await loop.asked(code, {
      dropoff: expect.objectContaining({ address: expect.stringContaining('Linienstr') }),
    });
    await loop.deliveryShown(id, { status: 'PENDING', reference: code });
  });

  it('but not for goods that are not on hand', async () => {
    const go = hold(announcer(), 'announce');
    const { id, code } = await checkout(loop.shop);
    const onHand = await setOnHand(loop.shop, 'BREAD', 0);
    go();
    await loop.quiet();
    expect(await loop.service.deliveryOf(code)).toBeUndefined();
    expect(notes(await orderOf(loop.shop, id), false)).toEqual([expect.stringContaining('not enough stock on hand')]);
    await setOnHand(loop.shop, 'BREAD', onHand);
  });
});

describe('a changed order', () => {
  /** Next door: at another distance there would be something more to be paid for. */
  const moveHouse = async (id: string, streetLine1: string, back = 'PaymentSettled'): Promise<void> => {
    await changes.to(id, 'Modifying');
    await changes.modify(id, { updateShippingAddress: { streetLine1, customFields: NEAR } });
    await changes.to(id, back);
  };

  it('reaches a delivery that waits', async () => {
    const { id, code } = await checkout(loop.shop);
    await loop.deliveryShown(id, { status: 'PENDING' });
    await changes.to(id, 'Modifying');
    const customFields = { latitude: 52.54, longitude: 13.43 };
    await changes.modify(id, { updateShippingAddress: { streetLine1: 'Linienstraße 2', customFields } });
    const address = expect.stringContaining('Linienstraße 2');
    await loop.asked(code, { dropoff: expect.objectContaining({ address, lat: 52.54, lon: 13.43 }) });
  });

  it('reaches one that a driver has, and the administrator is told so', async () => {
    await loop.driver('Ute');
    const { id, code } = await checkout(loop.shop);
    await loop.deliveryWith(code, { status: 'ASSIGNED' });
    await moveHouse(id, 'Linienstraße 3');
    await loop.asked(code, {
      dropoff: expect.objectContaining({ address: expect.stringContaining('Linienstraße 3') }),
    });
    await eventually(async () =>
      expect(notes(await orderOf(loop.shop, id), false)).toEqual([`The change has reached delivery ${code}.`]),
    );
  });

  it('comes too late after the pickup: the administrator is told to call, and the next attempt goes there', async () => {
    await loop.driver('Uwe');
    const { id, code } = await checkout(loop.shop);
    const { id: deliveryId } = await loop.deliveryWith(code, { status: 'ASSIGNED' });
    await loop.service.move(deliveryId, 'PICKED_UP');
    await loop.orderWith(id, { state: 'Shipped' });
    await moveHouse(id, 'Linienstraße 4', 'Shipped');
    await eventually(async () =>
      expect(notes(await orderOf(loop.shop, id), false)).toEqual([expect.stringContaining('Call the driver')]),
    );
    await loop.service.move(deliveryId, 'FAILED', { failureCode: 'BAD_ADDRESS' });
    const { fulfillments } = await loop.deliveryShown(id, { status: 'FAILED', canRetry: true });
    await loop.shop.adminClient.query(
      gql`mutation ($id: ID!) { retryDriverDelivery(fulfillmentId: $id) { id } }`,
      fulfillments[0],
    );
    await loop.deliveryWith(code, { id: deliveryId, status: 'PICKED_UP' });
    expect((await loop.service.deliveryOf(code)).dropoff.address).toContain('Linienstraße 4');
    await loop.deliveryShown(id, { status: 'PICKED_UP', failureCode: null });
    await loop.service.move(deliveryId, 'DELIVERED');
    await loop.orderWith(id, { state: 'Delivered' });
  });

  it('that has something more to be paid for does not stop the driver, and sends another parcel', async () => {
    await loop.driver('Ulla');
    const { id, code } = await checkout(loop.shop);
    const { id: deliveryId } = await loop.deliveryWith(code, { status: 'ASSIGNED' });
    await changes.add(id, 'CAKE');
    await loop.service.move(deliveryId, 'PICKED_UP');
    await loop.orderWith(id, {
      state: 'Modifying',
      fulfillments: [{ state: 'Pending', delivery: { status: 'PICKED_UP' } }],
    });
    await changes.payMore(id);
    await loop.deliveryWith(`${code}/2`, { notes: '1 x Cake' });
    const order = await loop.orderWith(id, { state: 'PartiallyShipped' });
    const states = order.fulfillments.map((each: Json) => [each.delivery.reference, each.state]).sort();
    expect(states).toEqual([
      [code, 'Shipped'],
      [`${code}/2`, 'Pending'],
    ]);
    await loop.service.move(deliveryId, 'DELIVERED');
    await loop.orderWith(id, { state: 'PartiallyDelivered' });
  });

  it('that has lost a piece tells the driver, and what is to be collected for the rest', async () => {
    const { id, code, totalWithTax } = await checkout(loop.shop, { quantity: 2, payment: 'cash' });
    const owed = (amount: number) => expect.objectContaining({ cash: { amount, currency: 'USD' } });
    await loop.deliveryWith(code, { notes: '2 x Bread', dropoff: owed(totalWithTax) });
    const lines = (await linesOf(loop.shop, id)).map((line) => ({ ...line, quantity: 1 }));
    // The shipping as well: it is taken off after the pieces are.
    const input = { orderId: id, lines, cancelShipping: true, reason: 'one less' };
    await loop.shop.adminClient.query(CANCEL, { input });
    const { order } = await loop.shop.adminClient.query(gql`query ($id: ID!) { order(id: $id) { totalWithTax } }`, {
      id,
    });
    expect(order.totalWithTax).toBeLessThan(totalWithTax / 2);
    await loop.deliveryWith(code, { notes: '1 x Bread', dropoff: owed(order.totalWithTax) });
    // All at once.
    await loop.quiet();
    expect(notes(await orderOf(loop.shop, id), false)).toEqual([`The change has reached delivery ${code}.`]);
  });

  it('that goes to another house, of which no coordinates are said, is not brought to the old one', async () => {
    const { id, code } = await checkout(loop.shop);
    await loop.deliveryWith(code, { dropoff: expect.objectContaining({ lat: NEAR.latitude, lon: NEAR.longitude }) });
    await changes.to(id, 'Modifying');
    await changes.modify(id, { updateShippingAddress: { streetLine1: 'Elsewhere 9' } });
    await changes.to(id, 'PaymentSettled');
    const { order } = await loop.shop.adminClient.query(
      gql`query ($id: ID!) { order(id: $id) { shippingAddress { streetLine1 customFields { latitude longitude deliveryNotes } } } }`,
      { id },
    );
    const customFields = { ...NEAR, latitude: null, longitude: null };
    expect(order.shippingAddress).toEqual({ streetLine1: 'Elsewhere 9', customFields });
    const address = expect.stringContaining('Elsewhere 9');
    await loop.asked(code, {
      dispatch: 'needs_location',
      dropoff: expect.objectContaining({ address, lat: null, lon: null }),
    });
    const told = `Delivery ${code} goes elsewhere, and has no coordinates`;
    expect(notes(await orderOf(loop.shop, id), false)[0]).toContain(told);
  });
});

/** What has still to be done, in its order. */
async function waiting(): Promise<string[]> {
  const { rawConnection } = loop.shop.server.app.get(TransactionalConnection);
  const rows = await rawConnection.getRepository(OutgoingMessage).find({ order: { sequence: 'ASC' } });
  return rows.map(({ type }) => type);
}

const announcer = () => loop.shop.server.app.get(Announcer);

/** Whoever calls it waits from now on. @returns what lets them go on */
function hold<Name extends string>(
  target: Record<Name, (...input: never[]) => Promise<unknown>>,
  method: Name,
): () => void {
  const original = target[method].bind(target);
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  target[method] = (...input) => held.then(() => original(...input));
  return () => {
    target[method] = original;
    go();
  };
}
