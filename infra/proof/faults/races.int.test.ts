import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { RouteChange } from '#shared/contract/routes.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { assignDelivery } from '#shared/db/statements/assign-delivery.ts';
import { commitPlan } from '#shared/db/statements/commit-plan.ts';
import { findDrivers } from '#shared/dispatch/find-drivers.ts';
import { openDispatch } from '#shared/dispatch/open-dispatch.ts';
import { planShop } from '#shared/dispatch/plan-shop.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import { drainDirty } from '#shared/flows/relay/drain-dirty.ts';
import { reportFixes } from '#shared/flows/report-fixes.ts';
import { arrangeRoute, readRoute } from '#shared/flows/routes.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { openRandom } from './random.ts';

/*
 * Crowds, as many as a test has time for; `npm run faults` sends larger ones through the real servers. With connections
 * to spare: who waits for one too long is refused, which is not what is asked here. Plans are made beside the requests
 * that cause them, as in a server.
 */

const AT_ONCE = 16;
let deps: TestDeps;
let shop: ShopRow;
const random = openRandom(1);

beforeAll(async () => {
  const opened = await openTestDeps(AT_ONCE * 3);
  deps = { ...opened, dispatch: openDispatch(opened, 'on') };
});
afterAll(async () => {
  await deps.dispatch.close();
  await deps.close();
});
beforeEach(async () => {
  shop = await shopOf(deps, await buildShop(deps.db, null));
  await deps.availability.markWarm(shop.id);
});

/** Runs `step` for each item, `AT_ONCE` of them under way at any time. */
async function crowd<Item, Result>(items: readonly Item[], step: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...items];
  const next = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) results.push(await step(item));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return results;
}
const BY_HAND = { overrides: [], pinned: false, by_hand: true };
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

async function driversAt(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const some = await buildDrivers(deps.db, shop.id, Array(Math.min(1_000, count - ids.length)).fill(HERE));
    await project(deps, shop.id, some);
    ids.push(...some);
  }
  return ids;
}
async function create() {
  const ran = await createDelivery(deps, somebody(), shop, { pickup: HERE, dropoff: north(500) });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result.delivery;
}
async function loads(): Promise<{ total: number; most: number; active: number }> {
  const [row] = await deps.db.run<{ total: number; most: number; active: number }>(
    `SELECT sum(d.load)::int AS total, max(d.load)::int AS most,
      (SELECT count(*)::int FROM dispatch.delivery x WHERE x.shop_id = $1 AND x.driver_id IS NOT NULL) AS active
     FROM dispatch.driver d WHERE d.shop_id = $1`,
    [shop.id],
  );
  return row!;
}

test('10,000 drivers at one point: each order gets one of them at once, and each another', async () => {
  await driversAt(10_000);
  const deliveries = await crowd(numbers(60), create);
  expect(new Set(deliveries.map((delivery) => delivery.driver_id)).size).toBe(60);
  expect(deliveries.map((delivery) => delivery.status)).toEqual(Array(60).fill('ASSIGNED'));
  expect(await loads()).toEqual({ total: 60, most: 1, active: 60 });
}, 30_000);

test('as many orders as drivers at one point: all are assigned, each to another', async () => {
  await driversAt(150);
  const deliveries = await crowd(numbers(150), create);
  expect(new Set(deliveries.map((delivery) => delivery.driver_id)).size).toBe(150);
  expect(await loads()).toEqual({ total: 150, most: 1, active: 150 });
});

test('one driver, and every waiting order wants them: one gets them', async () => {
  const waiting = await crowd(numbers(60), create);
  expect(waiting.every((delivery) => delivery.status === 'PENDING')).toBe(true);
  await driversAt(1);
  const outcomes = await crowd(waiting, async ({ id }) => {
    const ran = await deps.dispatch.assignBest(somebody(), shop, id);
    return ran.kind === 'done' && ran.result.outcome;
  });
  // A plan beside the requests may have given the driver away before the first of them asked.
  expect(outcomes.filter((outcome) => outcome === 'assigned').length).toBeLessThanOrEqual(1);
  expect(await loads()).toEqual({ total: 1, most: 1, active: 1 });
});

test('one order, and everybody assigns it: one driver gets it', async () => {
  const { id } = await create();
  await driversAt(40);
  const outcomes = await crowd(numbers(100), async () => {
    const ran = await deps.dispatch.assignBest(somebody(), shop, id);
    return ran.kind === 'done' && ran.result.outcome;
  });
  expect(outcomes.filter((outcome) => outcome === 'assigned')).toHaveLength(1);
  expect(await loads()).toEqual({ total: 1, most: 1, active: 1 });
});

