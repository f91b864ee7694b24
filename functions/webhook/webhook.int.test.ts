import { createHash, createHmac } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { buildDrivers, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, type TestDeps } from '#shared/testing/flow-deps.ts';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { endpoints } from './index.ts';

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

const SECRET = `whsec_${Buffer.from('driver-delivery-test-secret').toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.from('the-secret-before-this-one!').toString('base64')}`;
const STATIC = 'MyToken';
const WEEK_MS = 7 * 86_400_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let deps: TestDeps;
let shop: { id: string; slug: string };
let nowMs: number;
let ask: Ask;

beforeAll(async () => {
  deps = await openTestDeps();
  ask = openAsk(endpoints, deps, null, () => nowMs);
});
afterAll(() => deps.close());
beforeEach(async () => {
  nowMs = Date.now();
  const [row] = await deps.db.run<{ id: string; slug: string }>(
    `INSERT INTO dispatch.shop (slug, name, inbound_secrets, inbound_static_sha256, pickup_lat, pickup_lon, pickup_address)
     VALUES ('s' || replace(gen_random_uuid()::text, '-', ''), 'Shop', array[$1, $2], $3, 52.53, 13.4, '{"address":"Torstrasse 1"}') RETURNING id, slug`,
    [SECRET, OLD_SECRET, sha256(STATIC)],
  );
  shop = row!;
  await deps.availability.markWarm(shop.id);
});

const path = () => `/v1/webhooks/vendure/${shop.slug}`;
const replayCapture = (name: string, at = path()) => {
  const { bodyRaw, ...rest } = capture(name);
  return ask('POST', at, { raw: bodyRaw, headers: headersOf({ bodyRaw, ...rest }) });
};
let serial = 0;
function signed(body: unknown, { id = `msg_${++serial}`, secret = SECRET, atMs = nowMs } = {}) {
  const text = JSON.stringify(body);
  return ask('POST', path(), {
    raw: text,
    headers: signatureHeaders({ id, timestampS: Math.floor(atMs / 1000), body: text, secrets: [secret] }),
  });
}
const requested = (sellerOrderId: string, rest: object = {}) => ({
  type: 'delivery.requested',
  version: 1,
  sellerOrderId,
  pickup: HERE,
  dropoff: { ...north(300), address: 'Torstrasse 1', name: 'Asha' },
  ...rest,
});
const deliveries = async () =>
  (
    await deps.db.run<{ row: Record<string, unknown> }>(
      'SELECT row_to_json(x) AS row FROM dispatch.delivery x WHERE shop_id = $1 ORDER BY id',
      [shop.id],
    )
  ).map(({ row }) => row);

