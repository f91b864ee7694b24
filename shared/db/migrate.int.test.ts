import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import type { CommandResult } from '#shared/domain/command.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { emptyDatabase } from '#shared/testing/stores.ts';
import { applyMigrations, migrationsFolder } from './migrate.ts';
import { openDb } from './open-db.ts';
import { commitPincode } from './statements/set-pincode.ts';

/** What a service of the schema before this one had in its tables, as `pg_dump --data-only --inserts` writes it. */
const BEFORE = readFileSync(new URL('../testing/data-before-0006.sql', import.meta.url), 'utf8');

/** The migrations folder up to, and without, the one named. */
function migrationsBefore(tag: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'migrations-before-'));
  cpSync(migrationsFolder(), folder, { recursive: true });
  const journal = path.join(folder, 'meta', '_journal.json');
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8'));
  const first = entries.findIndex((entry: { tag: string }) => entry.tag === tag);
  writeFileSync(journal, JSON.stringify({ ...rest, entries: entries.slice(0, first) }));
  return folder;
}

/** A database as it was before the migration named, and its address. */
async function databaseBefore(tag: string, use: (sql: postgres.Sql, url: string) => Promise<void>): Promise<void> {
  const database = await emptyDatabase();
  const folder = migrationsBefore(tag);
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    const names = { migrationsSchema: 'dispatch', migrationsTable: 'migrations' };
    await migrate(drizzle(sql), { migrationsFolder: folder, ...names });
    await use(sql, database.url);
  } finally {
    await sql.end();
    rmSync(folder, { recursive: true, force: true });
    await database.drop();
  }
}

test('a database with deliveries on their way becomes one with routes, and nothing is lost', async () => {
  await databaseBefore('0006_planned_dispatch', async (sql, url) => {
    await sql.unsafe(BEFORE);
    const counts = () =>
      sql`SELECT (SELECT count(*) FROM dispatch.delivery)::int AS deliveries, (SELECT count(*) FROM dispatch.driver)::int AS drivers,
        (SELECT count(*) FROM dispatch.delivery_event)::int AS events, (SELECT count(*) FROM dispatch.outbox)::int AS outbox,
        (SELECT sum(load) FROM dispatch.driver)::int AS load`;
    const before = await counts();
    await applyMigrations(url);
    expect(await counts()).toEqual(before);
    const stops =
      await sql`SELECT order_ref, status, dispatch, pickup_rank, dropoff_rank, size, due_at = waiting_since AS due
      FROM dispatch.delivery ORDER BY order_ref`;
    expect(stops.map((row) => Object.values(row))).toEqual([
      ['A', 'PICKED_UP', 'settled', null, 2, 1, false],
      ['B', 'ASSIGNED', 'settled', 3, 4, 1, false],
      ['C', 'IN_TRANSIT', 'settled', null, 2, 1, false],
      ['D', 'PENDING', 'searching', null, null, 1, true],
      ['E', 'FAILED', 'settled', null, null, 1, false],
      ['F', 'DELIVERED', 'settled', null, null, 1, false],
      ['G', 'PENDING', 'exhausted', null, null, 1, true],
    ]);
    // Whoever is here goes on as before; the drivers' loads are what has stops.
    expect(await sql`SELECT policy FROM dispatch.shop`).toMatchObject([{ policy: 'nearest' }]);
    const [wrong] =
      await sql`SELECT count(*)::int AS n FROM dispatch.driver d WHERE load <> (SELECT coalesce(sum(size), 0)
      FROM dispatch.delivery x WHERE x.driver_id = d.id AND x.dropoff_rank IS NOT NULL)`;
    expect(wrong).toEqual({ n: 0 });
    // New shops plan.
    expect(await sql`INSERT INTO dispatch.shop (slug, name) VALUES ('new', 'New') RETURNING policy`).toMatchObject([
      { policy: 'planned' },
    ]);
  });
});

