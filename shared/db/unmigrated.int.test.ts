import { expect, test } from 'vitest';
import { DependencyAway, SchemaMissing } from '#shared/domain/away.ts';
import { checkHealth } from '#shared/flows/check-health.ts';
import { PROBLEMS, toProblem } from '#shared/http/problem.ts';
import { emptyDatabase } from '#shared/testing/stores.ts';
import { openDb } from './open-db.ts';

test('a database that nobody has migrated is said as such, and not to be away', async () => {
  const { url, drop } = await emptyDatabase();
  const db = openDb({ url, pool: 1, prepare: false, sessionTimeouts: true });
  try {
    for (const text of ['SELECT 1 FROM dispatch.shop', 'SELECT dispatch.uuid_v7()', 'SELECT nothing FROM pg_class']) {
      const error = await db.run(text).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SchemaMissing);
      expect(error).toBeInstanceOf(DependencyAway);
      const { type, detail, headers } = toProblem(error);
      expect(PROBLEMS[type].status).toBe(503);
      expect(detail).toContain('npm run migrate');
      expect(headers['retry-after']).toBe('10');
    }
    expect(await checkHealth({ db, availability: null })).toMatchObject({
      status: 'down',
      checks: { postgres: { status: 'down', why: 'unmigrated' } },
    });
  } finally {
    await db.close();
    await drop();
  }
});
