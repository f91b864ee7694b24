import type { Db } from '../open-db.ts';

/** A command may be repeated for two days; a shop's message comes again for a week and more. */
const KEEP = `CASE WHEN scope LIKE 'webhook:%' THEN interval '14 days' ELSE interval '2 days' END`;

/** Forgets results whose keys nobody repeats any more, 1,000 at a time. @returns how many */
export async function deleteOldKeys(db: Db): Promise<number> {
  const [row] = await db.run<{ n: number }>(
    `WITH old AS (SELECT scope, key FROM dispatch.idempotency WHERE created_at < now() - interval '2 days'
       AND created_at < now() - ${KEEP} ORDER BY created_at LIMIT 1000),
     gone AS (DELETE FROM dispatch.idempotency i USING old WHERE i.scope = old.scope AND i.key = old.key RETURNING 1)
     SELECT count(*)::int AS n FROM gone`,
  );
  return row?.n ?? 0;
}
