import { once } from 'node:events';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeKey } from '#shared/domain/key-text.ts';
import { sha256 } from '#shared/http/auth.ts';
import { readConfig } from '#shared/runtime/config.ts';
import { buildShop, HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import type { TestDeps } from '#shared/testing/flow-deps.ts';
import { openInboundShop, STATIC } from '#shared/testing/inbound-shop.ts';
import { fillWaiting } from '#shared/testing/large-tables.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { startServer } from './server.ts';

/** As many as one key asks at once, of a server that has room for fewer: four work at a time, sixteen wait. */
const CROWD = 24;
const POOL = '4';
const HONEST = 60;
const BOARD_ROWS = 2_000;

let database: TestDatabase;
let running: Awaited<ReturnType<typeof startServer>>;
let greedy: string;
let honest: string;

beforeAll(async () => {
  database = await testDatabase();
  const redis = testRedis();
  const config = readConfig({
    DATABASE_URL: database.url,
    DB_POOL: POOL,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    TOKEN_SECRET: 'a token secret for the tests, 32+',
    LOG_LEVEL: 'silent',
  });
  running = await startServer({ ...config, http: { ...config.http, host: '127.0.0.1', port: 0 } });
  const [one, other] = [await shopWithKey('greedy'), await shopWithKey('honest')];
  [greedy, honest] = [one.key, other.key];
  await fillWaiting(running.deps.db, one.shopId, BOARD_ROWS);
  // What waits there is nothing to plan: who reads it is what is tested.
  await running.deps.db.run(`UPDATE dispatch.delivery SET dispatch = 'needs_location', next_dispatch_at = NULL`);
});
afterAll(async () => {
  running.server.close();
  (running.server as { closeAllConnections?: () => void }).closeAllConnections?.();
  await once(running.server, 'close');
  await running.deps.close();
  await database.drop();
});

test.each(['/v1/changes', '/v1/deliveries?limit=200'])(
  'whoever asks for %s 24 times at once costs another shop no refusal',
  async (path) => {
    let isOver = false;
    let answered = 0;
    const crowd = Array.from({ length: CROWD }, async () => {
      for (; !isOver; answered += 1) await ask(greedy, path);
    });
    const statuses: number[] = [];
    for (let n = 0; n < HONEST; n += 1) {
      const body = n % 3 === 0 ? { pickup: HERE, dropoff: north(n) } : undefined;
      statuses.push(await ask(honest, '/v1/deliveries', body));
    }
    isOver = true;
    await Promise.all(crowd);
    expect(statuses.filter((status) => status !== 200 && status !== 201)).toEqual([]);
    expect(answered).toBeGreaterThan(CROWD);
  },
  60_000,
);

test('a crowd of strangers with a customer’s link stands in nobody’s way: no order, no shop’s hook, no probe, no page', async () => {
  const { db, links } = running.deps;
  const [row] = await db.run<{ id: string }>(`SELECT id FROM dispatch.delivery WHERE order_ref = 'WAITS-1'`);
  const { id } = row!;
  const hook = await openInboundShop(running.deps as TestDeps);
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const strangers: Promise<number>[] = [];
  await sql.begin(async (other) => {
    // While somebody else has the delivery, whoever rates it keeps a connection for as long as Postgres lets them.
    await other.unsafe('SELECT 1 FROM dispatch.delivery WHERE id = $1 FOR UPDATE', [id]);
    const path = `/v1/track/${links.tokenOf(id)}/rating`;
    for (let n = 0; n < CROWD; n += 1) strangers.push(statusOf(path, 'PUT', { stars: 5 }));
    await eventually(() => (db.usage?.().waiting ?? 0) > CROWD / 2);
    const order = { order: { code: 'V1', state: 'PaymentSettled', type: 'Regular', shippingAddress: {} } };
    expect(await statusOf(hook.path, 'POST', order, { 'x-webhook-secret': STATIC })).toBe(202);
    for (let n = 0; n < 3; n += 1) {
      expect(await ask(honest, '/v1/deliveries', { pickup: HERE, dropoff: north(n) })).toBe(201);
      expect([await statusOf('/health'), await statusOf('/console')]).toEqual([200, 200]);
    }
  });
  expect(await Promise.all(strangers)).toContain(503);
  await sql.end();
}, 30_000);

async function shopWithKey(id: string): Promise<{ shopId: string; key: string }> {
  const { db } = running.deps;
  const [shopId, secret] = [await buildShop(db, null), 'a-secret-of-the-tests'];
  await db.run(
    `INSERT INTO dispatch.api_key (id, shop_id, name, secret_sha256, scopes) VALUES ($1, $2, $1, $3, '{dispatch}')`,
    [id, shopId, sha256(secret)],
  );
  return { shopId, key: writeKey({ keyId: id, secret }) };
}

function ask(key: string, path: string, body?: object): Promise<number> {
  return statusOf(path, body === undefined ? 'GET' : 'POST', body, { authorization: `Bearer ${key}` });
}

async function statusOf(path: string, method = 'GET', body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(running.url + path, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}
