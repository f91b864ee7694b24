import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveContacts } from '#shared/db/statements/locations.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { openTestDeps, project, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { reportFixes } from './report-fixes.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

const contact = (driver_id: string, position: { lat: number; lon: number } | null) => ({
  driver_id,
  lat: position?.lat ?? null,
  lon: position?.lon ?? null,
  recorded_at_ms: null,
  heard_at_ms: performance.now(),
});

/** An order for which the search was given up, far from everybody. */
async function exhausted(shopId: string): Promise<void> {
  await deps.db.run(
    `INSERT INTO dispatch.delivery (shop_id, version, order_ref, status, dispatch, pickup_lat, pickup_lon, dropoff_lat, dropoff_lon,
       pickup, dropoff, due_at)
     VALUES ($1, 1, 'far', 'PENDING', 'exhausted', 10, 10, 10, 10, '{}', '{}', now())`,
    [shopId],
  );
}

test('a batch in which a thousand silent drivers come back costs as many statements as one in which two do', async () => {
  const shopId = await buildShop(deps.db);
  const drivers = await buildDrivers(
    deps.db,
    shopId,
    Array.from({ length: 1_000 }, () => HERE),
  );
  await project(deps, shopId, drivers);
  const silence = () =>
    deps.db.run(`UPDATE dispatch.driver_location SET seen_at = now() - interval '5 min' WHERE shop_id = $1`, [shopId]);
  await exhausted(shopId);
  let marks = 0;
  const costOf = async (ids: readonly string[]) => {
    await silence();
    await deps.availability.forget(shopId, ids);
    let statements = 0;
    const db: TestDeps['db'] = {
      ...deps.db,
      run: (text, parameters) => {
        statements += 1;
        return deps.db.run(text, parameters);
      },
    };
    const dispatch: TestDeps['dispatch'] = {
      ...deps.dispatch,
      mark: async () => {
        marks += 1;
      },
    };
    const outcomes = await reportFixes(
      { ...deps, db, dispatch },
      somebody(),
      shopId,
      ids.map((driverId) => ({ driverId, position: HERE, recordedAtMs: Date.now() })),
    );
    expect(new Set(outcomes)).toEqual(new Set(['accepted']));
    return statements;
  };
  const ofTwo = await costOf(drivers.slice(0, 2));
  expect(await costOf(drivers)).toBe(ofTwo);
  expect(marks).toBe(2);
});

test('while an order is given up, only a contact that could end it makes a plan', async () => {
  const shopId = await buildShop(deps.db);
  const [back, offDuty, nowhere] = await buildDrivers(deps.db, shopId, [HERE, HERE, HERE]);
  await exhausted(shopId);
  await deps.db.run(`UPDATE dispatch.driver SET duty = 'OFFLINE' WHERE id = $1`, [offDuty]);
  await deps.db.run('DELETE FROM dispatch.driver_location WHERE shop_id = $1', [shopId]);
  const wanted = async (id: string, position: typeof HERE | null) =>
    (await saveContacts(deps.db, shopId, [contact(id, position)]))[0]?.wanted_again;
  expect(await wanted(nowhere!, null)).toBe(false);
  expect(await wanted(offDuty!, HERE)).toBe(false);
  expect(await wanted(back!, HERE)).toBe(true);
  expect(await wanted(back!, HERE)).toBe(false);
});
