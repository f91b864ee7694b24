import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ShopRow } from '#shared/db/schema.ts';
import type { Position } from '#shared/domain/geo.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { driverState, openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { findDrivers } from '../dispatch/find-drivers.ts';
import { openDispatch } from '../dispatch/open-dispatch.ts';
import { createDelivery } from './create-delivery.ts';
import { changeDelivery, readDelivery } from './deliveries.ts';
import { changeDriver, retireDriver, setDuty } from './drivers.ts';
import { moveDelivery, unassignDelivery } from './move-delivery.ts';
import { reportFixes } from './report-fixes.ts';

let deps: TestDeps;
let shop: ShopRow;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = await shopOf(deps, await buildShop(deps.db));
  await deps.availability.markWarm(shop.id);
});

const at = (pickup: Position, sellerOrderId?: string) => ({ sellerOrderId, pickup, dropoff: north(500, pickup) });

async function create(pickup: Position = HERE, sellerOrderId?: string) {
  const ran = await createDelivery(deps, somebody(), shop, at(pickup, sellerOrderId));
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result.delivery;
}

async function drivers(positions: readonly Position[], options?: Parameters<typeof buildDrivers>[3]) {
  const ids = await buildDrivers(deps.db, shop.id, positions, options);
  await project(deps, shop.id, ids);
  return ids;
}

const nearestIds = async (limit = 100) =>
  (await findDrivers(deps, somebody(), shop.id, { center: HERE, radiusM: 20_000, limit })).map(
    (found) => found.driverId,
  );

describe('an order', () => {
  test('goes to the nearest, who is not found afterwards', async () => {
    const [far, near] = await drivers([north(900), north(100)]);
    expect(await create()).toMatchObject({ status: 'ASSIGNED', driver_id: near });
    expect(await nearestIds()).toEqual([far]);
  });

  test('50 at one pickup for 50 drivers, all at once, each by itself: 50 different drivers', async () => {
    await drivers(Array.from({ length: 50 }, (_, n) => north(n)));
    const deliveries = await Promise.all(Array.from({ length: 50 }, () => create()));
    // On a slow machine some have lost to others until their time was up; the relay would look for them again.
    for (const { id, driver_id } of deliveries) {
      if (driver_id !== null) continue;
      expect(await deps.dispatch.assignBest(somebody(), shop, id)).toMatchObject({ result: { outcome: 'assigned' } });
    }
    const held = await deps.db.run<{ driver_id: string | null }>(
      'SELECT driver_id FROM dispatch.delivery WHERE shop_id = $1 AND driver_id IS NOT NULL',
      [shop.id],
    );
    expect(new Set(held.map((delivery) => delivery.driver_id)).size).toBe(50);
    expect(await nearestIds()).toEqual([]);
  });

  test('20 copies at once: one delivery, one driver', async () => {
    const ids = await drivers(Array.from({ length: 20 }, (_, n) => north(n)));
    const copies = await Promise.all(Array.from({ length: 20 }, () => create(HERE, 'COPY')));
    expect(new Set(copies.map((delivery) => delivery.id)).size).toBe(1);
    const loads = await Promise.all(ids.map(async (id) => (await driverState(deps.db, id)).load));
    expect(loads.reduce((sum, load) => sum + load)).toBe(1);
  });

  test('without anybody near waits; without coordinates waits for them and is dispatched when they come', async () => {
    const [driver] = await drivers([north(100)]);
    const ran = await createDelivery(deps, somebody(), shop, { pickup: HERE, dropoff: { address: 'somewhere' } });
    if (ran.kind !== 'done') throw new Error(ran.kind);
    expect(ran.result.delivery).toMatchObject({ status: 'PENDING', dispatch: 'needs_location' });
    const which = { shopId: shop.id, deliveryId: ran.result.delivery.id, orderRef: null };
    await changeDelivery(deps, somebody(), which, { dropoff: north(200) });
    const read = await readDelivery(deps, shop.id, ran.result.delivery.id, null);
    expect(read?.delivery).toMatchObject({ status: 'ASSIGNED', driver_id: driver });
    expect(await create()).toMatchObject({ status: 'PENDING', dispatch: 'searching' });
  });

  test('is given again under its key, byte for byte, also when it was assigned', async () => {
    await drivers([HERE, north(10)]);
    const caller = somebody('K');
    const first = await createDelivery(deps, caller, shop, at(HERE));
    const again = await createDelivery(deps, caller, shop, at(HERE));
    expect(again.kind).toBe('replayed');
    expect(JSON.stringify('result' in again && again.result)).toBe(JSON.stringify('result' in first && first.result));
  });

  test('stale candidates cost a lost update, never a double booking', async () => {
    const ids = await drivers([north(1), north(2), north(3)]);
    // Redis goes on proposing them: Postgres alone knows that two are taken.
    await deps.db.run(`UPDATE dispatch.driver SET duty = 'BUSY', version = version + 1 WHERE id = ANY($1::uuid[])`, [
      `{${ids.slice(0, 2)}}`,
    ]);
    expect(await create()).toMatchObject({ driver_id: ids[2] });
  });
});

