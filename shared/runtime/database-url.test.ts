import { expect, test } from 'vitest';
import { readDatabaseUrl } from './database-url.ts';

const AT = 'postgres://u:p%40ss@db.example:5432/shop';

test.each([
  ['as it is', AT, AT],
  ['Neon', `${AT}?sslmode=require&channel_binding=require`, `${AT}?sslmode=require`],
  ['Supabase by its pool', `${AT}?pgbouncer=true&connection_limit=1`, AT],
  ['Prisma', `${AT}?schema=public&connect_timeout=15&pool_timeout=20`, AT],
  ['verified', `${AT}?sslmode=verify-full&sslrootcert=system`, `${AT}?sslmode=verify-full&sslrootcert=system`],
  ['several hosts', 'postgres://u:p@a:5432,b:5433/d?target_session_attrs=primary', undefined],
  ['a setting of the server', `${AT}?options=-c+search_path%3Dx`, undefined],
])('%s', (_, given, url = given) => {
  expect(readDatabaseUrl(given)).toMatchObject({ url, faults: [] });
});

test('a pool that shares connections knows no prepared statements', () => {
  expect(readDatabaseUrl(`${AT}?pgbouncer=true`).throughPool).toBe(true);
  expect(readDatabaseUrl(AT).throughPool).toBe(false);
});

test.each([
  ['sslrootcert=%2Fca.pem', /sslrootcert in NODE_EXTRA_CA_CERTS/],
  ['sslcert=%2Fc.pem', /take out the parameter sslcert/],
  ['statement_timeuot=1', /take out the parameter statement_timeuot/],
])('%s is named, with what to do', (query, fault) => {
  expect(readDatabaseUrl(`${AT}?${query}`).faults).toEqual([expect.stringMatching(fault)]);
});
