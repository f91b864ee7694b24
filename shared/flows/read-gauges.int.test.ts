import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDb } from '#shared/db/open-db.ts';
import { DISPATCH_STATES } from '#shared/domain/delivery.ts';
import { buildShop } from '#shared/testing/builders.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { readGauges } from './read-gauges.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await testDatabase();
  db = openDb({ url: database.url, pool: 1, prepare: true, sessionTimeouts: true });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

test('every state of what waits is told; how long counts from when a delivery was due, and only where somebody is looked for', async () => {
  const shop = await buildShop(db);
  const waits = DISPATCH_STATES.filter((state) => state !== 'settled');
  for (const state of waits) {
    await db.run(
      `INSERT INTO dispatch.delivery (shop_id, dispatch, version, pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff,
         waiting_since, due_at)
       SELECT $1, $2, 1, 52.5, 13.4, '{}', 52.5, 13.4, '{}', now() - interval '2 h',
         now() - CASE $2 WHEN 'searching' THEN interval '5 min' ELSE interval '1 h' END`,
      [shop, state],
    );
  }
  const gauges = await readGauges({ db, availability: null });
  const waiting = gauges.filter(({ name }) => name === 'dispatch_deliveries_waiting');
  expect(waiting).toEqual(
    waits.map((dispatch) => ({ name: 'dispatch_deliveries_waiting', value: 1, labels: { dispatch } })),
  );
  const longest = gauges.find(({ name }) => name === 'dispatch_delivery_wait_seconds');
  expect(longest?.value).toBeGreaterThanOrEqual(300);
  expect(longest?.value).toBeLessThan(600);
});
