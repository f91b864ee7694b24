import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '#infra/workshop/embedded/postgres.ts';
import { startRedis } from '#infra/workshop/embedded/redis.ts';
import { applyMigrations } from '#shared/db/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where databases are made from the template. */
    postgresUrl: string;
    /** The migrated database to clone; also the beginning of every clone's name. */
    templateDatabase: string;
    redisUrl: string;
    /** The beginning of every Redis key of this run. */
    redisPrefix: string;
  }
}

type Store = { url: string; stop(): Promise<void> };

/** One throw-away PostgreSQL and Redis for the whole run, or those named by TEST_DATABASE_URL and TEST_REDIS_URL. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = `test_${randomBytes(4).toString('hex')}`;
  const [database, redis] = await allOrNone([openPostgres(run), openRedis(`${run}:`)]);
  project.provide('postgresUrl', database.url);
  project.provide('templateDatabase', run);
  project.provide('redisUrl', redis.url);
  project.provide('redisPrefix', `${run}:`);
  return async () => {
    await Promise.all([database.stop(), redis.stop()]);
  };
}

/** Waits for both; if one fails, the other is stopped before the failure is reported. */
async function allOrNone(starting: [Promise<Store>, Promise<Store>]): Promise<[Store, Store]> {
  const outcomes = await Promise.allSettled(starting);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failed) return Promise.all(starting);
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.stop();
  throw failed.reason;
}

async function openPostgres(template: string): Promise<Store> {
  const given = process.env.TEST_DATABASE_URL;
  const server = given
    ? { url: given, stop: () => dropDatabases(given, template) }
    : await startPostgres({ durable: false });
  try {
    await makeTemplate(server.url, template);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function makeTemplate(url: string, template: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`CREATE DATABASE ${sql(template)}`;
    const templateUrl = new URL(url);
    templateUrl.pathname = template;
    await applyMigrations(templateUrl.href);
    // A template somebody is connected to cannot be cloned.
    await sql`ALTER DATABASE ${sql(template)} ALLOW_CONNECTIONS false`;
  } finally {
    await sql.end();
  }
}

/** On a server that is not ours: drops the template and whatever clones a crashed test left. */
async function dropDatabases(url: string, prefix: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const rows = await sql<
    { name: string }[]
  >`SELECT datname AS name FROM pg_database WHERE starts_with(datname, ${prefix})`;
  for (const { name } of rows) await sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`;
  await sql.end();
}

async function openRedis(prefix: string): Promise<Store> {
  const given = process.env.TEST_REDIS_URL;
  if (given) return { url: given, stop: () => deleteKeys(given, prefix) };
  const store = await startRedis({ durable: false });
  if (store) return store;
  throw new Error('The tests need Redis 7 or Valkey: install redis-server, or set TEST_REDIS_URL.');
}

async function deleteKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url);
  const pages = client.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<string[]>;
  for await (const keys of pages) if (keys.length > 0) await client.unlink(keys);
  client.disconnect();
}