test('an order that is given away while a plan reads: the plan is made without it', async () => {
  const { id } = await create();
  await deps.dispatch.plan(shop.id);
  const [driver = ''] = await driversAt(1);
  const asked: string[] = [];
  const db: typeof deps.db = {
    ...deps.db,
    run: async <Row>(text: string, parameters?: readonly unknown[]) => {
      const rows = await deps.db.run<Row>(text, parameters);
      if (/INSERT INTO dispatch\.dispatch_lease/.test(text) && asked.push(text) === 1)
        await assignDelivery(deps.db, somebody(), { shop_id: shop.id, delivery_id: id, driver_id: driver, ...BY_HAND });
      return rows;
    },
  };
  const report = vi.fn();
  const memory = { holder: 'a planner', previous: new Map(), report };
  expect(await planShop({ ...deps, db }, memory, shop.id)).toBe('planned');
  expect(report).not.toHaveBeenCalled();
  expect(asked).toHaveLength(1);
  expect(await loads()).toEqual({ total: 1, most: 1, active: 1 });
});

test('two drivers with room for one swap their orders in one plan', async () => {
  const drivers = await driversAt(2);
  const held = await crowd([0, 1], create);
  const rows = drivers.map((driver) => ({ driver, version: 2, grp: 0, fixed_rank: 0, changes: true, route: [] }));
  const nowhere = {
    version: null,
    pickup_rank: null,
    dropoff_rank: null,
    pickup_at: null,
    dropoff_at: null,
    data: null,
  };
  const parts = held.flatMap(({ id: delivery, driver_id, version }) => [
    { ...nowhere, driver: driver_id!, delivery, role: 'taken' as const },
    {
      ...nowhere,
      driver: drivers.find((each) => each !== driver_id)!,
      delivery,
      role: 'new' as const,
      version,
      pickup_rank: 1,
      dropoff_rank: 2,
    },
  ]);
  const plan = { shop_id: shop.id, rows, parts, holds: [], decisions: [], eta_change_s: 300 };
  const ran = await commitPlan(deps.db, somebody(), plan);
  expect(ran).toMatchObject({ result: { rows: [{ won: true }, { won: true }] } });
  expect(await loads()).toEqual({ total: 2, most: 1, active: 2 });
});

test('what comes after the stops that a person has put in order is not fixed by that', async () => {
  const [driver = ''] = await buildDrivers(deps.db, shop.id, [HERE], { capacity: 3 });
  await project(deps, shop.id, [driver]);
  const pinned = async () =>
    (await readRoute(deps, shop.id, driver))!.stops.map((stop) => `${stop.kind} ${stop.pinned}`);
  const { id } = await create();
  const { version, stops } = (await readRoute(deps, shop.id, driver))!;
  const order = { version, stops: stops.map(({ deliveryId, kind }) => ({ deliveryId, kind })) } as RouteChange;
  await arrangeRoute(deps, somebody(), { shopId: shop.id, driverId: driver, isDriver: false }, order, Date.now());
  expect(await pinned()).toEqual(['pickup true', 'dropoff true']);
  const by = { shopId: shop.id, driverId: null };
  await moveDelivery(deps, somebody(), by, id, { status: 'PICKED_UP' });
  await moveDelivery(deps, somebody(), by, id, { status: 'DELIVERED' });
  expect(await create()).toMatchObject({ driver_id: driver });
  expect(await pinned()).toEqual(['pickup false', 'dropoff false']);
});

test('drivers who flap while orders come: nobody is overbooked, and in the end the search finds those who are free', async () => {
  const drivers = await driversAt(30);
  const flaps = random.shuffled(
    drivers.flatMap((driverId) =>
      numbers(8).map((n) => ({ driverId, duty: n % 2 ? 'AVAILABLE' : 'OFFLINE' }) as const),
    ),
  );
  const orders = crowd(
    numbers(30).map(() => 'order'),
    create,
  );
  await crowd(flaps, ({ driverId, duty }) =>
    setDuty(deps, somebody(), { shopId: shop.id, driverId }, { status: duty }, true),
  );
  await orders;
  do await deps.dispatch.plan(shop.id);
  while ((await drainDirty(deps)) > 0);
  const { total, most, active } = await loads();
  expect([most, total]).toEqual([Math.min(1, total), active]);
  const rows = await deps.db.run<{ id: string }>(
    `SELECT id FROM dispatch.driver WHERE shop_id = $1 AND status = 'AVAILABLE' ORDER BY id`,
    [shop.id],
  );
  const found = await findDrivers(deps, somebody(), shop.id, { center: HERE, radiusM: 100, limit: 100 });
  expect(found.map((each) => each.driverId)).toEqual(rows.map((row) => row.id));
});

test('fixes out of order, all at once: the newest of each driver is where they are', async () => {
  const drivers = await driversAt(40);
  const nowMs = Date.now();
  const fixes = random.shuffled(
    drivers.flatMap((driverId) =>
      numbers(8).map((n) => ({ driverId, position: north(100 * (n + 1)), recordedAtMs: nowMs - 60_000 + n * 1_000 })),
    ),
  );
  const outcomes = (await crowd(fixes, (fix) => reportFixes(deps, somebody(), shop.id, [fix]))).flat();
  expect(outcomes).toContain('outdated');
  const last = await deps.availability.lastPositions(shop.id, drivers);
  expect(last.map((each) => each?.recordedAtMs)).toEqual(drivers.map(() => nowMs - 60_000 + 7_000));
  const found = await findDrivers(deps, somebody(), shop.id, { center: north(800), radiusM: 5, limit: 100 });
  expect(found.map((each) => each.driverId)).toEqual([...drivers].sort());
});
