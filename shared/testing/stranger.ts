import postgres from 'postgres';
import type { Db } from '#shared/db/open-db.ts';
import { eventually } from './eventually.ts';

/** Runs `meanwhile` while a stranger's open transaction has done `before`; then rolls that back. */
export async function whileStranger(
  url: string,
  before: string,
  parameters: readonly string[],
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const stranger = postgres(url, { max: 1 });
  const rolledBack = new Error('rolled back');
  try {
    await stranger
      .begin(async (sql) => {
        await sql.unsafe(before, [...parameters]);
        await meanwhile();
        throw rolledBack;
      })
      .catch((error: unknown) => {
        if (error !== rolledBack) throw error;
      });
  } finally {
    await stranger.end();
  }
}

/** How many statements of this database wait for a lock. */
export async function lockWaiters(db: Db): Promise<number> {
  const [row] = await db.run<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row?.n ?? 0;
}

/** Waits until so many do. */
export async function waitingForLocks(db: Db, count: number): Promise<void> {
  await eventually(async () => (await lockWaiters(db)) === count);
}