describe('a driver who becomes free', () => {
  test('gets the longest-waiting delivery near them at once', async () => {
    const [driver] = await drivers([north(100)]);
    const first = await create();
    const waiting = [await create(), await create()];
    const by = { shopId: shop.id, driverId: driver! };
    await moveDelivery(deps, somebody(), by, first.id, { status: 'PICKED_UP' });
    await moveDelivery(deps, somebody(), by, first.id, { status: 'DELIVERED' });
    const [oldest, younger] = await Promise.all(waiting.map((each) => readDelivery(deps, shop.id, each.id, null)));
    expect(oldest?.delivery).toMatchObject({ status: 'ASSIGNED', driver_id: driver });
    expect(younger?.delivery).toMatchObject({ status: 'PENDING' });
    expect(await nearestIds()).toEqual([]);
  });

  test('by coming on duty, by a greater capacity, by their first fix after silence', async () => {
    const waiting = [await create(), await create(), await create()];
    const [driver] = await drivers([north(100)], { duty: 'OFFLINE' });
    const which = { shopId: shop.id, driverId: driver! };
    await setDuty(deps, somebody(), which, { status: 'AVAILABLE' }, true);
    await changeDriver(deps, somebody(), which, { capacity: 2 });
    await changeDriver(deps, somebody(), which, { capacity: 3 });
    const read = await Promise.all(waiting.map((each) => readDelivery(deps, shop.id, each.id, null)));
    expect(read.map((each) => each?.delivery.status)).toEqual(['ASSIGNED', 'ASSIGNED', 'ASSIGNED']);

    const late = await create();
    const [back] = await drivers([north(200)], { silentForS: 80 });
    await reportFixes(deps, somebody(), shop.id, [{ driverId: back!, position: north(200), recordedAtMs: Date.now() }]);
    expect((await readDelivery(deps, shop.id, late.id, null))?.delivery).toMatchObject({ driver_id: back });
  });

  test('is not given again what they have rejected', async () => {
    const [driver] = await drivers([north(100)]);
    const delivery = await create();
    const which = { shop_id: shop.id, delivery_id: delivery.id, order_ref: null, driver_id: driver! };
    await unassignDelivery(deps, somebody(), which, { reason: 'DRIVER_REJECTED', note: null, keepDriver: false });
    expect((await deps.dispatch.assignBest(somebody(), shop, delivery.id)) as object).toMatchObject({
      result: { outcome: 'lost' },
    });
    expect(await nearestIds()).toEqual([driver]);
  });
});

