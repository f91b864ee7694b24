import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { api } from '#functions/api.ts';
import type { ShopPrincipal } from '#shared/http/principal.ts';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { eraseTraces } from '../db/statements/driver-data.ts';

let deps: TestDeps;
let shop: ShopPrincipal;
let ask: Ask;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = { kind: 'shop', shopId: await buildShop(deps.db), keyId: 'k', scopes: ['admin'] };
  await deps.availability.markWarm(shop.shopId);
  ask = openAsk(api, deps, shop);
});

const WHO = { name: 'Asha Unverwechselbar', phone: '+49 30 5550142', vehicle: 'cargo_bike', externalRef: 'emp-77123' };
const OTHER = { name: 'Ben Einzigartig', phone: '+49 30 5550999', vehicle: 'van', externalRef: 'emp-88456' };
const PRIVATE = ['Einzigartig', '5550999', 'emp-88456'];

/** A driver who registered, moved, was given an order, picked it up, delivered it; all under keys, all sent to the shop. */
async function workedDriver(who = WHO): Promise<string> {
  const key = (name: string) => ({ headers: { 'idempotency-key': `${shop.shopId}-${name}` } });
  const { body: driver } = await ask('POST', '/v1/drivers', { body: who, ...key('make') });
  const as = { kind: 'driver', shopId: shop.shopId, driverId: driver.id } as const;
  await ask('PUT', `/v1/drivers/${driver.id}/status`, { body: { status: 'AVAILABLE' }, as, ...key('duty') });
  await ask('POST', `/v1/drivers/${driver.id}/location`, { body: HERE, as });
  for (const n of [1, 2]) {
    const { body: delivery } = await ask('POST', '/v1/deliveries', {
      body: { sellerOrderId: `o${n}`, pickup: HERE, dropoff: north(300) },
    });
    expect(delivery.driverId).toBe(driver.id);
    for (const status of ['PICKED_UP', 'DELIVERED']) {
      const body = { status, position: north(n) };
      expect(await ask('POST', `/v1/deliveries/${delivery.id}/status`, { body, as })).toMatchObject({ status: 200 });
    }
  }
  return driver.id;
}

