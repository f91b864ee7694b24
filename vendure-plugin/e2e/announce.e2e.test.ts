import { TransactionalConnection } from '@vendure/core';
import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { NewsIntake } from '../src/deliveries/intake';
import { Announcer } from '../src/orders/announcer';
import { OutgoingMessage } from '../src/outbox/outgoing-message.entity';
import { type Changing, changing, setOnHand } from './support/changing';
import { eventually } from './support/eventually';
import { type Loop, notes, openLoop } from './support/loop';
import { checkout, orderOf } from './support/shop';

let loop: Loop;
let changes: Changing;
beforeAll(async () => {
  loop = await openLoop('announce');
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
    await loop.shop.adminClient.query(
      gql`mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }`,
      { input: { orderId: id, cancelShipping: true, reason: 'second thoughts' } },
    );
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
