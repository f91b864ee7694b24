import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Db } from '#shared/db/open-db.ts';
import { readLocations } from '#shared/db/statements/locations.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, type TestDeps } from '#shared/testing/flow-deps.ts';
import { relayCaller } from '../deps.ts';
import { reportFixes } from '../report-fixes.ts';
import { saveHeard, saveHeardOf } from './save-heard.ts';

let deps: TestDeps;
let shop: string;
let driver: string;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = await buildShop(deps.db);
  [driver = ''] = await buildDrivers(deps.db, shop, [HERE], { silentForS: 20 });
  await deps.db.run('UPDATE dispatch.driver_location SET recorded_at = seen_at WHERE driver_id = $1', [driver]);
  await project(deps, shop, [driver]);
  // Somebody tells Postgres: a report waits for Redis alone.
  await deps.availability.saved(shop, [], true);
});

const report = (metres: number | null, agoMs = 0) =>
  reportFixes(deps, relayCaller(), shop, [
    {
      driverId: driver,
      position: metres === null ? null : north(metres),
      recordedAtMs: null,
      heardAtMs: performance.now() - agoMs,
    },
  ]);
/** What Postgres has: metres from here, and seconds since the last contact. */
const stored = async () => {
  const [row] = await readLocations(deps.db, shop, [driver]);
  const metres = Math.round(((row?.lat ?? 0) - HERE.lat) * 111_226);
  return { metres, seenS: Math.round((Date.now() - Date.parse(row?.seen_at ?? '')) / 1000) };
};
const away: Db = {
  run: async () => {
    throw new DependencyAway('postgres', new Error('away'));
  },
  close: async () => {},
};

test('the last fix before silence reaches Postgres, whatever becomes of the server that took it', async () => {
  await report(100);
  await report(200);
  expect((await stored()).metres).toBe(0);
  expect(await saveHeardOf(deps, shop, true)).toBe(1);
  expect(await stored()).toEqual({ metres: 200, seenS: 0 });
  expect(await saveHeardOf(deps, shop, true)).toBe(0);
});

test('seven fixes among heartbeats: Postgres has the last one, and the last contact', async () => {
  for (let n = 1; n <= 7; n += 1) {
    await report(null);
    await report(n * 100);
  }
  await report(null);
  await saveHeardOf(deps, shop, true);
  expect(await stored()).toEqual({ metres: 700, seenS: 0 });
});

test('what was heard while Postgres was away is told when it is back, as old as it is', async () => {
  await report(300, 12_000);
  await expect(saveHeardOf({ ...deps, db: away }, shop, true)).rejects.toThrow(DependencyAway);
  await saveHeardOf(deps, shop, true);
  expect(await stored()).toEqual({ metres: 300, seenS: 12 });
});

test('a driver who reports all the time is written once in a while, and at once when somebody asks', async () => {
  await report(100);
  expect(await saveHeardOf(deps, shop)).toBe(0);
  expect(await saveHeardOf(deps, shop, true)).toBe(1);
  await report(200);
  expect(await saveHeardOf(deps, shop)).toBe(0);
});

test('all shops are looked after; one in which nothing was heard costs a question', async () => {
  const others = await Promise.all(Array.from({ length: 3 }, () => buildShop(deps.db)));
  for (const other of others) {
    const [id = ''] = await buildDrivers(deps.db, other, [HERE]);
    await project(deps, other, [id]);
    await deps.availability.heartbeat(other, [{ driverId: id }]);
  }
  expect(await saveHeard(deps)).toBe(3);
  expect(await saveHeard(deps)).toBe(0);
});

test('of several relays at once one tells, and what it told is told', async () => {
  const other = await buildShop(deps.db);
  const [id = ''] = await buildDrivers(deps.db, other, [HERE]);
  await project(deps, other, [id]);
  await deps.availability.heartbeat(other, [{ driverId: id }]);
  const counts = await Promise.all([1, 2, 3].map(() => saveHeardOf(deps, other)));
  expect(counts.sort()).toEqual([0, 0, 1]);
});

test('a fix that comes while another is told is told next', async () => {
  await report(100);
  const during: Db = {
    ...deps.db,
    run: async (text, parameters) => {
      const rows = await deps.db.run(text, parameters);
      await report(200);
      return rows as never;
    },
  };
  await saveHeardOf({ ...deps, db: during }, shop, true);
  expect((await stored()).metres).toBe(100);
  await saveHeardOf(deps, shop, true);
  expect((await stored()).metres).toBe(200);
});

test('a driver retired meanwhile stays as they are', async () => {
  await report(400);
  await deps.db.run("UPDATE dispatch.driver SET active = false, duty = 'OFFLINE' WHERE id = $1", [driver]);
  await saveHeardOf(deps, shop, true);
  expect((await stored()).metres).toBe(0);
  expect(await saveHeardOf(deps, shop, true)).toBe(0);
});
