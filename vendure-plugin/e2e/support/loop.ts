import { TransactionalConnection, type VendureConfig } from '@vendure/core';
import gql from 'graphql-tag';
import { In } from 'typeorm';
import { expect, inject } from 'vitest';
import { OutgoingMessage } from '../../src/outbox/outgoing-message.entity';
import { eventually } from './eventually';
import { freePort } from './free-port';
import type {} from './global-setup';
import type { Json } from './json';
import { type Driver, Service } from './service';
import { openShop, orderOf, type Shop, shopConfig } from './shop';

/** A shop and the service that delivers for it: orders go out, deliveries come back. */
export interface Loop extends Drivers, Expectations {
  service: Service;
  shop: Shop;
  close(): Promise<void>;
}

/** @param name of its database, one of those in global-setup.ts */
export async function openLoop(
  name: string,
  plugins: NonNullable<VendureConfig['plugins']> = [],
  middleware: NonNullable<VendureConfig['apiOptions']['middleware']> = [],
): Promise<Loop> {
  const [shopPort, databaseUrl] = [await freePort(), inject('databases')[name]!];
  const service = await Service.start({
    databaseUrl,
    redisUrl: inject('redisUrl'),
    redisPrefix: `${name}:`,
    shopPort,
  });
  const more = { plugins, apiOptions: { port: shopPort, middleware } };
  const opening = openShop(shopConfig({ port: shopPort, databaseUrl }, { serviceUrl: service.url }, more));
  const shop = await opening.catch(async (error: unknown) => {
    await service.stop();
    throw error;
  });
  const close = async () => {
    await shop.server.destroy();
    await service.stop();
  };
  return { service, shop, ...driversOf(service), ...expectationsOf(service, shop), close };
}

interface Drivers {
  /** Free for this test only. */
  driver(name: string, at?: { lat: number; lon: number }, capacity?: number): Promise<Driver>;
  /** After each test: nothing waits for the drivers of the next one. */
  clear(): Promise<void>;
}

export function driversOf(service: Service): Drivers {
  const drivers: Driver[] = [];
  return {
    async driver(name, at = { lat: 52.521, lon: 13.406 }, capacity = 1) {
      const made = await service.freeDriver(name, at, capacity);
      drivers.push(made);
      return made;
    },
    async clear() {
      for (const status of ['PENDING', 'ASSIGNED']) {
        const { body } = await service.ask('GET', `/v1/deliveries?status=${status}&limit=200`);
        for (const { id } of body.items) await service.ask('POST', `/v1/deliveries/${id}/cancel`, {});
      }
      for (const driver of drivers.splice(0)) await service.setStatus(driver, 'OFFLINE');
    },
  };
}

/** Each waits until what it expects is so. */
interface Expectations {
  /** The service's delivery of an order, by the order's code, whose fulfillment may not be made yet. */
  asked(code: string, expected: object): Promise<Json>;
  /** The service's delivery of an order, by the order's code, once the shop has its fulfillment. */
  deliveryWith(code: string, expected: object): Promise<Json>;
  /** The order as the administrator sees it. */
  orderWith(id: string, expected: object): Promise<Json>;
  /** The delivery as the order's only fulfillment shows it. @returns the order */
  deliveryShown(id: string, expected: object): Promise<Json>;
  /** What the service does with nothing to wait for: the outbox is empty. */
  quiet(): Promise<void>;
}

function expectationsOf(service: Service, shop: Shop): Expectations {
  const orderWith = (id: string, expected: object) =>
    eventually(async () => {
      const order = await orderOf(shop, id);
      expect(order).toMatchObject(expected);
      return order;
    });
  const asked = (code: string, expected: object) =>
    eventually(async () => {
      const delivery = await service.deliveryOf(code);
      expect(delivery).toMatchObject(expected);
      return delivery;
    });
  const outbox = () => shop.server.app.get(TransactionalConnection).rawConnection.getRepository(OutgoingMessage);
  return {
    orderWith,
    asked,
    async deliveryWith(code, expected) {
      const delivery = await asked(code, expected);
      const beingMade = { type: In(['order.ready', 'order.announced']) } as const;
      await eventually(async () => expect(await outbox().countBy(beingMade)).toBe(0));
      return delivery;
    },
    deliveryShown: (id, expected) => orderWith(id, { fulfillments: [{ delivery: expected }] }),
    quiet: () => eventually(async () => expect(await outbox().count()).toBe(0)),
  };
}

/** The notes in an order's history, for everybody or for administrators only. */
export function notes(order: Json, isPublic: boolean): string[] {
  return order.history.items
    .filter((item: Json) => item.type === 'ORDER_NOTE' && item.isPublic === isPublic)
    .map((item: Json) => item.data.note);
}

/** As an administrator does it by hand. */
export async function transition(shop: Shop, fulfillmentId: string, state: string): Promise<void> {
  const { transitionFulfillmentToState: result } = await shop.adminClient.query(
    gql`mutation ($id: ID!, $state: String!) { transitionFulfillmentToState(id: $id, state: $state) { __typename ... on FulfillmentStateTransitionError { transitionError } } }`,
    { id: fulfillmentId, state },
  );
  expect(result.__typename).toBe('Fulfillment');
}
