import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { emptyDatabase } from '#shared/testing/stores.ts';
import { applyMigrations, migrationsFolder } from './migrate.ts';

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

test('a database with deliveries on their way becomes one with routes, and nothing is lost', async () => {
  const database = await emptyDatabase();
  const folder = migrationsBefore('0006_planned_dispatch');
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    await migrate(drizzle(sql), {
      migrationsFolder: folder,
      migrationsSchema: 'dispatch',
      migrationsTable: 'migrations',
    });
    await sql.unsafe(BEFORE);
    const counts = () =>
      sql`SELECT (SELECT count(*) FROM dispatch.delivery)::int AS deliveries, (SELECT count(*) FROM dispatch.driver)::int AS drivers,
        (SELECT count(*) FROM dispatch.delivery_event)::int AS events, (SELECT count(*) FROM dispatch.outbox)::int AS outbox,
        (SELECT sum(load) FROM dispatch.driver)::int AS load`;
    const before = await counts();
    await applyMigrations(database.url);
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
  } finally {
    await sql.end();
    rmSync(folder, { recursive: true, force: true });
    await database.drop();
  }
});
