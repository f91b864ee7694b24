import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** Any fixed number: the process that holds this advisory lock migrates, all others wait. */
const MIGRATION_LOCK = 7_307_001;

/**
 * Brings the database at `url` to the newest schema; does nothing if it is there already.
 * Two deploys at once take turns: the second waits, then finds nothing to do.
 */
export async function applyMigrations(url: string): Promise<void> {
  // One connection that is never recycled: the lock and the timeout belong to its session.
  const sql = postgres(url, { max: 1, max_lifetime: null, onnotice: () => {} });
  try {
    await sql`SET statement_timeout = 0`;
    await sql`SELECT pg_advisory_lock(${MIGRATION_LOCK}::bigint)`;
    await migrate(drizzle(sql), {
      migrationsFolder: migrationsFolder(),
      migrationsSchema: 'dispatch',
      migrationsTable: 'migrations',
    });
  } finally {
    // Ends the session, and with it the lock.
    await sql.end();
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
