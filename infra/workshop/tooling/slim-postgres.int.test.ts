import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import type { Db, openDb } from '#shared/db/open-db.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';

// What the bundles hold of the Postgres client does all that we ask of the whole.
const folder = mkdtempSync(path.join(os.tmpdir(), 'slim-postgres-'));
let database: TestDatabase;
let opened: Db[];

beforeAll(async () => {
  const { slimPostgres } = await import(new URL('./slim-postgres.mjs', import.meta.url).href);
  const outfile = path.join(folder, 'open-db.mjs');
  await build({
    entryPoints: [path.join(projectRoot(), 'shared/db/open-db.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    plugins: [slimPostgres],
  });
  const bundled: { openDb: typeof openDb } = await import(outfile);
  database = await testDatabase();
  const { url } = database;
  opened = [true, false].map((prepare) => bundled.openDb({ url, pool: 2, prepare, sessionTimeouts: true }));
});
afterAll(async () => {
  await Promise.all(opened.map((db) => db.close()));
  await database.drop();
  rmSync(folder, { recursive: true });
});

const VALUES = `SELECT $1::text AS "text", $2::int AS "int", $3::float8 AS "float", $4::bool AS "bool", $5::jsonb AS "json",
  $6::timestamptz AS "time", $7::bytea AS "bytes", $8::uuid AS "id", $9::text AS "none", to_json($10::text[]) AS "list"`;

test('every kind of value goes in and comes out, prepared and not, the first time and again', async () => {
  const time = new Date('2026-01-02T03:04:05.678Z');
  const id = '0199a2f0-0000-7000-8000-000000000001';
  const given = ['ä"\\', 7, 0.1, true, { a: [1, null] }, time, Buffer.from([0, 255]), id, null, '{a,"b c"}'];
  const [text, int, float, bool, json, , bytes] = given;
  const told = { text, int, float, bool, json, time, bytes, id, none: null, list: ['a', 'b c'] };
  for (const db of [...opened, ...opened]) expect([...(await db.run(VALUES, given))]).toEqual([told]);
});

test('a mistake in a statement is told by its code, and the connection goes on', async () => {
  for (const db of opened) {
    await expect(db.run('SELECT $1::int / 0', [1])).rejects.toMatchObject({ name: 'PostgresError', code: '22012' });
    await expect(db.run('SELEC 1')).rejects.toMatchObject({ name: 'PostgresError', code: '42601' });
    expect([...(await db.run('SELECT 1 AS "one"'))]).toEqual([{ one: 1 }]);
  }
});

test('a notice and a notification in passing disturb nobody', async () => {
  for (const db of opened) {
    await db.run(`DO $$ BEGIN RAISE NOTICE 'by the way'; END $$`);
    await db.run('LISTEN passing');
    await db.run(`NOTIFY passing, 'by'`);
    expect([...(await db.run('SELECT $1::int AS "one"', [1]))]).toEqual([{ one: 1 }]);
  }
});

test('many at once, more than there are connections', async () => {
  for (const db of opened) {
    // On a busy machine some wait for longer than anybody is let wait; these ask again.
    const ask = async (n: number): Promise<readonly { n: number }[]> => {
      try {
        return await db.run<{ n: number }>('SELECT $1::int AS "n"', [n]);
      } catch (error) {
        if ((error as Error).name !== 'DependencyAway') throw error;
        return ask(n);
      }
    };
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)));
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  }
});