/** A step of a driver's, as the version before 0011 kept it: the delivery without what is null and what is fixed. */
const KEPT_BEFORE = `INSERT INTO dispatch.shop (id, slug, name) VALUES (dispatch.uuid_v7(), 'kept', 'Kept');
  INSERT INTO dispatch.driver (shop_id, name, duty, load) SELECT id, 'Kim', 'AVAILABLE', 1 FROM dispatch.shop;
  INSERT INTO dispatch.delivery (shop_id, order_ref, status, dispatch, version, driver_id, pickup, dropoff, picked_up_at, dropoff_rank)
    SELECT shop_id, 'O', 'IN_TRANSIT', 'settled', 4, id, '{"address":"A"}', '{}', now(), 2 FROM dispatch.driver;
  INSERT INTO dispatch.idempotency (scope, key, request_sha256, result) SELECT 'driver:' || driver_id, 'up', 'abc', json_build_object(
    'outcome', 'moved', 'previous', 'ASSIGNED', 'delivery', json_build_object('id', id, 'status', 'PICKED_UP', 'version', 3,
    'pinned', false, 'dropoff_rank', 2, 'picked_up_at', picked_up_at, 'updated_at', '2026-01-01T10:00:00+00:00')) FROM dispatch.delivery`;

test('a result that was kept before is given again, and nothing is done twice by two versions that run together', async () => {
  await databaseBefore('0011_duty_proofs_and_customers', async (sql, url) => {
    await sql.unsafe(KEPT_BEFORE);
    await applyMigrations(url);
    const [x] = await sql`SELECT id, shop_id, driver_id FROM dispatch.delivery`;
    const db = openDb({ url, pool: 1, prepare: false, sessionTimeouts: false });
    const which = { shop_id: x!.shop_id, delivery_id: x!.id, pincode: null };
    const by = (key: string) => ({
      actor: 'test',
      idempotency: { scope: `driver:${x!.driver_id}`, key, requestSha256: 'abc' },
    });
    // Whatever asks: the key says what is answered.
    const again: CommandResult<unknown> = await commitPincode(db, by('up'), which);
    expect(again).toMatchObject({ kind: 'replayed', result: { outcome: 'moved', previous: 'ASSIGNED' } });
    const { delivery } = (again as { result: { delivery: object } }).result;
    const shown = { id: x!.id, status: 'PICKED_UP', version: 3, order_ref: 'O', pickup: { address: 'A' }, attempt: 1 };
    expect(delivery).toMatchObject({ ...shown, driver_id: x!.driver_id, updated_at: '2026-01-01T10:00:00+00:00' });
    expect(await commitPincode(db, by('over'), which)).toMatchObject({ kind: 'done' });
    await db.close();
    const ofBefore = (key: string) =>
      sql`INSERT INTO dispatch.idempotency (scope, key, request_sha256, result) VALUES (${`driver:${x!.driver_id}`}, ${key}, 'abc', '{}')`;
    await expect(ofBefore('over')).rejects.toMatchObject({ code: '23505' });
    await ofBefore('new');
    expect(await sql`SELECT 1 FROM dispatch.idempotency`).toEqual([]);
    expect(await sql`SELECT 1 FROM dispatch.kept_result`).toHaveLength(3);
  });
});

test('beside a long transaction that reads a table, it lets others pass, and comes to its end when that is over', async () => {
  await databaseBefore('0011_duty_proofs_and_customers', async (sql, url) => {
    const [dump, reader] = [postgres(url, { max: 1 }), postgres(url, { max: 1 })];
    let migrating: Promise<void> | undefined;
    try {
      await dump.begin(async (long) => {
        await long`SELECT count(*) FROM dispatch.delivery`;
        migrating = applyMigrations(url, 50);
        migrating.catch(() => {});
        await eventually(async () => {
          const [{ n }] = (await sql`SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted`) as [{ n: number }];
          return n > 0;
        });
        await reader`SELECT count(*) FROM dispatch.delivery`;
        expect((await sql`SELECT to_regclass('dispatch.kept_result') AS is`)[0]!.is).toBeNull();
      });
      await migrating;
      expect((await sql`SELECT to_regclass('dispatch.kept_result') AS is`)[0]!.is).toBe('dispatch.kept_result');
    } finally {
      await Promise.all([dump.end(), reader.end()]);
    }
  });
});
