import path from 'node:path';
import {
  DefaultJobQueuePlugin,
  DefaultSchedulerPlugin,
  type InitialData,
  LanguageCode,
  mergeConfig,
  PaymentMethodHandler,
  type VendureConfig,
} from '@vendure/core';
import {
  createTestEnvironment,
  PostgresInitializer,
  registerInitializer,
  type TestEnvironment,
  testConfig,
} from '@vendure/testing';
import gql from 'graphql-tag';
import { type DriverDispatchOptions, DriverDispatchPlugin } from '../../src';
import { furnish } from './furnish';
import type { Json } from './json';
import { API_KEY, CALLBACK_SECRET, SHOP_SECRET } from './service';

/*
 * Not sql.js: it has one connection, on which transactions that overlap (a customer's, a job's, a callback's) end each
 * other. The shop shares the service's PostgreSQL, in a database of its own.
 */
registerInitializer('postgres', new PostgresInitializer());

const en = LanguageCode.en;
export const prepaid = new PaymentMethodHandler({
  code: 'prepaid',
  description: [{ languageCode: en, value: 'Prepaid' }],
  args: {},
  createPayment: (_ctx, _order, amount) => ({ amount, state: 'Settled' as const, transactionId: 'p' }),
  settlePayment: () => ({ success: true }),
});
export const cashOnDelivery = new PaymentMethodHandler({
  code: 'cash',
  description: [{ languageCode: en, value: 'Cash on delivery' }],
  args: {},
  createPayment: (_ctx, _order, amount) => ({ amount, state: 'Authorized' as const, transactionId: 'c' }),
  settlePayment: () => ({ success: true }),
});

const initialData: InitialData = {
  defaultLanguage: en,
  defaultZone: 'Europe',
  countries: [{ name: 'Germany', code: 'DE', zone: 'Europe' }],
  taxRates: [{ name: 'Standard Tax', percentage: 0 }],
  shippingMethods: [],
  paymentMethods: [
    { name: 'prepaid', handler: { code: 'prepaid', arguments: [] } },
    { name: 'cash', handler: { code: 'cash', arguments: [] } },
  ],
  collections: [],
};

export interface Shop extends TestEnvironment {
  port: number;
  methods: Record<string, string>;
}

export function shopConfig(
  { port, databaseUrl }: { port: number; databaseUrl: string },
  options: Partial<DriverDispatchOptions> & { serviceUrl: string },
  more: Partial<VendureConfig> = {},
  jobQueue: NonNullable<VendureConfig['plugins']>[number] = DefaultJobQueuePlugin.init({ pollInterval: 20 }),
) {
  const dispatch = DriverDispatchPlugin.init({
    apiKey: API_KEY,
    signingSecret: SHOP_SECRET,
    callbackSecret: CALLBACK_SECRET,
    settleOnDelivery: ['cash'],
    timeZone: 'Asia/Kolkata',
    trackingUrl: 'https://track.example.com/{deliveryId}',
    reconcileAfterMs: 0,
    ...options,
  });
  const base = mergeConfig(testConfig, {
    apiOptions: { port },
    // Objects that several tests in one process would share are made anew.
    shippingOptions: { ...testConfig.shippingOptions },
    paymentOptions: { paymentMethodHandlers: [prepaid, cashOnDelivery] },
    ...more,
    plugins: [jobQueue, DefaultSchedulerPlugin.init({}), dispatch, ...(more.plugins ?? [])],
  });
  const { hostname: host, port: dbPort } = new URL(databaseUrl);
  const dbConnectionOptions = {
    type: 'postgres' as const,
    host,
    port: Number(dbPort),
    username: 'app',
    password: 'none',
    synchronize: true,
  };
  return { ...base, dbConnectionOptions } as unknown as Required<VendureConfig>;
}

export async function openShop(config: Required<VendureConfig>): Promise<Shop> {
  const environment = createTestEnvironment(config);
  await environment.server.init({
    initialData,
    productsCsvPath: path.join(__dirname, 'products.csv'),
    customerCount: 0,
  });
  await environment.adminClient.asSuperAdmin();
  const methods = await furnish(environment.adminClient);
  return { ...environment, port: config.apiOptions.port, methods };
}

export const NEAR = { latitude: 52.53, longitude: 13.42, deliveryNotes: 'Ring twice' };

export interface Checkout {
  method?: string;
  payment?: 'prepaid' | 'cash';
  address?: Record<string, unknown>;
  quantity?: number;
  sku?: string;
}

