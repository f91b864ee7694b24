import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { buildDrivers, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type InboundShop, OLD_SECRET, openInboundShop, SECRET, STATIC } from '#shared/testing/inbound-shop.ts';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { endpoints } from './index.ts';

const WEEK_MS = 7 * 86_400_000;

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

let serial = 0;
function signed(body: unknown, { id = `msg_${++serial}`, secret = SECRET, atMs = nowMs } = {}) {
  const text = JSON.stringify(body);
  return ask('POST', shop.path, {
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

describe('our plugin’s events', () => {
  test('20 copies at once: one delivery, every answer the same', async () => {
    const copies = await Promise.all(Array.from({ length: 20 }, () => signed(requested('O1'), { id: 'msg_copies' })));
    expect(new Set(copies.map((copy) => copy.status)).size).toBeLessThanOrEqual(2);
    const accepted = copies.filter((copy) => copy.status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(copies.every((copy) => copy.status === 202 || copy.body.type === 'urn:problem:key_in_flight')).toBe(true);
    expect(new Set(accepted.map((copy) => copy.text)).size).toBe(1);
    expect(await shop.deliveries()).toHaveLength(1);
  });

  test('20 messages of one order at once: one delivery', async () => {
    const copies = await Promise.all(Array.from({ length: 20 }, () => signed(requested('O2'))));
    expect(copies.map((copy) => copy.status)).toEqual(Array(20).fill(202));
    expect(new Set(copies.map((copy) => copy.body.deliveryId)).size).toBe(1);
    expect(await shop.deliveries()).toHaveLength(1);
  });

  test('the same id with another body is refused', async () => {
    await signed(requested('O3'), { id: 'msg_same' });
    expect(await signed(requested('O4'), { id: 'msg_same' })).toMatchObject({
      status: 422,
      body: { type: 'urn:problem:key_reused' },
    });
    expect(await shop.deliveries()).toHaveLength(1);
  });

  test('a cancel that comes first wins, whenever the order comes', async () => {
    expect(await signed({ type: 'delivery.cancelled', sellerOrderId: 'O5' })).toMatchObject({
      status: 202,
      body: { status: 'CANCELLED' },
    });
    expect(await signed(requested('O5'))).toMatchObject({ status: 202, body: { status: 'CANCELLED' } });
    expect(await shop.deliveries()).toEqual([expect.objectContaining({ status: 'CANCELLED', version: 2 })]);
  });

  test('cancelled before pickup; too late afterwards', async () => {
    await signed(requested('O6'));
    expect(await signed({ type: 'delivery.cancelled', sellerOrderId: 'O6' })).toMatchObject({
      status: 202,
      body: { status: 'CANCELLED' },
    });
    await deps.db.run(
      `UPDATE dispatch.delivery SET status = 'PICKED_UP', driver_id = $2, dropoff_rank = 2 WHERE shop_id = $1`,
      [shop.id, (await buildDrivers(deps.db, shop.id, [HERE]))[0]],
    );
    expect(await signed({ type: 'delivery.cancelled', sellerOrderId: 'O6' })).toMatchObject({
      status: 409,
      body: { deliveryStatus: 'PICKED_UP', allowed: ['IN_TRANSIT', 'DELIVERED', 'FAILED'] },
    });
  });

  test('an address that comes later', async () => {
    await signed(requested('O7', { dropoff: { address: 'unknown' } }));
    expect(await shop.deliveries()).toEqual([expect.objectContaining({ dispatch: 'needs_location' })]);
    expect((await signed({ type: 'delivery.updated', sellerOrderId: 'O7', dropoff: north(100) })).status).toBe(202);
    expect(await shop.deliveries()).toEqual([
      expect.objectContaining({ dispatch: 'searching', dropoff: { address: 'unknown' } }),
    ]);
    expect((await signed({ type: 'delivery.updated', sellerOrderId: 'nobody', notes: 'x' })).status).toBe(404);
  });

  test('another address without coordinates: nobody is sent to where the one before was', async () => {
    await signed(requested('O11', { dropoff: { ...north(100), address: 'Torstrasse 2' } }));
    const moved = { type: 'delivery.updated', sellerOrderId: 'O11', dropoff: { address: 'Somewhere else 1' } };
    expect((await signed(moved)).status).toBe(202);
    expect(await shop.deliveries()).toEqual([
      expect.objectContaining({ dispatch: 'needs_location', dropoff: { address: 'Somewhere else 1' } }),
    ]);
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
    expect(await shop.deliveries()).toHaveLength(1);
  });

  test('seven days late, signed now: taken; and the same message again finds the same delivery', async () => {
    const late = requested('O10', { timestamp: new Date(nowMs - WEEK_MS).toISOString() });
    const first = await signed(late, { id: 'msg_late' });
    expect(first.status).toBe(202);
    await deps.db.run(`UPDATE dispatch.delivery SET created_at = created_at - interval '7 d' WHERE id = $1`, [
      first.body.deliveryId,
    ]);
    // Its answer has been forgotten by then; its order has not.
    await deps.db.run(`DELETE FROM dispatch.kept_result WHERE digest = dispatch.digest($1)`, [
      `webhook:${shop.id} msg_late`,
    ]);
    expect(await signed(late, { id: 'msg_late' })).toMatchObject({
      status: 202,
      body: { deliveryId: first.body.deliveryId },
    });
    expect(await signed({ type: 'delivery.cancelled', sellerOrderId: 'O10' })).toMatchObject({
      status: 202,
      body: { deliveryId: first.body.deliveryId, status: 'CANCELLED' },
    });
    expect(await shop.deliveries()).toHaveLength(1);
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
    expect(await shop.deliveries()).toHaveLength(status === 202 ? 1 : 0);
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
      expect((await ask('POST', shop.path, { raw: text, headers })).status).toBe(401);
    expect(await shop.deliveries()).toEqual([]);
  });

  test.each([
    ['malformed JSON', '{"type":', 400, 'malformed_json'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'malformed_text'],
    ['nothing we know', '{"hello":1}', 422, 'invalid'],
  ])('%s', async (_, raw, status, type) => {
    const answer = await ask('POST', shop.path, { raw, headers: { 'x-webhook-secret': STATIC } });
    expect(answer).toMatchObject({ status, body: { type: `urn:problem:${type}` } });
  });

  test('more than 256 KiB', async () => {
    const answer = await ask('POST', shop.path, {
      raw: ' '.repeat(256 * 1024 + 1),
      headers: { 'x-webhook-secret': STATIC },
    });
    expect(answer.status).toBe(413);
  });
});
