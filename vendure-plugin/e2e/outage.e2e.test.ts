import { createServer, type Server, type Socket } from 'node:net';
import { TransactionalConnection } from '@vendure/core';
import gql from 'graphql-tag';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { OutgoingMessage } from '../src/outbox/outgoing-message.entity';
import { NearbyDrivers } from '../src/shipping/nearby-drivers';
import { eventually } from './support/eventually';
import { freePort } from './support/free-port';
import type { Json } from './support/json';
import { PICKUP, Service } from './support/service';
import { checkout, fill, guest, openShop, orderOf, type Shop, shopConfig } from './support/shop';

let service: Service;
let shop: Shop;

beforeAll(async () => {
  const [shopPort, databaseUrl] = [await freePort(), inject('databases').outage!];
  service = await Service.start({ databaseUrl, redisUrl: inject('redisUrl'), redisPrefix: 'outage:', shopPort });
  shop = await openShop(
    shopConfig({ port: shopPort, databaseUrl }, { serviceUrl: service.url, lookupTimeoutMs: 400, timeoutMs: 2_000 }),
  );
});
afterAll(async () => {
  await shop?.server.destroy();
  await service?.stop();
});

/** What has not left yet, the most tried first. */
const waiting = () =>
  shop.server.app
    .get(TransactionalConnection)
    .rawConnection.getRepository(OutgoingMessage)
    .find({ order: { attempts: 'DESC' } });

/** Every order is known to the service, once. */
const allArrive = (codes: string[]) =>
  eventually(async () => {
    const { body } = await service.ask('GET', '/v1/deliveries?limit=200');
    const known: string[] = body.items.map((item: Json) => item.sellerOrderId);
    expect(known.filter((code) => codes.includes(code)).sort()).toEqual([...codes].sort());
  }, 40_000);
const take = async (count: number) => {
  const codes: string[] = [];
  for (let number = 0; number < count; number += 1) codes.push((await checkout(shop)).code);
  return codes;
};

describe('while the service is away', () => {
  it('keeps orders, and brings each of them once when it is back', async () => {
    await service.killServer();
    const codes = await take(4);
    await eventually(async () => {
      const [most] = await waiting();
      expect(most?.attempts).toBeGreaterThanOrEqual(3);
    }, 40_000);
    await service.startServer();
    await allArrive(codes);
    await eventually(async () => expect(await waiting()).toEqual([]), 30_000);
  }, 90_000);

  it('sends no driver for an order that was cancelled meanwhile', async () => {
    const driver = await service.freeDriver('Carl', PICKUP);
    await service.killServer();
    const { id, code } = await checkout(shop);
    await eventually(async () => expect((await waiting())[0]).toMatchObject({ type: 'delivery.requested' }), 30_000);
    await shop.adminClient.query(
      gql`mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }`,
      { input: { orderId: id, cancelShipping: true, reason: 'away too long' } },
    );
    await service.startServer();
    await service.report(driver, PICKUP);
    const { id: deliveryId } = await eventually(async () => {
      const delivery = await service.deliveryOf(code);
      expect(delivery).toMatchObject({ status: 'CANCELLED' });
      return delivery;
    }, 40_000);
    const { body } = await service.ask('GET', `/v1/deliveries/${deliveryId}`);
    expect(body.events.map((event: Json) => event.type)).toEqual(['CREATED', 'CANCELLED']);
    await eventually(async () =>
      expect(await orderOf(shop, id)).toMatchObject({ fulfillments: [{ state: 'Cancelled' }] }),
    );
    await service.setStatus(driver, 'OFFLINE');
  }, 90_000);

  it('is not stopped by a restart of the shop: messages that wait leave afterwards', async () => {
    await service.killServer();
    const codes = await take(3);
    await eventually(async () => expect((await waiting())[0]?.attempts).toBeGreaterThanOrEqual(1), 30_000);
    await shop.server.destroy();
    await service.startServer();
    await shop.server.bootstrap();
    await allArrive(codes);
  }, 120_000);
});

describe('the checkout while the service does not answer', () => {
  let silent: Server;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    await service.killServer();
    const port = Number(new URL(service.url).port);
    silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('offers the method that is set to, not the other, and does not keep the customer waiting', async () => {
    const { client } = guest(shop);
    await fill(client, shop, {});
    await client(`mutation { transitionOrderToState(state: "AddingItems") { __typename } }`);
    shop.server.app.get(NearbyDrivers).forget();
    const beganMs = Date.now();
    const { eligibleShippingMethods } = await client(`{ eligibleShippingMethods { code } }`);
    expect(Date.now() - beganMs).toBeLessThan(2_500);
    const codes = eligibleShippingMethods.map((each: Json) => each.code);
    expect(codes).toContain('in-range');
    expect(codes).not.toContain('strict');
  });
});
