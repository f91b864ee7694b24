import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Db } from '#shared/db/open-db.ts';
import { readLocations } from '#shared/db/statements/locations.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { snapToGrid } from '#shared/domain/geo.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type ContactWriter, openContactWriter } from './contact-writer.ts';
import { relayCaller } from './deps.ts';
import { reportFixes } from './report-fixes.ts';

let deps: TestDeps;
let statements = 0;
let away = false;
let db: Db;
let writer: ContactWriter;
let shop: string;

beforeAll(async () => {
  deps = await openTestDeps();
  db = {
    run: async (text, parameters) => {
      statements += 1;
      if (away) throw new DependencyAway('postgres', new Error('away'));
      return deps.db.run(text, parameters);
    },
    close: async () => {},
  };
});
beforeEach(async () => {
  away = false;
  writer = openContactWriter(db, async () => {});
  shop = await buildShop(deps.db);
  statements = 0;
});
afterAll(() => deps.close());

const BEFORE = snapToGrid(HERE).lat;
const contact = (driver_id: string, metres: number, recorded_at_ms = 1_000) => {
  const { lat, lon } = north(metres);
  return { driver_id, lat, lon, recorded_at_ms };
};
const latsOf = async (ids: readonly string[]) => {
  const found = await readLocations(deps.db, shop, ids);
  return ids.map((id) => found.find((row) => row.driver_id === id)?.lat);
};
/** Drivers last heard from long ago, so that any contact is newer. */
const drivers = async (count: number) => {
  const ids = await buildDrivers(deps.db, shop, Array(count).fill(HERE));
  await deps.db.run("UPDATE dispatch.driver_location SET recorded_at = 'epoch' WHERE shop_id = $1", [shop]);
  return ids;
};

test('what many ask for at once is few statements, and each is told of his own drivers', async () => {
  const ids = await drivers(20);
  const asked = ids.map((id, i) => writer.write(shop, [contact(id, i)]));
  writer.writeSoon(shop, [contact(ids[0] as string, 0)]);
  const saved = await Promise.all(asked);
  expect(saved.map((rows) => rows.map((row) => row.driver.id))).toEqual(ids.map((id) => [id]));
  expect(await latsOf(ids)).toEqual(ids.map((_, i) => north(i).lat));
  expect(statements).toBeLessThanOrEqual(2);
});

test('shops do not meet; a driver of another shop is nobody', async () => {
  const [id = ''] = await drivers(1);
  const other = await buildShop(deps.db);
  const [mine, theirs] = await Promise.all([
    writer.write(shop, [contact(id, 1)]),
    writer.write(other, [contact(id, 2)]),
  ]);
  expect([mine.length, theirs.length]).toEqual([1, 0]);
  expect(await latsOf([id])).toEqual([north(1).lat]);
});

test('who waits hears of a failure; who does not is kept, the newest of each driver, until it can be written', async () => {
  const [a = '', b = ''] = await drivers(2);
  away = true;
  writer.writeSoon(shop, [contact(a, 1), contact(b, 5, 5_000)]);
  await expect(writer.write(shop, [contact(b, 1)])).rejects.toThrow(DependencyAway);
  writer.writeSoon(shop, [contact(a, 2, 2_000), { driver_id: b, lat: null, lon: null, recorded_at_ms: null }]);
  expect(await latsOf([a, b])).toEqual([BEFORE, BEFORE]);
  away = false;
  await writer.close();
  expect(await latsOf([a, b])).toEqual([north(2).lat, north(5).lat]);
});

test('more than one statement holds: all are written', async () => {
  const ids = await drivers(1_300);
  writer.writeSoon(
    shop,
    ids.map((id) => contact(id, 7)),
  );
  await writer.close();
  expect(new Set(await latsOf(ids))).toEqual(new Set([north(7).lat]));
  expect(statements).toBe(2);
});

test('a driver who comes back from silence is in Postgres before he is answered; one who goes on reporting soon after', async () => {
  const [back = '', on = ''] = await drivers(2);
  await deps.db.run(
    `UPDATE dispatch.driver_location SET seen_at = now() - CASE driver_id WHEN $1 THEN interval '5 min' ELSE interval '15 s' END
     WHERE shop_id = $2`,
    [back, shop],
  );
  await project(deps, shop, [back, on]);
  const report = (driverId: string) => ({ driverId, position: north(50), recordedAtMs: Date.now() });
  await reportFixes({ ...deps, contacts: writer }, relayCaller(), shop, [report(back)]);
  await reportFixes({ ...deps, contacts: writer }, relayCaller(), shop, [report(on)]);
  const [lat, later] = await latsOf([back, on]);
  expect(lat).toBeCloseTo(north(50).lat, 5);
  expect(later).toBe(BEFORE);
  await writer.close();
  expect((await latsOf([on]))[0]).toBeCloseTo(north(50).lat, 5);
});
