import { Redis } from 'ioredis';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { applyMigrations } from '#shared/db/migrate.ts';
import { testDatabase, testRedis } from './stores.ts';

test('each caller gets a database of its own, at the newest schema', async () => {
  const [mine, yours] = await Promise.all([testDatabase(), testDatabase()]);
  const [a, b] = [connect(mine.url), connect(yours.url)];
  await a`create table only_mine (id int)`;
  expect(await b`select to_regclass('only_mine') as found`).toEqual([{ found: null }]);
  expect((await a`select count(*)::int as n from dispatch.migrations`)[0]?.n).toBeGreaterThan(0);
  await yours.drop();
  await expect(connect(yours.url)`select 1`).rejects.toThrow('does not exist');
  await Promise.allSettled([a.end(), b.end()]);
  await mine.drop();
});

test('two deploys at once migrate once', async () => {
  const { url, drop } = await testDatabase();
  const sql = connect(url);
  await sql`drop schema dispatch cascade`;
  await Promise.all([applyMigrations(url), applyMigrations(url), applyMigrations(url)]);
  const repeated = await sql`select hash from dispatch.migrations group by hash having count(*) > 1`;
  expect(repeated).toEqual([]);
  await sql.end();
  await drop();
});

test('each caller gets a key prefix of its own on a Redis that answers', async () => {
  const [mine, yours] = [testRedis(), testRedis()];
  expect(mine.prefix).not.toBe(yours.prefix);
  const client = new Redis(mine.url);
  expect(await client.ping()).toBe('PONG');
  client.disconnect();
});

function connect(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {} });
}