/** A guest's way through the Shop API, on a session of their own. @returns the order as the customer sees it */
export async function checkout(shop: Shop, wish: Checkout = {}): Promise<Json> {
  const { client, errors } = guest(shop);
  await fill(client, shop, wish);
  const { addPaymentToOrder } = await client(
    `mutation ($input: PaymentInput!) { addPaymentToOrder(input: $input) { __typename ... on Order { id code state type totalWithTax } ... on ErrorResult { errorCode message } } }`,
    { input: { method: wish.payment ?? 'prepaid', metadata: {} } },
  );
  if (addPaymentToOrder.__typename !== 'Order') throw new Error(JSON.stringify([addPaymentToOrder, errors]));
  return addPaymentToOrder;
}

/** Up to the choice of the shipping method. */
export async function fill(
  client: Ask,
  shop: Shop,
  { method, address, quantity = 1, sku = 'BREAD' }: Checkout,
): Promise<void> {
  const found = await client(`{ products(options: { take: 10 }) { items { variants { id sku } } } }`);
  const variant = found.products.items.flatMap((each: Json) => each.variants).find((each: Json) => each.sku === sku);
  await client(
    `mutation ($id: ID!, $q: Int!) { addItemToOrder(productVariantId: $id, quantity: $q) { __typename ... on ErrorResult { message } } }`,
    { id: variant.id, q: quantity },
  );
  await client(`mutation ($input: CreateCustomerInput!) { setCustomerForOrder(input: $input) { __typename } }`, {
    input: {
      emailAddress: `guest-${Math.random().toString(36).slice(2)}@example.com`,
      firstName: 'Ada',
      lastName: 'Guest',
    },
  });
  await client(
    `mutation ($input: CreateAddressInput!) { setOrderShippingAddress(input: $input) { __typename ... on ErrorResult { message } } }`,
    {
      input: {
        fullName: 'Ada Guest',
        streetLine1: 'Torstraße 1',
        city: 'Berlin',
        postalCode: '10119',
        countryCode: 'DE',
        phoneNumber: '+49 30 99',
        customFields: NEAR,
        ...address,
      },
    },
  );
  const set = await client(
    `mutation ($ids: [ID!]!) { setOrderShippingMethod(shippingMethodId: $ids) { __typename ... on ErrorResult { message } } }`,
    {
      ids: [method ?? shop.methods.driver],
    },
  );
  if (set.setOrderShippingMethod.__typename !== 'Order') throw new Error(JSON.stringify(set));
  await client(
    `mutation { transitionOrderToState(state: "ArrangingPayment") { __typename ... on OrderStateTransitionError { transitionError } } }`,
  );
}

export type Ask = (query: string, variables?: object) => Promise<Json>;

/** A visitor with a session of their own: 20 of them can order at the same moment. */
export function guest(shop: Shop): { client: Ask; errors: unknown[] } {
  let token = '';
  const errors: unknown[] = [];
  const client: Ask = async (query, variables = {}) => {
    const response = await fetch(`http://127.0.0.1:${shop.port}/shop-api`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    token = response.headers.get('vendure-auth-token') ?? token;
    const { data, errors: found } = (await response.json()) as { data: Json; errors?: unknown[] };
    if (found) {
      errors.push(...found);
      if (!data) throw new Error(JSON.stringify(found));
    }
    return data;
  };
  return { client, errors };
}

const FULFILLMENT = `id state method delivery { status driverName driverPhone eta trackingUrl reference deliveryId error proof failureCode failureNote photoUrl canReassign canRetry canReturn }`;

/** The order as the administrator sees it. */
export async function orderOf(shop: Shop, id: string): Promise<Json> {
  const { order } = await shop.adminClient.query(
    gql(`query ($id: ID!) { order(id: $id) {
      id code state type payments { state } shippingAddress { streetLine1 }
      fulfillments { ${FULFILLMENT} }
      history(options: { take: 100 }) { items { type isPublic data } }
    } }`),
    { id },
  );
  return order;
}

/** The order as its customer sees it, by its code. */
export async function shopOrder(shop: Shop, code: string): Promise<Json> {
  const { client } = guest(shop);
  const { orderByCode } = await client(
    `query ($code: String!) { orderByCode(code: $code) { state fulfillments { state delivery { status driverName eta trackingUrl } } } }`,
    { code },
  );
  return orderByCode;
}

/** Pieces of a product, over all stock locations. */
export async function stockOf(shop: Shop, sku: string): Promise<{ onHand: number; allocated: number }> {
  const { productVariants } = await shop.adminClient.query(
    gql`query ($sku: String!) { productVariants(options: { filter: { sku: { eq: $sku } } }) { items { stockLevels { stockOnHand stockAllocated } } } }`,
    { sku },
  );
  const levels: Json[] = productVariants.items[0].stockLevels;
  const sum = (field: string) => levels.reduce((total, level) => total + level[field], 0);
  return { onHand: sum('stockOnHand'), allocated: sum('stockAllocated') };
}