describe('what a ping never does', () => {
  test.each(['BUSY', 'OFFLINE'] as const)('make a driver who is %s available', async (duty) => {
    const [driver] = await drivers([HERE], { duty });
    for (let n = 0; n < 5; n += 1) {
      await reportFixes(deps, somebody(), shop.id, [
        { driverId: driver!, position: north(n), recordedAtMs: Date.now() + n },
      ]);
    }
    expect(await nearestIds()).toEqual([]);
    expect(await create()).toMatchObject({ status: 'PENDING' });
    expect(await driverState(deps.db, driver!)).toMatchObject({ status: duty, version: 1 });
  });

  test('bring back one who was retired, or one of another shop', async () => {
    const [driver] = await drivers([HERE]);
    await retireDriver(deps, somebody(), { shopId: shop.id, driverId: driver! });
    const report = { driverId: driver!, position: HERE, recordedAtMs: Date.now() };
    await reportFixes(deps, somebody(), shop.id, [report]);
    expect(await nearestIds()).toEqual([]);
    const other = await buildShop(deps.db);
    const [theirs] = await buildDrivers(deps.db, other, [HERE]);
    expect(await reportFixes(deps, somebody(), shop.id, [{ ...report, driverId: theirs! }])).toEqual(['unknown']);
    expect(await nearestIds()).toEqual([]);
  });
});

describe('without Redis', () => {
  const withoutRedis = () => {
    const alone = { ...deps, availability: null };
    return { ...alone, dispatch: openDispatch(alone, 'per request') };
  };

  test('the same drivers in the same order', async () => {
    const places = Array.from({ length: 40 }, (_, n) => ({
      lat: HERE.lat + Math.sin(n) / 50,
      lon: HERE.lon + Math.cos(n * 3) / 50,
    }));
    const ids = await drivers([...places, HERE, HERE, HERE]);
    await setDuty(deps, somebody(), { shopId: shop.id, driverId: ids[3]! }, { status: 'BUSY' }, false);
    await drivers([north(5)], { silentForS: 70 });
    const search = { center: HERE, radiusM: 2_000, limit: 20 };
    const fast = await findDrivers(deps, somebody(), shop.id, search);
    const slow = await findDrivers(withoutRedis(), somebody(), shop.id, search);
    expect(fast.length).toBeGreaterThan(10);
    expect(slow).toEqual(fast);
  });

  test.each([
    ['across the antimeridian', { lat: 0, lon: 179.999 }, { lat: 0, lon: -179.999 }],
    ['near the pole', { lat: 85.05, lon: 0 }, { lat: 85.05, lon: 0.05 }],
  ])('%s', async (_, center, there) => {
    const ids = await drivers([there]);
    const search = { center, radiusM: 1_000, limit: 5 };
    const fast = await findDrivers(deps, somebody(), shop.id, search);
    expect(fast.map((found) => found.driverId)).toEqual(ids);
    const slow = await findDrivers(withoutRedis(), somebody(), shop.id, search);
    expect(slow.map((found) => found.driverId)).toEqual(ids);
  });

  test('orders are assigned and fixes are found all the same', async () => {
    const [driver] = await buildDrivers(deps.db, shop.id, [north(9_000)]);
    const alone = withoutRedis();
    await reportFixes(alone, somebody(), shop.id, [
      { driverId: driver!, position: north(50), recordedAtMs: Date.now() },
    ]);
    const ran = await createDelivery(alone, somebody(), shop, at(HERE));
    expect(ran).toMatchObject({ result: { delivery: { driver_id: driver } } });
  });

  test('a shop that Redis does not know is answered from Postgres, and says so', async () => {
    const cold = await shopOf(deps, await buildShop(deps.db));
    const [driver] = await buildDrivers(deps.db, cold.id, [HERE]);
    const caller = somebody();
    const found = await findDrivers(deps, caller, cold.id, { center: HERE, radiusM: 100, limit: 1 });
    expect(found.map((each) => each.driverId)).toEqual([driver]);
    expect([...caller.degraded]).toEqual(['redis']);
  });
});
