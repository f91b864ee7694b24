import type { Db } from '#shared/db/open-db.ts';
import { lookAgain } from './look-again.ts';

/** When Postgres had got newer positions of drivers, and from when these were, in the order of the looks. */
export interface Positions {
  seen: readonly { driverId: string; recordedMs: number; atMs: number }[];
  /** The last look. */
  untilMs: number;
}

const EVERY_MS = 500;

const TIMES = `SELECT driver_id AS "driverId", extract(epoch from recorded_at)::float8 * 1000 AS "recordedMs"
  FROM dispatch.driver_location WHERE shop_id = ANY ($1::uuid[]) AND recorded_at IS NOT NULL`;

/** Notes when Postgres has got newer positions, and from when these are, until `signal` aborts. */
export function watchPositions(db: Db, shopIds: readonly string[], signal: AbortSignal): () => Positions {
  const newest = new Map<string, number>();
  const seen: Positions['seen'][number][] = [];
  let untilMs = Date.now();
  const look = async () => {
    const atMs = Date.now();
    for (const row of await db.run<{ driverId: string; recordedMs: number }>(TIMES, [`{${shopIds.join(',')}}`])) {
      if (newest.get(row.driverId) === row.recordedMs) continue;
      newest.set(row.driverId, row.recordedMs);
      seen.push({ ...row, atMs });
    }
    untilMs = atMs;
  };
  void lookAgain(look, EVERY_MS, signal);
  return () => ({ seen, untilMs });
}
