import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Db } from '#shared/db/open-db.ts';
import { readLocations, saveContacts } from '#shared/db/statements/locations.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { snapToGrid } from '#shared/domain/geo.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, type TestDeps } from '#shared/testing/flow-deps.ts';
import type { ContactWriter } from '../flows/deps.ts';
import { relayCaller } from '../flows/deps.ts';
import { reportFixes } from '../flows/report-fixes.ts';
import { openContactWriter } from './contact-writer.ts';

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
  writer = openContactWriter(db);
  shop = await buildShop(deps.db);
  statements = 0;
});
afterAll(() => deps.close());

const BEFORE = snapToGrid(HERE).lat;
const contact = (driver_id: string, metres: number, recorded_at_ms = 1_000) => {
  const { lat, lon } = north(metres);
  return { driver_id, lat, lon, recorded_at_ms, heard_at_ms: performance.now() };
};
/** Since the last contact, in tens of seconds. */
const agesOf = async (ids: readonly string[]) => {
  const found = await readLocations(deps.db, shop, ids);
  return ids.map((id) =>
    Math.round((Date.now() - Date.parse(found.find((row) => row.driver_id === id)?.seen_at ?? '')) / 10_000),
  );
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

test('what many ask for at once is few statements, and each is told of their own drivers', async () => {
  const ids = await drivers(20);
  const asked = ids.map((id, i) => writer.write(shop, [contact(id, i)]));
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

test('who waits hears of a failure, and for a while whoever can do without Postgres need not try', async () => {
  const [a = '', b = ''] = await drivers(2);
  away = true;
  const asked = [writer.write(shop, [contact(a, 1)]), writer.write(shop, [contact(b, 1)])];
  for (const call of asked) await expect(call).rejects.toThrow(DependencyAway);
  expect(writer.isWorthTrying()).toBe(false);
  away = false;
  await writer.write(shop, [contact(a, 2)]);
  expect(writer.isWorthTrying()).toBe(true);
  expect(await latsOf([a, b])).toEqual([north(2).lat, BEFORE]);
});

test('more than one statement holds: all are written', async () => {
  const ids = await drivers(1_300);
  const halves = [ids.slice(0, 650), ids.slice(650)];
  await Promise.all(
    halves.map((half) =>
      writer.write(
        shop,
        half.map((id) => contact(id, 7)),
      ),
    ),
  );
  expect(new Set(await latsOf(ids))).toEqual(new Set([north(7).lat]));
  expect(statements).toBe(2);
});

test('a contact counts from its receipt, however late it is written, and makes nobody older', async () => {
  const [back = '', on = '', never = ''] = await drivers(3);
  await deps.db.run('DELETE FROM dispatch.driver_location WHERE driver_id = $1', [never]);
  await deps.db.run("UPDATE dispatch.driver_location SET seen_at = now() - interval '5 min' WHERE driver_id = $1", [
    back,
  ]);
  const late = (id: string) => ({ ...contact(id, 1), heard_at_ms: performance.now() - 70_000 });
  // The first statement knows only how long it waited; the next one also what Postgres' clock showed.
  await writer.write(shop, [late(back), late(on), late(never)]);
  expect(await agesOf([back, on, never])).toEqual([7, 0, 7]);
  await writer.write(shop, [{ ...contact(back, 1), heard_at_ms: performance.now() - 20_000 }]);
  expect(await agesOf([back])).toEqual([2]);
});

test('a statement that lay in the network for a minute is bounded by the time that Postgres showed before', async () => {
  const [id = ''] = await drivers(1);
  await deps.db.run('DELETE FROM dispatch.driver_location WHERE driver_id = $1', [id]);
  const lay = JSON.stringify([{ driver_id: id, age_ms: 0, clock_ms: Date.now() - 60_000 }]);
  let text = '';
  const listening: Db = {
    ...db,
    run: async (asked, parameters) => {
      text = asked;
      return db.run(asked, parameters);
    },
  };
  await saveContacts(listening, shop, []);
  await deps.db.run(text, [shop, lay]);
  expect(await agesOf([id])).toEqual([6]);
});

test('of two fixes without a time the one received later is the newer, whichever is written last', async () => {
  const [id = ''] = await drivers(1);
  const untimed = (metres: number, agoMs: number) => ({
    ...contact(id, metres),
    recorded_at_ms: null,
    heard_at_ms: performance.now() - agoMs,
  });
  await writer.write(shop, [untimed(20, 0)]);
  await writer.write(shop, [untimed(900, 30_000)]);
  expect(await latsOf([id])).toEqual([north(20).lat]);
});

test('a driver who comes back from silence is in Postgres before they are answered; one who goes on reporting is not waited for', async () => {
  const [back = '', on = ''] = await drivers(2);
  await deps.db.run(
    `UPDATE dispatch.driver_location SET seen_at = now() - CASE driver_id WHEN $1 THEN interval '5 min' ELSE interval '15 s' END
     WHERE shop_id = $2`,
    [back, shop],
  );
  await project(deps, shop, [back, on]);
  await deps.availability.saved(shop, [], true);
  const report = (driverId: string) => ({ driverId, position: north(50), recordedAtMs: Date.now() });
  await reportFixes({ ...deps, contacts: writer }, relayCaller(), shop, [report(back)]);
  await reportFixes({ ...deps, contacts: writer }, relayCaller(), shop, [report(on)]);
  const [lat, later] = await latsOf([back, on]);
  expect(lat).toBeCloseTo(north(50).lat, 5);
  expect(later).toBe(BEFORE);
});

test('a Postgres that swallows statements keeps nobody waiting whom Redis knows', async () => {
  const [known = ''] = await drivers(1);
  await project(deps, shop, [known]);
  const swallowing: Db = { ...db, run: () => new Promise(() => {}) };
  const without = { ...deps, db: swallowing, contacts: openContactWriter(swallowing) };
  const startedAtMs = performance.now();
  const report = { driverId: known, position: north(50), recordedAtMs: null };
  expect(await reportFixes(without, relayCaller(), shop, [report])).toEqual(['accepted']);
  expect(performance.now() - startedAtMs).toBeLessThan(2_500);
});

test('while Postgres is away, whom Redis knows is taken, and nobody else', async () => {
  const [known = '', stranger = ''] = await drivers(2);
  await project(deps, shop, [known]);
  away = true;
  const without = { ...deps, db, contacts: writer };
  const report = (driverId: string) => ({ driverId, position: north(50), recordedAtMs: null });
  expect(await reportFixes(without, relayCaller(), shop, [report(known)])).toEqual(['accepted']);
  expect(await reportFixes(without, relayCaller(), shop, [{ ...report(known), position: null }])).toEqual(['accepted']);
  await expect(reportFixes(without, relayCaller(), shop, [report(stranger)])).rejects.toThrow(DependencyAway);
  expect(await deps.availability.unsaved(shop, '0', true)).toMatchObject({ heard: [{ driverId: known }] });
});
