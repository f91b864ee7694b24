import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDb } from '#shared/db/open-db.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts';

/*
 * The database behind a proxy that breaks it. A rejection that nobody catches, as the client's own `cancel` makes of a
 * server that is gone, would fail this file by itself.
 */

const POOL = 2;
let database: TestDatabase;
let proxy: FaultProxy;
let db: Db;

beforeAll(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  proxy = await openFaultProxy(Number(url.port));
  url.port = String(proxy.port);
  db = openDb({ url: url.href, pool: POOL, prepare: true, sessionTimeouts: true });
});
afterAll(async () => {
  proxy.set({ kind: 'pass' });
  await db.close();
  proxy.close();
  await database.drop();
});

/** @returns what became of `count` statements asked for at once, and after how many ms the last one was answered */
async function ask(count: number, text = 'SELECT 1 AS one'): Promise<{ ok: number; away: number; ms: number }> {
  const startedMs = performance.now();
  const outcomes = await Promise.allSettled(Array.from({ length: count }, () => db.run(text)));
  const away = outcomes.filter((each) => each.status === 'rejected' && each.reason instanceof DependencyAway).length;
  const ok = outcomes.filter((each) => each.status === 'fulfilled').length;
  expect(ok + away).toBe(count);
  return { ok, away, ms: performance.now() - startedMs };
}

test('statements under way when the network swallows everything are given up within 3 s, and no place is lost', async () => {
  expect(await ask(POOL)).toMatchObject({ ok: POOL });
  proxy.set({ kind: 'blackhole' });
  for (let round = 0; round < 2; round += 1) {
    const { away, ms } = await ask(POOL * 3);
    expect(away).toBe(POOL * 3);
    expect(ms).toBeLessThan(3_100);
  }
  proxy.set({ kind: 'pass' });
  const { ok, ms } = await ask(POOL * 4);
  expect(ok).toBe(POOL * 4);
  expect(ms).toBeLessThan(1_000);
});

test('refused at once while nobody listens, and back at once', async () => {
  proxy.set({ kind: 'refuse' });
  for (let round = 0; round < 20; round += 1) {
    const { away, ms } = await ask(POOL);
    expect(away).toBe(POOL);
    expect(ms).toBeLessThan(1_000);
  }
  proxy.set({ kind: 'pass' });
  const { ok, ms } = await ask(POOL);
  expect(ok).toBe(POOL);
  expect(ms).toBeLessThan(1_000);
});

test('a statement that takes too long is ended by the server, and its connection goes on', async () => {
  const { away, ms } = await ask(1, 'SELECT pg_sleep(10)');
  expect(away).toBe(1);
  expect(ms).toBeLessThan(2_600);
  expect(await ask(POOL)).toMatchObject({ ok: POOL });
});
