import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FaultProxy, openFaultProxy } from '#infra/proof/faults/fault-proxy.ts';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { openShopBook } from '#shared/composition/shop-book.ts';
import { openDb } from '#shared/db/open-db.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { createDelivery } from '#shared/db/statements/create-delivery.ts';
import { exhaustDeliveries } from '#shared/db/statements/exhaust-deliveries.ts';
import type { DriverStatus } from '#shared/domain/driver.ts';
import type { Position } from '#shared/domain/geo.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { runRelay } from '#shared/flows/relay/run-relay.ts';
import { type Report, reportFixes } from '#shared/flows/report-fixes.ts';
import { openSecretBox } from '#shared/secrets/secret-box.ts';
import { buildDrivers, buildShop, HERE, newOrder, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { relayDeps } from '#shared/testing/relay-deps.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { openDispatch } from './open-dispatch.ts';

/*
 * An order that nobody could take waits for a driver to come, however long it was given up on. Whoever comes, with whom
 * and by what: no order that is due waits for longer than 5 s beside a driver who is free for it. A server and a relay,
 * as they run.
 */

const WITHIN_MS = 5_000;
const FAR = 200;
const NEAR = 100;
const ORDERS = 60;

let database: TestDatabase;
let proxy: FaultProxy;
let deps: TestDeps;
let shop: ShopRow;
const ending = new AbortController();
let relay: Promise<void>;

beforeAll(async () => {
  database = await testDatabase();
  const redis = testRedis();
  proxy = await openFaultProxy(Number(new URL(redis.url).port));
  const db = openDb({ url: database.url, pool: 20, prepare: true, sessionTimeouts: true });
  const availability = openAvailability({ ...redis, url: `redis://127.0.0.1:${proxy.port}` });
  const secretBox = openSecretBox({ secret: 'a token secret for the tests, 32+', previousSecret: null });
  const stores = { db, availability, shops: openShopBook(db), secretBox };
  deps = { ...stores, dispatch: openDispatch(stores, 'on'), close: async () => {} };
  const relayed = { ...relayDeps(deps), dispatch: openDispatch(stores, 'on') };
  relay = runRelay(relayed, { intervalMs: 250, signal: ending.signal });
}, 30_000);
afterAll(async () => {
  ending.abort();
  await relay;
  await deps.dispatch.close();
  await Promise.all([deps.db.close(), deps.availability.close()]);
  proxy.close();
  await database.drop();
});
afterEach(() => proxy.set({ kind: 'pass' }));

/** Far ones first, by their ids: whoever asked only the first few would find nobody. */
let drivers: readonly string[];
const placeOf = (n: number) => (n < FAR ? north(30_000 + 10 * n) : north(3 * (n - FAR)));
const fixes = (from = 0): Report[] =>
  drivers.slice(from).map((driverId, n) => ({ driverId, position: placeOf(from + n), recordedAtMs: Date.now() }));
const beats = (): Report[] => drivers.map((driverId) => ({ driverId, position: null, recordedAtMs: null }));

beforeEach(async () => {
  shop = await shopOf(deps, await buildShop(deps.db, null));
  const places = Array.from({ length: FAR + NEAR }, (_, n) => placeOf(n));
  drivers = await buildDrivers(deps.db, shop.id, places, { silentForS: 80 });
});

/**
 * So far to go that nobody is back from another order sooner than who is free is there.
 * Half of them were given up on long ago; the others the engine is to look at in five minutes. */
async function ordersWait(pickupOf: (n: number) => Position): Promise<void> {
  for (let n = 0; n < ORDERS; n += 1) {
    const [pickup, dropoff] = [pickupOf(n), north(-5_000 - 50 * n)];
    const stops = {
      pickup_lat: pickup.lat,
      pickup_lon: pickup.lon,
      dropoff_lat: dropoff.lat,
      dropoff_lon: dropoff.lon,
    };
    await createDelivery(deps.db, somebody(), newOrder(shop.id, `W-${n}`, [], stops));
  }
  await deps.dispatch.plan(shop.id);
  await deps.db.run(
    `UPDATE dispatch.delivery SET next_dispatch_at = now() + interval '5 min', waiting_since = now() - interval '1 h',
       due_at = now() - CASE WHEN right(order_ref, 1) < '5' THEN interval '31 min' ELSE interval '10 min' END WHERE shop_id = $1`,
    [shop.id],
  );
  await exhaustDeliveries(deps.db);
  expect(await count()).toEqual({ exhausted: ORDERS / 2, searching: ORDERS / 2 });
}
const atOnePlace = () => HERE;
const atAsManyPlaces = (n: number) => north(-5 * n);

async function count(): Promise<Record<string, number>> {
  const rows = await deps.db.run<{ dispatch: string; n: number }>(
    `SELECT dispatch, count(*)::int AS n FROM dispatch.delivery WHERE shop_id = $1 GROUP BY dispatch ORDER BY dispatch`,
    [shop.id],
  );
  return Object.fromEntries(rows.map(({ dispatch, n }) => [dispatch, n]));
}
const allServed = () =>
  eventually(async () => expect(await count()).toEqual({ settled: ORDERS }), { timeoutMs: WITHIN_MS });

describe.each([
  ['one place', atOnePlace],
  ['as many places', atAsManyPlaces],
])('60 orders that wait at %s', (_, pickupOf) => {
  beforeEach(() => ordersWait(pickupOf), 30_000);

  test('300 drivers report where they are, in one batch', async () => {
    await reportFixes(deps, somebody(), shop.id, fixes());
    await allServed();
  });

  test('they are only heard from, in one batch', async () => {
    await reportFixes(deps, somebody(), shop.id, beats());
    await allServed();
  });

  test('they come on duty all at once', async () => {
    const duty = (driverId: string, to: DriverStatus) =>
      setDuty(deps, somebody(), { shopId: shop.id, driverId }, { status: to }, false);
    for (const driverId of drivers) await duty(driverId, 'OFFLINE');
    await reportFixes(deps, somebody(), shop.id, fixes());
    expect(await count()).toEqual({ exhausted: ORDERS / 2, searching: ORDERS / 2 });
    for (let from = 0; from < drivers.length; from += 10) {
      await Promise.all(drivers.slice(from, from + 10).map((driverId) => duty(driverId, 'AVAILABLE')));
    }
    await allServed();
  });

  test('they come one after the other', async () => {
    for (const report of fixes(FAR - 20)) await reportFixes(deps, somebody(), shop.id, [report]);
    await allServed();
  });

  test('they come while Redis is away, and it stays away', async () => {
    proxy.set({ kind: 'refuse' });
    await reportFixes(deps, somebody(), shop.id, fixes());
    await allServed();
    proxy.set({ kind: 'pass' });
  });

  test('they come while Redis is away, and it comes back', async () => {
    proxy.set({ kind: 'refuse' });
    await reportFixes(deps, somebody(), shop.id, fixes());
    proxy.set({ kind: 'pass' });
    await allServed();
  });

  test('they come while Redis answers nothing, and it comes back', async () => {
    proxy.set({ kind: 'blackhole' });
    await reportFixes(deps, somebody(), shop.id, fixes());
    proxy.set({ kind: 'pass' });
    proxy.reset();
    await allServed();
  });
});

test('a shop that plans by nearest serves them as soon', async () => {
  await deps.db.run(`UPDATE dispatch.shop SET policy = 'nearest' WHERE id = $1`, [shop.id]);
  await ordersWait(atOnePlace);
  await reportFixes(deps, somebody(), shop.id, fixes());
  await allServed();
});
