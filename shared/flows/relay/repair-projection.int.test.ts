import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ShopRow } from '#shared/db/schema.ts';
import { findDrivers } from '#shared/dispatch/find-drivers.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { drainDirty } from './drain-dirty.ts';
import { openRepair, rebuildColdShops, repairProjection } from './repair-projection.ts';

let deps: TestDeps;
let shop: ShopRow;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

describe('the projection', () => {
  beforeEach(async () => {
    shop = await shopOf(deps, await buildShop(deps.db, null));
  });
  const found = async () =>
    (await findDrivers(deps, somebody(), shop.id, { center: HERE, radiusM: 1_000, limit: 50 })).map(
      (each) => each.driverId,
    );
  const inRedis = async () => {
    const answer = await deps.availability.search(shop.id, { center: HERE, radiusM: 1_000, limit: 50 });
    return answer === 'COLD' ? answer : answer.map((each) => each.driverId);
  };

  test('what was committed but not projected is shown by its dirty mark', async () => {
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    // The worker dies between its commit and its projection.
    await setDuty(
      { ...deps, availability: null },
      somebody(),
      { shopId: shop.id, driverId: driver! },
      { status: 'BUSY' },
      false,
    );
    expect(await inRedis()).toEqual([driver]);
    await drainDirty(deps);
    expect(await inRedis()).toEqual([]);
    expect(await deps.db.run('SELECT 1 FROM dispatch.projection_dirty WHERE driver_id = $1', [driver])).toEqual([]);
  });

  test('a late, older projection changes nothing', async () => {
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    const late = {
      driverId: driver!,
      version: 1,
      status: 'AVAILABLE' as const,
      position: HERE,
      idleSinceMs: 0,
      seenAgeMs: 0,
    };
    await setDuty(deps, somebody(), { shopId: shop.id, driverId: driver! }, { status: 'BUSY' }, false);
    expect(await deps.availability.project(shop.id, [late])).toEqual(['STALE']);
    expect(await inRedis()).toEqual([]);
  });

  test('an empty Redis is cold, answered from Postgres, rebuilt, and then warm', async () => {
    const drivers = await buildDrivers(deps.db, shop.id, [HERE, north(10)]);
    expect(await inRedis()).toBe('COLD');
    expect(await found()).toEqual(drivers);
    const repair = await repairProjection(deps);
    expect(repair.rebuilt).toBeGreaterThanOrEqual(1);
    expect(await inRedis()).toEqual(drivers);
  });

  test('a shop that only Redis forgot is rebuilt without asking about the others', async () => {
    const drivers = await buildDrivers(deps.db, shop.id, [HERE]);
    const warm = await shopOf(deps, await buildShop(deps.db));
    const [unseen] = await buildDrivers(deps.db, warm.id, [HERE]);
    await deps.availability.markWarm(warm.id);
    expect(await rebuildColdShops(deps)).toBeGreaterThanOrEqual(1);
    expect(await inRedis()).toEqual(drivers);
    expect(await deps.availability.statuses(warm.id, [unseen!])).toEqual([null]);
    expect(await rebuildColdShops(deps)).toBe(0);
  });

  test('differences in both directions are mended and counted', async () => {
    const [gone, behind, ahead] = await buildDrivers(deps.db, shop.id, [HERE, north(10), north(20)]);
    await project(deps, shop.id, [gone!, behind!, ahead!]);
    await repairProjection(deps);
    await deps.availability.forget(shop.id, [gone!]);
    await deps.db.run(`UPDATE dispatch.driver SET duty = 'BUSY', version = version + 1 WHERE id = $1`, [behind]);
    await deps.availability.project(shop.id, [
      { driverId: ahead!, version: 99, status: 'BUSY', position: null, idleSinceMs: 0, seenAgeMs: 0 },
    ]);
    const stranger = '00000000-0000-7000-8000-000000000001';
    await deps.availability.project(shop.id, [
      { driverId: stranger, version: 1, status: 'AVAILABLE', position: HERE, idleSinceMs: 0, seenAgeMs: 0 },
    ]);
    expect(await repairProjection(deps)).toMatchObject({ mended: 3, forgotten: 1 });
    expect(await inRedis()).toEqual([gone, ahead]);
    expect(await repairProjection(deps)).toMatchObject({ mended: 0, forgotten: 0, rebuilt: 0 });
  });

  test('a Redis back from an old snapshot is told who was heard from since', async () => {
    const [driver = ''] = await buildDrivers(deps.db, shop.id, [HERE]);
    const of = { driverId: driver, version: 1, status: 'AVAILABLE' as const, position: HERE, idleSinceMs: 0 };
    await deps.availability.project(shop.id, [{ ...of, seenAgeMs: 58_000 }]);
    await deps.availability.markWarm(shop.id);
    expect(await inRedis()).toEqual([driver]);
    await deps.db.run('UPDATE dispatch.driver_location SET seen_at = now() WHERE driver_id = $1', [driver]);
    expect((await repairProjection(deps)).mended).toBeGreaterThanOrEqual(1);
    const [shown] = await deps.availability.statuses(shop.id, [driver]);
    expect(shown?.heardAgeMs).toBeLessThan(5_000);
    expect(await repairProjection(deps)).toMatchObject({ mended: 0 });
  });

  test('in steps: each looks at so many drivers, goes on where the one before it ended, and all of them are reached', async () => {
    const drivers = await buildDrivers(
      deps.db,
      shop.id,
      Array.from({ length: 1_200 }, () => HERE),
    );
    await repairProjection(deps);
    await deps.availability.forget(shop.id, drivers);
    const scans: number[] = [];
    const db: TestDeps['db'] = {
      ...deps.db,
      run: async <Row>(text: string, parameters?: readonly unknown[]) => {
        const rows = await deps.db.run<Row>(text, parameters);
        if (parameters?.[0] === shop.id && parameters.length === 3) scans.push(rows.length);
        return rows;
      },
    };
    const step = openRepair({ ...deps, db }, 500);
    let mended = 0;
    for (let n = 0; n < 50 && mended < 1_200; n += 1) {
      const before = scans.length;
      mended += (await step()).mended;
      expect(scans.length - before).toBeLessThanOrEqual(1);
    }
    expect([mended, scans.filter((rows) => rows > 0)]).toEqual([1_200, [500, 500, 200]]);
  });
});
