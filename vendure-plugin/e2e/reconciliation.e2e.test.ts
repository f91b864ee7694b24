import { EventBus, Order, TransactionalConnection } from '@vendure/core';
import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DeliveryDeliveredEvent, Reconciler } from '../src';
import { AutoFulfiller } from '../src/orders/auto-fulfiller';
import { Outbox } from '../src/outbox/outbox';
import { type Changing, changing, fulfil, linesOf, setOnHand } from './support/changing';
import { eventually } from './support/eventually';
import type { Json } from './support/json';
import { type Loop, notes, openLoop } from './support/loop';
import { cashOnDelivery, checkout, orderOf } from './support/shop';

let loop: Loop;
let service: Loop['service'];
let shop: Loop['shop'];
let driver: Loop['driver'];
let deliveryWith: Loop['deliveryWith'];
let orderWith: Loop['orderWith'];
let quiet: Loop['quiet'];
let changes: Changing;

beforeAll(async () => {
  loop = await openLoop('reconciliation');
  ({ service, shop, driver, deliveryWith, orderWith, quiet } = loop);
  changes = changing(shop);
});
afterAll(() => loop?.close());
afterEach(() => loop.clear());

describe('the reconciliation', () => {
  const reconcile = () => shop.server.app.get(Reconciler).reconcile(new Date(Date.now() + 60_000));

  it('is a scheduled task', async () => {
    const { scheduledTasks } = await shop.adminClient.query(gql`{ scheduledTasks { id schedule } }`);
    expect(scheduledTasks).toContainEqual({ id: 'driver-dispatch-reconcile', schedule: '*/5 * * * *' });
  });

  it('mends an order that lost its event', async () => {
    await reconcile();
    const { id, code } = await loseMessages(() => checkout(shop));
    expect(await orderOf(shop, id)).toMatchObject({ fulfillments: [] });
    expect(await reconcile()).toMatchObject({ fulfilled: 1 });
    const delivery = await deliveryWith(code, { status: 'PENDING' });
    await service.ask('POST', `/v1/deliveries/${delivery.id}/cancel`, {});
    await orderWith(id, { fulfillments: [{ state: 'Cancelled' }] });
    expect(await reconcile()).toMatchObject({ fulfilled: 0 });
  });

  it('sends again what never reached the service', async () => {
    const { id, code } = await loseMessages(() => checkout(shop));
    const fulfiller = shop.server.app.get(AutoFulfiller);
    await loseMessages(() => fulfiller.fulfil(id.replace('T_', '')));
    expect(await orderOf(shop, id)).toMatchObject({
      fulfillments: [{ state: 'Pending', delivery: { status: 'REQUESTED', canRetry: true } }],
    });
    expect(await service.deliveryOf(code)).toBeUndefined();
    expect((await reconcile()).resent).toBeGreaterThanOrEqual(1);
    const delivery = await deliveryWith(code, { status: 'PENDING' });
    await service.ask('POST', `/v1/deliveries/${delivery.id}/cancel`, {});
    await orderWith(id, { fulfillments: [{ state: 'Cancelled' }] });
  });

  it('brings what was added to an order, and lost', async () => {
    const { id, code } = await checkout(shop);
    await deliveryWith(code, { status: 'PENDING' });
    await changes.add(id, 'CAKE');
    await loseMessages(() => changes.payMore(id));
    await quiet();
    expect((await orderOf(shop, id)).fulfillments).toHaveLength(1);
    expect(await reconcile()).toMatchObject({ fulfilled: 1 });
    const { id: cake } = await deliveryWith(`${code}/2`, { notes: '1 x Cake' });
    expect(await reconcile()).toMatchObject({ fulfilled: 0 });
    // It comes back, and is sent again by somebody: what is added then is no part of that attempt.
    await service.ask('POST', `/v1/deliveries/${cake}/cancel`, {});
    await eventually(async () => expect((await orderOf(shop, id)).fulfillments.map(stateOf)).toContain('Cancelled'));
    expect(await reconcile()).toMatchObject({ fulfilled: 0 });
    const [, again] = await linesOf(shop, id);
    expect((await fulfil(shop, [again!])).__typename).toBe('Fulfillment');
    await changes.add(id, 'CAKE');
    await loseMessages(() => changes.payMore(id));
    await quiet();
    expect(await reconcile()).toMatchObject({ fulfilled: 1 });
    await deliveryWith(`${code}/4`, { notes: '1 x Cake' });
    expect(await reconcile()).toMatchObject({ fulfilled: 0 });
  });

  it('sends what was out of stock when it is there, and until then the owner sees that it waits', async () => {
    const health = async () =>
      (await shop.adminClient.query(gql`{ driverDispatchHealth { problems } }`)).driverDispatchHealth.problems;
    // Of a month ago, and delivered without the plugin: nobody has promised to try that one again.
    const other = await loseMessages(() => checkout(shop));
    await age(other.id, 30);
    const { id, code } = await loseMessages(() => checkout(shop));
    const onHand = await setOnHand(shop, 'BREAD', 0);
    expect(await reconcile()).toMatchObject({ fulfilled: 0 });
    await reconcile();
    expect(notes(await orderOf(shop, id), false)).toEqual([expect.stringContaining('not enough stock on hand')]);
    expect(await health()).toContainEqual(expect.stringMatching(/^1 order waits in the shop, mostly for stock/));
    // However long that takes.
    await age(id, 30);
    expect(await health()).toContainEqual(expect.stringMatching(/^1 order waits in the shop, mostly for stock/));
    await setOnHand(shop, 'BREAD', onHand);
    expect(await reconcile()).toMatchObject({ fulfilled: 1 });
    await deliveryWith(code, { status: 'PENDING' });
    expect(await service.deliveryOf(other.code)).toBeUndefined();
    expect(await health()).not.toContainEqual(expect.stringContaining('stock'));
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

  it('leaves what is refused as it was, so that the shop hears of it when it comes again', async () => {
    const heard: string[] = [];
    const bus = shop.server.app.get(EventBus);
    bus.ofType(DeliveryDeliveredEvent).subscribe(({ delivery }) => heard.push(delivery.sellerOrderId));
    await driver('Rita Refused');
    const { id, code } = await checkout(shop, { payment: 'cash' });
    const { id: deliveryId } = await deliveryWith(code, { status: 'ASSIGNED' });
    await orderWith(id, { fulfillments: [{ delivery: { status: 'ASSIGNED' } }] });
    await service.stopRelay();
    await service.move(deliveryId, 'PICKED_UP');
    await service.move(deliveryId, 'DELIVERED');
    const settling = refuseSettling();
    await reconcile();
    expect(settling).toHaveBeenCalled();
    await reconcile();
    const refused = await orderOf(shop, id);
    expect(refused).toMatchObject({
      state: 'PaymentAuthorized',
      payments: [{ state: 'Authorized' }],
      fulfillments: [{ state: 'Pending', delivery: { status: 'ASSIGNED' } }],
    });
    expect(notes(refused, false)).toEqual([expect.stringContaining('the terminal is away')]);
    settling.mockRestore();
    service.startRelay();
    await orderWith(id, { state: 'Delivered', payments: [{ state: 'Settled' }] });
    await eventually(async () => expect(heard).toEqual([code]));
  });

  it('mends what an order could not follow when it was no longer being changed', async () => {
    await driver('Fritz Followed');
    const { id, code } = await checkout(shop, { payment: 'cash' });
    const { id: deliveryId } = await deliveryWith(code, { status: 'ASSIGNED' });
    await changes.to(id, 'Modifying');
    await service.move(deliveryId, 'PICKED_UP');
    await service.move(deliveryId, 'DELIVERED');
    await orderWith(id, { fulfillments: [{ state: 'Pending', delivery: { status: 'DELIVERED' } }] });
    const settling = refuseSettling();
    await changes.to(id, 'PaymentAuthorized');
    // Nothing of it stays in the outbox, where the order's later messages would wait behind it.
    await quiet();
    expect(settling).toHaveBeenCalledTimes(1);
    const refused = await orderOf(shop, id);
    expect(refused).toMatchObject({ payments: [{ state: 'Authorized' }], fulfillments: [{ state: 'Pending' }] });
    expect(notes(refused, false)).toEqual([
      `Delivery ${code} is DELIVERED, and its order cannot follow: the terminal is away. It is tried again by itself.`,
    ]);
    settling.mockRestore();
    await reconcile();
    expect(await orderOf(shop, id)).toMatchObject({ state: 'Delivered', payments: [{ state: 'Settled' }] });
  });
});

const stateOf = ({ state }: Json): string => state;

/** Cash cannot be settled, until this is restored. */
function refuseSettling() {
  const errorMessage = 'the terminal is away';
  return vi.spyOn(cashOnDelivery, 'settlePayment').mockResolvedValue({ success: false, errorMessage });
}

/** As so many days later. */
async function age(orderId: string, days: number): Promise<void> {
  const orders = shop.server.app.get(TransactionalConnection).rawConnection.getRepository(Order);
  await orders.update(orderId.replace('T_', ''), { orderPlacedAt: new Date(Date.now() - days * 86_400_000) });
}

/** As if a shop had been restored from a copy: what is written to the outbox in the meantime is not there. */
async function loseMessages<Value>(act: () => Promise<Value>): Promise<Value> {
  const outbox = shop.server.app.get(Outbox);
  const added = vi.spyOn(outbox, 'add').mockResolvedValue();
  const ready = vi.spyOn(outbox, 'addReady').mockResolvedValue();
  try {
    return await act();
  } finally {
    added.mockRestore();
    ready.mockRestore();
  }
}