/** Everything in every table, and everything in Redis, as text. */
async function everything(): Promise<{ postgres: string; redis: string }> {
  const tables = await deps.db.run<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'dispatch'`,
  );
  let postgres = '';
  for (const { name } of tables) {
    const [row] = await deps.db.run<{ all: string | null }>(
      `SELECT string_agg(t::text, ' ') AS all FROM dispatch."${name}" t`,
    );
    postgres += ` ${row?.all ?? ''}`;
  }
  const client = new Redis(inject('redisUrl'));
  let redis = '';
  for (const name of await client.keys('*')) {
    const type = await client.type(name);
    const value =
      type === 'hash'
        ? await client.hgetall(name)
        : type === 'zset'
          ? await client.zrange(name, '0', '-1')
          : await client.get(name);
    redis += ` ${name} ${JSON.stringify(value)}`;
  }
  client.disconnect();
  return { postgres, redis };
}

test('what is exported of a driver is all that is kept of them', async () => {
  const id = await workedDriver();
  const { body } = await ask('GET', `/v1/drivers/${id}/export`, {
    as: { kind: 'driver', shopId: shop.shopId, driverId: id },
  });
  expect(body).toMatchObject({
    driver: { id, ...WHO },
    position: { lat: expect.any(Number), lon: expect.any(Number) },
  });
  expect(body.history.map(({ version }: { version: number }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(body.deliveries.map(({ sellerOrderId }: { sellerOrderId: string }) => sellerOrderId)).toEqual(['o1', 'o2']);
  expect(body.deliveries[0].events.map(({ type }: { type: string }) => type)).toEqual([
    'ASSIGNED',
    'PICKED_UP',
    'DELIVERED',
  ]);
  expect(body.deliveries[0].events[1].position).toEqual(north(1));
  expect(body).toMatchObject({ offers: [], devices: [], pushEndpoints: [] });
  const stranger = { ...shop, shopId: await buildShop(deps.db) };
  expect((await ask('GET', `/v1/drivers/${id}/export`, { as: stranger })).status).toBe(404);
  expect((await ask('POST', `/v1/drivers/${id}/erase`, { as: stranger })).status).toBe(404);
});

test('after an erasure nothing says who they were or where, in Postgres, Redis or what is still to be sent', async () => {
  const id = await workedDriver(OTHER);
  const before = await everything();
  for (const word of PRIVATE) expect(before.postgres.includes(word), word).toBe(true);
  expect(before.redis.includes(id)).toBe(true);

  const headers = { 'idempotency-key': 'erase' };
  expect((await ask('POST', `/v1/drivers/${id}/erase`, { headers })).status).toBe(204);
  const after = await everything();
  for (const word of PRIVATE) expect(after.postgres.includes(word), word).toBe(false);
  expect(after.redis.includes(id)).toBe(false);
  const [places] = await deps.db.run<{ n: number }>(
    `SELECT ((SELECT count(*) FROM dispatch.driver_location WHERE driver_id = $1)
      + (SELECT count(*) FROM dispatch.delivery_event WHERE driver_id = $1 AND lat IS NOT NULL))::int AS n`,
    [id],
  );
  expect(places?.n).toBe(0);

  const bodies = await deps.db.run<{ body: string }>(
    'SELECT body FROM dispatch.outbox WHERE shop_id = $1 ORDER BY id',
    [shop.shopId],
  );
  expect(bodies.map(({ body }) => JSON.parse(body).event)).toHaveLength(8);
  for (const { body } of bodies)
    expect([null, { id, name: null, phone: null, vehicle: null }]).toContainEqual(JSON.parse(body).driver);
  const again = await ask('POST', '/v1/drivers', {
    body: OTHER,
    headers: { 'idempotency-key': `${shop.shopId}-make` },
  });
  expect(again.body).toMatchObject({ id, name: 'erased', phone: null, externalRef: null });
  expect(await ask('POST', `/v1/drivers/${id}/erase`, { headers })).toMatchObject({
    status: 204,
    headers: { 'idempotent-replayed': 'true' },
  });
  expect(await eraseTraces(deps.db, shop.shopId, id)).toBe(0);
  expect((await ask('GET', `/v1/drivers/${id}`)).body).toMatchObject({ active: false, name: 'erased' });
});

test('a driver with a delivery in hand is not erased, and another driver keeps what is theirs', async () => {
  const { body: driver } = await ask('POST', '/v1/drivers', { body: WHO });
  await ask('PUT', `/v1/drivers/${driver.id}/status`, { body: { status: 'AVAILABLE' } });
  await ask('POST', `/v1/drivers/${driver.id}/location`, { body: HERE });
  await ask('POST', '/v1/deliveries', { body: { pickup: HERE, dropoff: north(300) } });
  expect(await ask('POST', `/v1/drivers/${driver.id}/erase`)).toMatchObject({ status: 409, body: { load: 1 } });
  const other = (await ask('POST', '/v1/drivers', { body: { name: 'Other' } })).body.id;
  expect((await ask('POST', `/v1/drivers/${other}/erase`)).status).toBe(204);
  expect((await ask('GET', `/v1/drivers/${driver.id}`)).body).toMatchObject(WHO);
});

test('what a plan gave them and somebody took away again is theirs, too: shown, and erased', async () => {
  for (const n of [1, 2]) {
    await ask('POST', '/v1/deliveries', { body: { sellerOrderId: `p${n}`, pickup: HERE, dropoff: north(300 * n) } });
  }
  const { body: driver } = await ask('POST', '/v1/drivers', { body: { ...OTHER, capacity: 2 } });
  const as = { kind: 'driver', shopId: shop.shopId, driverId: driver.id } as const;
  await ask('POST', `/v1/drivers/${driver.id}/location`, { body: HERE, as });
  await ask('PUT', `/v1/drivers/${driver.id}/status`, { body: { status: 'AVAILABLE' }, as });
  await deps.dispatch.plan(shop.shopId);
  const theirs = async () => (await ask('GET', `/v1/deliveries?driverId=${driver.id}&status=ASSIGNED`)).body.items;
  const given = await theirs();
  expect(given).toHaveLength(2);
  await deps.db.run(`UPDATE dispatch.driver SET duty = 'BUSY' WHERE id = $1`, [driver.id]);
  for (const { id } of given) await ask('POST', `/v1/deliveries/${id}/unassign`);
  const { body } = await ask('GET', `/v1/drivers/${driver.id}/export`);
  expect(body.deliveries.map(({ sellerOrderId }: { sellerOrderId: string }) => sellerOrderId)).toEqual(['p1', 'p2']);
  // As a plan writes it that moves an order to somebody else: no event of this driver names the order but the route.
  await deps.db.run('UPDATE dispatch.driver_event SET delivery_id = NULL WHERE driver_id = $1', [driver.id]);
  expect((await ask('GET', `/v1/drivers/${driver.id}/export`)).body.deliveries).toHaveLength(2);
  expect((await ask('POST', `/v1/drivers/${driver.id}/erase`)).status).toBe(204);
  for (const word of PRIVATE) expect((await everything()).postgres.includes(word), word).toBe(false);
});
