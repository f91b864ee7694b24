import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { readLocations } from '#shared/db/statements/locations.ts';
import { distanceM } from '#shared/domain/geo.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { drainDirty } from './relay/drain-dirty.ts';
import { reportFixes } from './report-fixes.ts';

let deps: TestDeps;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

test('without Redis, a phone whose clock went back stands where it is once its last fix is half a minute old', async () => {
  const shopId = await buildShop(deps.db);
  const [driverId] = await buildDrivers(deps.db, shopId, [north(900)], { silentForS: 3_600 });
  await deps.db.run("UPDATE dispatch.driver_location SET recorded_at = now() - interval '50 s' WHERE driver_id = $1", [
    driverId!,
  ]);
  const lacksMs = 5 * 3_600_000;
  const report = (metres: number, agoMs: number) => {
    const times = { recordedAtMs: Date.now() - agoMs - lacksMs, heardAtMs: performance.now() - agoMs };
    const fix = { driverId: driverId!, position: north(metres), ...times };
    return reportFixes({ ...deps, availability: null }, somebody(), shopId, [fix]);
  };
  const placeM = async () => {
    const [row] = await readLocations(deps.db, shopId, [driverId!]);
    return Math.round(distanceM(HERE, { lat: row!.lat!, lon: row!.lon! }));
  };
  await report(100, 45_000);
  expect(await placeM()).toBe(900);
  await report(300, 1_000);
  expect(await placeM()).toBe(300);
  await report(400, 0);
  expect(await placeM()).toBe(300);
});

test('a driver heard by a process that is cut from Redis is found there by all others', async () => {
  const shopId = await buildShop(deps.db);
  const [fixing = '', pinging = '', away = ''] = await buildDrivers(deps.db, shopId, [HERE, HERE, HERE], {
    silentForS: 3_600,
  });
  await project(deps, shopId, [fixing, pinging, away]);
  const found = async () => {
    const all = await deps.availability.search(shopId, { center: HERE, radiusM: 1_000, limit: 10 });
    return all === 'COLD' ? all : all.map(({ driverId }) => driverId).sort();
  };
  expect(await found()).toEqual([]);
  // Nobody listens there.
  const cut = openAvailability({ url: 'redis://127.0.0.1:1', commandTimeoutMs: 50 });
  const reports = [
    { driverId: fixing, position: north(100), recordedAtMs: null },
    { driverId: pinging, position: null, recordedAtMs: null },
  ];
  expect(await reportFixes({ ...deps, availability: cut }, somebody(), shopId, reports)).toEqual([
    'accepted',
    'accepted',
  ]);
  await cut.close();
  await drainDirty(deps);
  expect(await found()).toEqual([fixing, pinging].sort());
});