describe('requests that a real shop sent', () => {
  test('an order in an event: a delivery with its address and coordinates', async () => {
    const answer = await replayCapture('order-placed-event');
    expect(answer).toMatchObject({
      status: 202,
      body: { status: 'PENDING', deliveryId: expect.any(String), message: expect.stringContaining('waits') },
    });
    expect(await deliveries()).toEqual([
      expect.objectContaining({
        order_ref: 'PCT3HTPCYC89QY8C',
        dropoff_lat: 52.5291,
        dropoff_lon: 13.4013,
        pickup_lat: 52.53,
        dropoff: {
          address: 'Torstrasse 1, 3. OG, 10119 Berlin, Germany',
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
    const second = await ask('POST', path(), { raw, headers: { 'x-webhook-secret': STATIC } });
    expect(second.status).toBe(202);
    expect(second.body.deliveryId).toBe(first.body.deliveryId);
    expect(await deliveries()).toHaveLength(1);
  });

  test('a signed event is genuine in its own time, and 401 today', async () => {
    expect((await replayCapture('signed-order-placed')).status).toBe(401);
    nowMs = Date.parse(capture('signed-order-placed').receivedAt);
    expect(await replayCapture('signed-order-placed')).toMatchObject({ status: 202 });
    nowMs += 301_000;
    expect((await replayCapture('signed-order-placed')).status).toBe(401);
    expect(await deliveries()).toHaveLength(1);
  });

  test('a fulfillment event carries no order: nothing to do', async () => {
    expect(await replayCapture('fulfillment-state-event')).toMatchObject({
      status: 202,
      body: { status: 'IGNORED', deliveryId: null },
    });
    expect(await deliveries()).toEqual([]);
  });

  test('no body and no proof at all: 401, and with the proof the reason', async () => {
    expect((await replayCapture('thin-empty-post')).status).toBe(401);
    const answer = await ask('POST', path(), { headers: { 'x-webhook-secret': STATIC } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ detail: expect.stringContaining('order') }] } });
  });
});

describe('the original’s hook', () => {
  const bare = { sellerOrderId: 77, channelId: 1, pickup: HERE, drop: north(200) };
  const documented = {
    event: 'SELLER_ORDER_READY_FOR_DISPATCH_V1',
    version: 1,
    timestamp: '2026-01-01T00:00:00Z',
    sellerOrderId: 'so-1',
    channelId: '2',
    pickup: { stockLocationId: 3, ...HERE, address: { street: 'Torstrasse 1', city: 'Berlin' } },
    drop: { ...north(200), address: 'Torstrasse 2' },
  };
  const secret = { 'x-webhook-secret': STATIC };

  test.each([
    ['bare, with Vendure’s integer ids', bare, { order_ref: '77', channel_id: '1' }],
    [
      'in its documented envelope',
      documented,
      { order_ref: 'so-1', channel_id: '2', pickup: { address: 'Torstrasse 1, Berlin', stockLocationId: '3' } },
    ],
  ])('%s', async (_, body, stored) => {
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    const answer = await ask('POST', path(), { body, headers: secret });
    expect(answer).toMatchObject({
      status: 202,
      body: { status: 'ASSIGNED', deliveryId: expect.any(String), message: expect.any(String) },
    });
    expect(await deliveries()).toEqual([expect.objectContaining({ ...stored, driver_id: driver })]);
  });

  test('on its own path, for the default shop', async () => {
    expect((await ask('POST', '/events/seller-order-ready', { body: bare, headers: secret })).status).toBe(401);
    await deps.db.run(
      `INSERT INTO dispatch.shop (slug, name, inbound_static_sha256) VALUES ('default', 'Default', $1)`,
      [sha256(STATIC)],
    );
    expect((await ask('POST', '/events/seller-order-ready', { body: bare, headers: secret })).status).toBe(202);
  });

  test('latitude 91: 422 that names the field, and nothing is stored', async () => {
    const answer = await ask('POST', path(), { body: { ...bare, drop: { lat: 91, lon: 0 } }, headers: secret });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/drop/lat' }] } });
    expect(await deliveries()).toEqual([]);
  });
});

describe('our plugin’s events', () => {
  test('20 copies at once: one delivery, every answer the same', async () => {
    const copies = await Promise.all(Array.from({ length: 20 }, () => signed(requested('O1'), { id: 'msg_copies' })));
    expect(new Set(copies.map((copy) => copy.status)).size).toBeLessThanOrEqual(2);
    const accepted = copies.filter((copy) => copy.status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(copies.every((copy) => copy.status === 202 || copy.body.type === 'urn:problem:key_in_flight')).toBe(true);
    expect(new Set(accepted.map((copy) => copy.text)).size).toBe(1);
    expect(await deliveries()).toHaveLength(1);
  });

  test('20 messages of one order at once: one delivery', async () => {
    const copies = await Promise.all(Array.from({ length: 20 }, () => signed(requested('O2'))));
    expect(copies.map((copy) => copy.status)).toEqual(Array(20).fill(202));
    expect(new Set(copies.map((copy) => copy.body.deliveryId)).size).toBe(1);
    expect(await deliveries()).toHaveLength(1);
  });

  test('the same id with another body is refused', async () => {
    await signed(requested('O3'), { id: 'msg_same' });
    expect(await signed(requested('O4'), { id: 'msg_same' })).toMatchObject({
      status: 422,
      body: { type: 'urn:problem:key_reused' },
    });
    expect(await deliveries()).toHaveLength(1);
  });

  test('a cancel that comes first wins, whenever the order comes', async () => {
    expect(await signed({ type: 'delivery.cancelled', sellerOrderId: 'O5' })).toMatchObject({
      status: 202,
      body: { status: 'CANCELLED' },
    });
    expect(await signed(requested('O5'))).toMatchObject({ status: 202, body: { status: 'CANCELLED' } });
    expect(await deliveries()).toEqual([expect.objectContaining({ status: 'CANCELLED', version: 2 })]);
  });

  test('cancelled before pickup; too late afterwards', async () => {
    await signed(requested('O6'));
    expect(await signed({ type: 'delivery.cancelled', sellerOrderId: 'O6' })).toMatchObject({
      status: 202,
      body: { status: 'CANCELLED' },
    });
    await deps.db.run(`UPDATE dispatch.delivery SET status = 'PICKED_UP', driver_id = $2 WHERE shop_id = $1`, [
      shop.id,
      (await buildDrivers(deps.db, shop.id, [HERE]))[0],
    ]);
    expect(await signed({ type: 'delivery.cancelled', sellerOrderId: 'O6' })).toMatchObject({
      status: 409,
      body: { deliveryStatus: 'PICKED_UP', allowed: ['IN_TRANSIT', 'DELIVERED', 'FAILED'] },
    });
  });

  test('an address that comes later', async () => {
    await signed(requested('O7', { dropoff: { address: 'unknown' } }));
    expect(await deliveries()).toEqual([expect.objectContaining({ dispatch: 'needs_location' })]);
    expect((await signed({ type: 'delivery.updated', sellerOrderId: 'O7', dropoff: north(100) })).status).toBe(202);
    expect(await deliveries()).toEqual([
      expect.objectContaining({ dispatch: 'searching', dropoff: { address: 'unknown' } }),
    ]);
    expect((await signed({ type: 'delivery.updated', sellerOrderId: 'nobody', notes: 'x' })).status).toBe(404);
  });

  test('both secrets of a rotation are good, a third is not; unknown shop and wrong signature look the same', async () => {
    expect((await signed(requested('O8'), { secret: OLD_SECRET })).status).toBe(202);
    const wrong = await signed(requested('O9'), { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` });
    const text = JSON.stringify(requested('O9'));
    const unknown = await ask('POST', '/v1/webhooks/vendure/nobody', {
      raw: text,
      headers: signatureHeaders({ id: 'msg_u', timestampS: Math.floor(nowMs / 1000), body: text, secrets: [SECRET] }),
    });
    const plain = ({ status, body: { type, title, detail } }: Awaited<ReturnType<Ask>>) => ({
      status,
      type,
      title,
      detail,
    });
    expect(plain(wrong)).toEqual(plain(unknown));
    expect(wrong.status).toBe(401);
    expect(await deliveries()).toHaveLength(1);
  });

  test('seven days late, signed now: taken; and the same message again finds the same delivery', async () => {
    const late = requested('O10', { timestamp: new Date(nowMs - WEEK_MS).toISOString() });
    const first = await signed(late, { id: 'msg_late' });
    expect(first.status).toBe(202);
    await deps.db.run(`UPDATE dispatch.delivery SET created_at = created_at - interval '7 d' WHERE id = $1`, [
      first.body.deliveryId,
    ]);
    // Its answer has been forgotten by then; its order has not.
    await deps.db.run(`DELETE FROM dispatch.idempotency WHERE key = 'msg_late'`);
    expect(await signed(late, { id: 'msg_late' })).toMatchObject({
      status: 202,
      body: { deliveryId: first.body.deliveryId },
    });
    expect(await signed({ type: 'delivery.cancelled', sellerOrderId: 'O10' })).toMatchObject({
      status: 202,
      body: { deliveryId: first.body.deliveryId, status: 'CANCELLED' },
    });
    expect(await deliveries()).toHaveLength(1);
  });

  test.each([
    ['replayed after 300 s', 300_000, 202],
    ['replayed after 301 s', 301_000, 401],
    ['from 301 s ahead', -301_000, 401],
    ['from seven days ago', WEEK_MS, 401],
  ])('%s: a signature %i ms old is %i', async (_, oldMs, status) => {
    nowMs = Math.floor(nowMs / 1000) * 1000;
    const answer = await signed(requested('O11'), { atMs: nowMs - oldMs });
    expect(answer.status).toBe(status);
    expect(await deliveries()).toHaveLength(status === 202 ? 1 : 0);
  });

  test('a shop without secrets takes no signature, not even one made with nothing', async () => {
    await deps.db.run(`UPDATE dispatch.shop SET inbound_secrets = '{}', inbound_static_sha256 = NULL WHERE id = $1`, [
      shop.id,
    ]);
    const text = JSON.stringify(requested('O12'));
    const stamp = { 'webhook-id': 'msg_none', 'webhook-timestamp': String(Math.floor(nowMs / 1000)) };
    const content = `${stamp['webhook-id']}.${stamp['webhook-timestamp']}.${text}`;
    const empty = createHmac('sha256', '').update(content).digest('base64');
    for (const headers of [
      { ...stamp, 'webhook-signature': `v1,${empty}` },
      { ...stamp, 'webhook-signature': 'v1,' },
      { ...stamp, 'webhook-signature': '' },
      { 'x-webhook-secret': '' },
      { 'x-webhook-secret': 'undefined' },
    ] as Record<string, string>[])
      expect((await ask('POST', path(), { raw: text, headers })).status).toBe(401);
    expect(await deliveries()).toEqual([]);
  });

  test.each([
    ['malformed JSON', '{"type":', 400, 'malformed_json'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'malformed_text'],
    ['nothing we know', '{"hello":1}', 422, 'invalid'],
  ])('%s', async (_, raw, status, type) => {
    const answer = await ask('POST', path(), { raw, headers: { 'x-webhook-secret': STATIC } });
    expect(answer).toMatchObject({ status, body: { type: `urn:problem:${type}` } });
  });

  test('more than 256 KiB', async () => {
    const answer = await ask('POST', path(), {
      raw: ' '.repeat(256 * 1024 + 1),
      headers: { 'x-webhook-secret': STATIC },
    });
    expect(answer.status).toBe(413);
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
    expect(await ask('POST', path(), { body: order(rest), headers: secret })).toMatchObject({
      status: 202,
      body: { status: 'IGNORED' },
    });
    expect(await deliveries()).toEqual([]);
  });

  test('cash on delivery is; odd fields do not lose it; cancelled ends it', async () => {
    const odd = order({
      state: 'PaymentAuthorized',
      shippingAddress: { fullName: 5, customFields: { latitude: 91, longitude: 'x' } },
    });
    expect(await ask('POST', path(), { body: odd, headers: secret })).toMatchObject({
      status: 202,
      body: { status: 'PENDING' },
    });
    expect(await deliveries()).toEqual([expect.objectContaining({ dispatch: 'needs_location' })]);
    const cancelled = order({ state: 'Cancelled' });
    expect(await ask('POST', path(), { body: cancelled, headers: secret })).toMatchObject({
      status: 202,
      body: { status: 'CANCELLED' },
    });
  });
});
