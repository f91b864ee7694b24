import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';

/* The built program, as a process in a folder of its own. */

let database: TestDatabase;
let folder: string;
const BUNDLE = path.join(projectRoot(), 'dist/infra/migrate.mjs');
const TOKEN_SECRET = 'a token secret for the tests, 32+';

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'migrate-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

/** @param dotEnv what stands in the folder's .env */
async function migrate(dotEnv: Record<string, string>): Promise<{ code: number; said: string }> {
  const lines = Object.entries(dotEnv).map(([name, value]) => `${name}="${value}"`);
  await writeFile(path.join(folder, '.env'), lines.join('\n'));
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  return new Promise((resolve) => {
    execFile(process.execPath, [BUNDLE], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr });
    });
  });
}

test('what stands in .env is read', async () => {
  const { code, said } = await migrate({ DATABASE_URL: database.url, TOKEN_SECRET });
  expect([code, said]).toEqual([0, expect.stringContaining('The database is up to date')]);
});

test.each([
  ['no such database', (url: URL) => Object.assign(url, { pathname: '/nowhere' }), /there is no such database/],
  ['nobody listens', (url: URL) => Object.assign(url, { port: '1' }), /no PostgreSQL listens there/],
])('%s: one sentence, and what to check', async (_, change, sentence) => {
  const url = change(new URL(database.url)).href;
  const { code, said } = await migrate({ DATABASE_URL: url, TOKEN_SECRET });
  expect(code).toBe(1);
  expect(said).toMatch(sentence);
  expect(said.trim().split('\n')).toHaveLength(1);
});

test('a parameter that nobody knows is named', async () => {
  const { code, said } = await migrate({ DATABASE_URL: `${database.url}?sslcert=x`, TOKEN_SECRET });
  expect([code, said]).toEqual([1, expect.stringContaining('take out the parameter sslcert')]);
});
