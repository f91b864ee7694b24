import { E2E_DEFAULT_CHANNEL_TOKEN } from '@vendure/testing';
import gql from 'graphql-tag';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { eventually } from './support/eventually';
import { freePort } from './support/free-port';
import type { Json } from './support/json';
import { channelOfSku, SellersPlugin } from './support/sellers-plugin';
import { Service } from './support/service';
import { type Ask, fill, guest, openShop, orderOf, type Shop, shopConfig } from './support/shop';

let service: Service;
let shop: Shop;

beforeAll(async () => {
  const [shopPort, databaseUrl] = [await freePort(), inject('databases').sellers!];
  service = await Service.start({ databaseUrl, redisUrl: inject('redisUrl'), redisPrefix: 'sellers:', shopPort });
  shop = await openShop(
    shopConfig({ port: shopPort, databaseUrl }, { serviceUrl: service.url }, { plugins: [SellersPlugin] }),
  );
  channelOfSku.set('BREAD', await seller('baker'));
  channelOfSku.set('CAKE', await seller('confectioner'));
});
afterAll(async () => {
  await shop?.server.destroy();
  await service?.stop();
});

/** @returns the raw id of the seller's channel */
async function seller(code: string): Promise<number> {
  const { adminClient } = shop;
  const { createSeller } = await adminClient.query(
    gql`mutation ($input: CreateSellerInput!) { createSeller(input: $input) { id } }`,
    { input: { name: code } },
  );
  const { zones } = await adminClient.query(gql`{ zones { items { id } } }`);
  const zone = zones.items[0].id;
  const { createChannel } = await adminClient.query(
    gql`mutation ($input: CreateChannelInput!) { createChannel(input: $input) { __typename ... on Channel { id } ... on ErrorResult { message } } }`,
    {
      input: {
        code,
        token: `${code}-token`,
        sellerId: createSeller.id,
        defaultLanguageCode: 'en',
        availableLanguageCodes: ['en'],
        defaultCurrencyCode: 'USD',
        availableCurrencyCodes: ['USD'],
        pricesIncludeTax: false,
        defaultShippingZoneId: zone,
        defaultTaxZoneId: zone,
      },
    },
  );
  return Number(createChannel.id.replace('T_', ''));
}

it('makes one delivery for each seller order and none for the aggregate, and brings both home', async () => {
  const names = ['Anna', 'Bert'];
  for (const name of names) await service.freeDriver(name, { lat: 52.521, lon: 13.406 });
  const { client } = guest(shop);
  await addCake(client);
  await fill(client, shop, {});
  const placed = await pay(client);
  const deliveries = await eventually(async () => {
    const { body } = await service.ask('GET', '/v1/deliveries');
    expect(body.items.map((item: Json) => item.status)).toEqual(['ASSIGNED', 'ASSIGNED']);
    return body.items;
  });
  const { order } = await shop.adminClient.query(
    gql`query ($id: ID!) { order(id: $id) { type sellerOrders { id code type } } }`,
    { id: placed.id },
  );
  expect(order.type).toBe('Aggregate');
  const expected = order.sellerOrders.map((each: Json) => each.code).sort();
  expect(expected).toHaveLength(2);
  expect(deliveries.map((each: Json) => each.sellerOrderId).sort()).toEqual(expected);
  expect(deliveries.map((each: Json) => each.channelId).sort()).toEqual(
    [...channelOfSku.values()].map((id) => `T_${id}`).sort(),
  );
  for (const { id } of deliveries) {
    await service.move(id, 'PICKED_UP');
    await service.move(id, 'DELIVERED');
  }
  for (const { id } of order.sellerOrders) {
    await eventually(async () => expect(await orderOf(shop, id)).toMatchObject({ type: 'Seller', state: 'Delivered' }));
  }
});

it('shows a seller the deliveries of their own orders alone, and what drivers did for those', async () => {
  const day = async () =>
    shop.adminClient.query(gql`{
      driverDispatchDeliveries { reference orderId }
      driverDispatchDrivers { name delivered }
    }`);
  const everything = await day();
  expect(everything.driverDispatchDeliveries).toHaveLength(2);
  expect(everything.driverDispatchDrivers.map(({ delivered }: Json) => delivered)).toEqual([1, 1]);
  shop.adminClient.setChannelToken('baker-token');
  const own = await day();
  const { orders } = await shop.adminClient.query(gql`{ orders { items { id code } } }`);
  shop.adminClient.setChannelToken(E2E_DEFAULT_CHANNEL_TOKEN);
  expect(own.driverDispatchDeliveries).toEqual(
    orders.items.map(({ id, code }: Json) => ({ reference: code, orderId: id })),
  );
  expect(own.driverDispatchDeliveries).toHaveLength(1);
  expect(own.driverDispatchDrivers.map(({ delivered }: Json) => delivered).sort()).toEqual([0, 1]);
});

it('brings each part in the window that was chosen for the whole, which takes one place of two', async () => {
  await shop.adminClient.query(
    gql`mutation ($input: UpdateDriverDispatchSettingsInput!) { updateDriverDispatchSettings(input: $input) { mapTileUrl } }`,
    { input: { shop: { windows: '10-12', windowDays: 3, windowCapacity: 2 } } },
  );
  const { client } = guest(shop);
  await addCake(client);
  await fill(client, shop, {});
  const free = async () =>
    (
      await guest(shop).client(`query ($id: ID!) { deliverySlots(shippingMethodId: $id) { after before } }`, {
        id: shop.methods.driver,
      })
    ).deliverySlots;
  const slots = await free();
  const slot = slots.at(-1);
  await client(`mutation ($after: DateTime) { setDeliverySlot(after: $after) { id } }`, { after: slot.after });
  const { id } = await pay(client);
  const codes: string[] = await eventually(async () => {
    const { order } = await shop.adminClient.query(gql`query ($id: ID!) { order(id: $id) { sellerOrders { code } } }`, {
      id,
    });
    expect(order.sellerOrders).toHaveLength(2);
    return order.sellerOrders.map(({ code }: Json) => code);
  });
  for (const code of codes) {
    const { dropoff } = await eventually(async () => {
      const delivery = await service.deliveryOf(code);
      expect(delivery).toBeDefined();
      return delivery;
    });
    expect([dropoff.after, dropoff.before].map(Date.parse)).toEqual([slot.after, slot.before].map(Date.parse));
  }
  expect(await free()).toEqual(slots);
});

/** Of the other seller than the bread. */
async function addCake(client: Ask): Promise<void> {
  const found = await client(`{ products(options: { take: 10 }) { items { variants { id sku } } } }`);
  const cake = found.products.items.flatMap((each: Json) => each.variants).find((each: Json) => each.sku === 'CAKE');
  await client(`mutation ($id: ID!) { addItemToOrder(productVariantId: $id, quantity: 1) { __typename } }`, {
    id: cake.id,
  });
}

/** @returns the order that the sellers' orders are parts of */
async function pay(client: Ask): Promise<Json> {
  const { addPaymentToOrder } = await client(
    `mutation ($input: PaymentInput!) { addPaymentToOrder(input: $input) { __typename ... on Order { id code } ... on ErrorResult { message } } }`,
    { input: { method: 'prepaid', metadata: {} } },
  );
  return addPaymentToOrder;
}
