import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** Any fixed number: the process that holds this advisory lock migrates, all others wait. */
const MIGRATION_LOCK = 7_307_001;
const TRIES = 60;
/** SQLSTATE lock_not_available. */
const LOCK_TIMEOUT = '55P03';

/**
 * Brings the database at `url` to the newest schema; does nothing if it is there already.
 * Two deploys at once take turns: the second waits, then finds nothing to do.
 *
 * Where somebody reads a table in a long transaction (a dump), its change has to wait, and all who come after it wait
 * behind it, as if it had the table already: it gives up soon, lets them pass, and tries again.
 * @param lockTimeoutMs for how long others may have to wait behind it
 * @throws Error where the table has not been free for so many tries; nothing is changed then
 */
export async function applyMigrations(url: string, lockTimeoutMs = 1_000): Promise<void> {
  // One connection that is never recycled: the lock and the timeout belong to its session.
  const sql = postgres(url, { max: 1, max_lifetime: null, onnotice: () => {} });
  try {
    await sql`SET statement_timeout = 0`;
    await sql`SELECT pg_advisory_lock(${MIGRATION_LOCK}::bigint)`;
    await sql.unsafe(`SET lock_timeout = ${lockTimeoutMs}`);
    for (let tries = 1; !(await isApplied(sql)); tries += 1) {
      if (tries === TRIES)
        throw new Error('Somebody has held a table for too long (see pg_stat_activity): run it again');
      await sleep(lockTimeoutMs);
    }
  } finally {
    // Ends the session, and with it the lock.
    await sql.end();
  }
}

/** All migrations that are missing, in one transaction. @returns false: a table could not be had in time, and nothing is changed */
async function isApplied(sql: postgres.Sql): Promise<boolean> {
  const names = { migrationsSchema: 'dispatch', migrationsTable: 'migrations' };
  try {
    await migrate(drizzle(sql), { migrationsFolder: migrationsFolder(), ...names });
    return true;
  } catch (error) {
    const { cause = error } = error as { cause?: unknown };
    if ((cause as { code?: unknown }).code === LOCK_TIMEOUT) return false;
    throw error;
  }
}

/** The folder of *.sql files: beside this source file, or below the project that the bundle in dist/ belongs to. */
export function migrationsFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  for (let at = here; ; at = path.dirname(at)) {
    const folder = path.join(at, 'shared', 'db', 'migrations');
    if (fs.existsSync(path.join(folder, 'meta', '_journal.json'))) return folder;
    if (at === path.dirname(at)) throw new Error(`No shared/db/migrations/meta/_journal.json above ${here}`);
  }
}
