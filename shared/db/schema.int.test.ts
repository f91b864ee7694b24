import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { DRIVER_STATUSES, statusOf } from '#shared/domain/driver.ts';
import { describeSchema } from '#shared/testing/describe-schema.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { migrationsFolder } from './migrate.ts';
import { type Db, openDb } from './open-db.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await testDatabase();
  db = openDb({ url: database.url, pool: 2, prepare: false, sessionTimeouts: true });
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

test('the migrations make the schema that schema.golden.sql shows (UPDATE_GOLDEN=1 writes it anew)', async () => {
  const golden = path.join(migrationsFolder(), '..', 'schema.golden.sql');
  const described = await describeSchema(db);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, described);
  expect(described).toBe(existsSync(golden) ? readFileSync(golden, 'utf8') : '');
});

test('schema.ts holds nothing that the migrations do not have yet', async () => {
  const out = mkdtempSync(path.join(tmpdir(), 'dispatch-migrations-'));
  try {
    cpSync(migrationsFolder(), out, { recursive: true });
    const known = readdirSync(out);
    const program = path.join(path.dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs');
    const schema = path.join('shared', 'db', 'schema.ts');
    const target = path.relative(projectRoot(), out);
    const args = [program, 'generate', '--dialect=postgresql', `--schema=${schema}`, `--out=${target}`];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: projectRoot() });
    expect(readdirSync(out)).toEqual(known);
    expect(stdout).toContain('No schema changes');
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});

test('the generated column driver.status says what statusOf says, for every duty, load and capacity', async () => {
  const capacities = [1, 2, 3, 100];
  const cases = DRIVER_STATUSES.flatMap((duty) =>
    capacities.flatMap((capacity) => [0, 1, capacity - 1, capacity].map((load) => ({ duty, load, capacity }))),
  ).filter(({ load, capacity }) => load <= capacity);
  const rows = await db.run<{ duty: (typeof DRIVER_STATUSES)[number]; load: number; capacity: number; status: string }>(
    `WITH s AS (INSERT INTO dispatch.shop (slug, name) VALUES ('schema', 'Schema') RETURNING id)
     INSERT INTO dispatch.driver (shop_id, name, duty, load, capacity)
     SELECT s.id, 'Driver', t.* FROM s, json_to_recordset($1::text::json) AS t(duty text, load smallint, capacity smallint)
     RETURNING duty, load, capacity, status`,
    [JSON.stringify(cases)],
  );
  expect(rows).toHaveLength(cases.length);
  for (const { duty, load, capacity, status } of rows) {
    expect(status, `${duty} with ${load} of ${capacity}`).toBe(statusOf(duty, load, capacity));
  }
});
