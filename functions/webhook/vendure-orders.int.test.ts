import fs from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type InboundShop, openInboundShop, STATIC } from '#shared/testing/inbound-shop.ts';
import { endpoints } from './index.ts';

let deps: TestDeps;
let shop: InboundShop;
let nowMs: number;
let ask: Ask;

beforeAll(async () => {
  deps = await openTestDeps();
  ask = openAsk(endpoints, deps, null, () => nowMs);
});
afterAll(() => deps.close());
beforeEach(async () => {
  nowMs = Date.now();
  shop = await openInboundShop(deps);
});

interface Capture {
  receivedAt: string;
  rawHeaders: string[];
  bodyRaw: string;
}
const capture = (name: string): Capture =>
  JSON.parse(fs.readFileSync(new URL(`./captures/${name}.json`, import.meta.url), 'utf8')) as Capture;
const headersOf = ({ rawHeaders }: Capture) =>
  Object.fromEntries(
    rawHeaders.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );

const replayCapture = (name: string, at = shop.path) => {
  const { bodyRaw, ...rest } = capture(name);
  return ask('POST', at, { raw: bodyRaw, headers: headersOf({ bodyRaw, ...rest }) });
};

describe('requests that a real shop sent', () => {
  test('an order in an event: a delivery with its address and coordinates', async () => {
    const answer = await replayCapture('order-placed-event');
    expect(answer).toMatchObject({
      status: 202,
      body: { status: 'PENDING', deliveryId: expect.any(String), message: expect.stringContaining('waits') },
    });
    expect(await shop.deliveries()).toEqual([
      expect.objectContaining({
        order_ref: 'PCT3HTPCYC89QY8C',
        dropoff_lat: 52.5291,
        dropoff_lon: 13.4013,
        pickup_lat: 52.53,
        dropoff: {
          address: 'Torstrasse 1, 3. OG, 10119 Berlin, Germany',
          countryCode: 'DE',
          name: 'Asha Rao',
          phone: '+4930123456',
          notes: 'ring twice',
        },
      }),
    ]);
  });

  test('an order with relations, a type that lies: the same order, the same delivery', async () => {
    const first = await replayCapture('order-placed-event');
    // Its sender gave no proof at all.
    expect((await replayCapture('order-with-relations')).status).toBe(401);
    const raw = capture('order-with-relations').bodyRaw;
    const second = await ask('POST', shop.path, { raw, headers: { 'x-webhook-secret': STATIC } });
    expect(second.status).toBe(202);
    expect(second.body.deliveryId).toBe(first.body.deliveryId);
    expect(await shop.deliveries()).toHaveLength(1);
  });

  test('a signed event is genuine in its own time, and 401 today', async () => {
    expect((await replayCapture('signed-order-placed')).status).toBe(401);
    nowMs = Date.parse(capture('signed-order-placed').receivedAt);
    expect(await replayCapture('signed-order-placed')).toMatchObject({ status: 202 });
    nowMs += 301_000;
    expect((await replayCapture('signed-order-placed')).status).toBe(401);
    expect(await shop.deliveries()).toHaveLength(1);
  });

  test('a fulfillment event carries no order: nothing to do', async () => {
    expect(await replayCapture('fulfillment-state-event')).toMatchObject({
      status: 202,
      body: { status: 'IGNORED', deliveryId: null },
    });
    expect(await shop.deliveries()).toEqual([]);
  });

  test('no body and no proof at all: 401, and with the proof the reason', async () => {
    expect((await replayCapture('thin-empty-post')).status).toBe(401);
    const answer = await ask('POST', shop.path, { headers: { 'x-webhook-secret': STATIC } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ detail: expect.stringContaining('order') }] } });
  });
});

describe('orders that are not to be dispatched', () => {
  const order = (rest: object) => ({
    order: { code: 'V1', state: 'PaymentSettled', type: 'Regular', shippingAddress: {}, ...rest },
  });
  const secret = { 'x-webhook-secret': STATIC };
  test.each([
    ['an aggregate of sellers’ orders', { type: 'Aggregate' }],
    ['one still in the basket', { state: 'AddingItems' }],
    ['one already shipped', { state: 'Shipped' }],
  ])('%s', async (_, rest) => {
    expect(await ask('POST', shop.path, { body: order(rest), headers: secret })).toMatchObject({
      status: 202,
      body: { status: 'IGNORED' },
    });
    expect(await shop.deliveries()).toEqual([]);
  });

  test('cash on delivery is; odd fields do not lose it; cancelled ends it', async () => {
    const odd = order({
      state: 'PaymentAuthorized',
      shippingAddress: { fullName: 5, customFields: { latitude: 91, longitude: 'x' } },
    });
    expect(await ask('POST', shop.path, { body: odd, headers: secret })).toMatchObject({
      status: 202,
      body: { status: 'PENDING' },
    });
    expect(await shop.deliveries()).toEqual([expect.objectContaining({ dispatch: 'needs_location' })]);
    const cancelled = order({ state: 'Cancelled' });
    expect(await ask('POST', shop.path, { body: cancelled, headers: secret })).toMatchObject({
      status: 202,
      body: { status: 'CANCELLED' },
    });
  });

  test.each([
    ['an emoji on the border of what is kept', { fullName: `${'a'.repeat(199)}😀` }, { name: 'a'.repeat(199) }],
    ['halves of emojis, as a shop had cut them', { streetLine1: 'Ring\ud83d' }, { address: 'Ring\ufffd' }],
    ['a number of its country', { phoneNumber: '0171 2345678', countryCode: 'de' }, { phone: '+491712345678' }],
    ['a country that is none', { phoneNumber: '0171 2345678', countryCode: 'Germany' }, { phone: '0171 2345678' }],
    ['NUL', { phoneNumber: '+49\0 30' }, { phone: '+49\ufffd 30' }],
    ['marks of direction and combining letters', { fullName: '\u202bשלום\u202c é' }, { name: '\u202bשלום\u202c é' }],
    ['both where nobody reads', { '\ud83d': '\0', customFields: { x: '\udc00' } }, {}],
  ])('%s: the order is taken', async (_, shippingAddress, dropoff) => {
    const answer = await ask('POST', shop.path, { body: order({ shippingAddress }), headers: secret });
    expect(answer).toMatchObject({ status: 202, body: { status: 'PENDING' } });
    const [kept] = await shop.deliveries();
    expect(kept).toMatchObject({ dropoff });
  });

  test('a number that no double can hold is none', async () => {
    const raw = JSON.stringify(order({ shippingAddress: { customFields: { latitude: 0, longitude: 0, x: 7 } } }))
      .replace('"latitude":0', '"latitude":1e999')
      .replace('"x":7', '"x":-1e999');
    expect(await ask('POST', shop.path, { raw, headers: secret })).toMatchObject({ status: 202 });
    expect(await shop.deliveries()).toMatchObject([{ dispatch: 'needs_location' }]);
  });
});
