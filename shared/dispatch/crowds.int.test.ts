import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { ShopRow } from '#shared/db/schema.ts';
import { createDelivery } from '#shared/db/statements/create-delivery.ts';
import { readWaiting } from '#shared/db/statements/read-snapshot.ts';
import type { Position } from '#shared/domain/geo.ts';
import { buildDrivers, buildShop, HERE, newOrder, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { planShop } from './plan-shop.ts';
import { readSnapshot } from './snapshot.ts';

let deps: TestDeps;
let shop: ShopRow;

beforeAll(async () => {
  deps = await openTestDeps(10);
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = await shopOf(deps, await buildShop(deps.db));
});
afterEach(() => vi.restoreAllMocks());

async function drivers(positions: readonly Position[]): Promise<readonly string[]> {
  const ids = await buildDrivers(deps.db, shop.id, positions, { capacity: 4 });
  await project(deps, shop.id, ids);
  return ids;
}
/** Stored without a word to the engine. */
async function orders(pickups: readonly Position[], candidates: readonly string[] = []): Promise<void> {
  for (const [n, { lat, lon }] of pickups.entries()) {
    const given = candidates[n] === undefined ? [] : [candidates[n]];
    await createDelivery(
      deps.db,
      somebody(),
      newOrder(shop.id, null, given, { pickup_lat: lat, pickup_lon: lon, retry_in_ms: 0 }),
    );
  }
}
const line = (count: number, fromM: number) => Array.from({ length: count }, (_, n) => north(fromM + 10 * n));

test('idle drivers are seen behind those who are nearer and have something in hand, but room', async () => {
  const nearer = await drivers(line(12, 0));
  await orders(line(12, 0), nearer);
  await project(deps, shop.id, nearer);
  const idle = await drivers(line(3, 3_000));
  await orders(line(25, 0));
  const { waiting, now_ms: nowMs } = await readWaiting(deps.db, shop.id, null);
  expect(waiting).toHaveLength(25);
  const snapshot = await readSnapshot(deps, somebody(), shop, { waiting, nowMs });
  const seen = snapshot.drivers.map(({ id }) => id);
  expect(seen.sort()).toEqual([...nearer, ...idle].sort());
  expect(snapshot.drivers.every(({ lat }) => lat !== null && lat >= HERE.lat)).toBe(true);
});

test('a plan for which there was no time to search is made again at once, from where it stood', async () => {
  await drivers([HERE]);
  await orders([HERE, north(500)]);
  // A clock that jumps past the deadline each time it is looked at, until a plan is made.
  let now = performance.now();
  let plans = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += plans === 0 ? 100 : 0;
    return now;
  });
  const meter = {
    count: () => {},
    observe: (name: string) => {
      if (name === 'dispatch_plan_seconds') plans += 1;
    },
  };
  const memory = { holder: 'test', previous: new Map(), report: () => {} };
  expect(await planShop({ ...deps, meter }, memory, shop.id)).toBe('planned');
  expect(plans).toBe(2);
  expect(await planShop({ ...deps, meter }, memory, shop.id, true)).toBe('planned');
  expect(plans).toBe(3);
});

test('after a plan of a crowd the shop rests for as long as it took; after one of a few it does not', async () => {
  const memory = { holder: 'test', previous: new Map(), report: () => {} };
  await orders(Array(99).fill(HERE));
  expect(await planShop(deps, memory, shop.id)).toBe('planned');
  expect(await planShop(deps, memory, shop.id)).toBe('planned');
  await orders([HERE]);
  expect(await planShop(deps, memory, shop.id)).toBe('planned');
  const rests = `SELECT rests_until - until AS rest FROM dispatch.dispatch_lease WHERE shop_id = $1 AND rests_until > until`;
  expect(await deps.db.run(rests, [shop.id])).toHaveLength(1);
});
