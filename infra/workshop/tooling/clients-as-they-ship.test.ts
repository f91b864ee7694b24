import { Redis } from 'ioredis';
import postgres from 'postgres';
import { expect, test } from 'vitest';

/* Holds `shipped-clients.mjs` to what it says, since all tests pass with the whole clients too. */

test('the clients of this run are those of the bundles', async () => {
  const redis = new Redis({ lazyConnect: true });
  expect([typeof redis.mget, typeof (redis as { xadd?: unknown }).xadd]).toEqual(['function', 'undefined']);
  const sql = postgres('postgres://nobody@127.0.0.1:1/none');
  expect(() => sql.largeObject()).toThrow('large object is left out of this bundle');
  redis.disconnect();
  await sql.end();
});
