import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeKey } from '#shared/domain/key-text.ts';
import { sha256 } from '#shared/http/auth.ts';
import { readConfig } from '#shared/runtime/config.ts';
import { buildShop, HERE, north } from '#shared/testing/builders.ts';
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

async function shopWithKey(id: string): Promise<{ shopId: string; key: string }> {
  const { db } = running.deps;
  const [shopId, secret] = [await buildShop(db, null), 'a-secret-of-the-tests'];
  await db.run(
    `INSERT INTO dispatch.api_key (id, shop_id, name, secret_sha256, scopes) VALUES ($1, $2, $1, $3, '{dispatch}')`,
    [id, shopId, sha256(secret)],
  );
  return { shopId, key: writeKey({ keyId: id, secret }) };
}

async function ask(key: string, path: string, body?: object): Promise<number> {
  const response = await fetch(running.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}
