import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import type {} from './global-setup.ts';

export type TestDatabase = { url: string; drop(): Promise<void> };

/** A migrated, empty database of one's own, cloned from the run's template; `drop` also cuts open connections. */
export function testDatabase(): Promise<TestDatabase> {
  return makeDatabase(inject('templateDatabase'));
}

/** One without our tables. */
export function emptyDatabase(): Promise<TestDatabase> {
  return makeDatabase('template0');
}

async function makeDatabase(template: string): Promise<TestDatabase> {
  const name = `${inject('templateDatabase')}_${unique()}`;
  await administer((sql) => sql`CREATE DATABASE ${sql(name)} TEMPLATE ${sql(template)}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = name;
  const drop = () => administer((sql) => sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`);
  return { url: url.href, drop };
}

/** The run's Redis and a key prefix nobody else uses. */
export function testRedis(): { url: string; prefix: string } {
  return { url: inject('redisUrl'), prefix: `${inject('redisPrefix')}${unique()}:` };
}

function unique(): string {
  return randomBytes(6).toString('hex');
}

async function administer(command: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(inject('postgresUrl'), { max: 1, onnotice: () => {} });
  try {
    await command(sql);
  } finally {
    await sql.end();
  }
}
