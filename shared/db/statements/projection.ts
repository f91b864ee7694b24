import type { ProjectedDriver } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import { PROJECTED } from './command.ts';
import { LOWEST_ID } from './ids.ts';
import { readAt } from './run-command.ts';

/** Drivers of one shop as the projection should show them. Ids not returned are unknown: the projection forgets them. */
export async function readProjected(
  db: Db,
  shopId: string,
  driverIds: readonly string[],
): Promise<readonly ProjectedDriver[]> {
  const askedAtMs = performance.now();
  const rows = await db.run<{ driver: ProjectedDriver }>(
    `SELECT ${PROJECTED} AS driver FROM dispatch.driver d LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id
     WHERE d.shop_id = $1 AND d.id = ANY($2::uuid[]) ORDER BY d.id`,
    [shopId, `{${driverIds.join(',')}}`],
  );
  return readAt(
    rows.map((row) => row.driver),
    askedAtMs,
  );
}

/** A page of a shop's drivers in order of id, for the repair scan. Retired ones are left out: nothing projects them. */
export async function scanProjected(
  db: Db,
  shopId: string,
  afterId: string | null,
  limit: number,
): Promise<readonly ProjectedDriver[]> {
  const askedAtMs = performance.now();
  const rows = await db.run<{ driver: ProjectedDriver }>(
    `SELECT ${PROJECTED} AS driver FROM dispatch.driver d LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id
     WHERE d.shop_id = $1 AND d.active AND d.id > coalesce($2::uuid, ${LOWEST_ID}) ORDER BY d.id LIMIT $3`,
    [shopId, afterId, limit],
  );
  return readAt(
    rows.map((row) => row.driver),
    askedAtMs,
  );
}

/** The oldest dirty marks with what is true of their drivers now. `unplanned`: no planner has been at work since. */
export async function readDirty(
  db: Db,
  limit: number,
): Promise<readonly { version: number; unplanned: boolean; driver: ProjectedDriver }[]> {
  const askedAtMs = performance.now();
  const rows = await db.run<{ version: number; unplanned: boolean; driver: ProjectedDriver }>(
    `SELECT m.version::float8 AS version, NOT EXISTS (SELECT 1 FROM dispatch.dispatch_lease s
       WHERE s.shop_id = m.shop_id AND s.until >= m.marked_at) AS unplanned, ${PROJECTED} AS driver FROM dispatch.projection_dirty m
     JOIN dispatch.driver d ON d.id = m.driver_id LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id
     ORDER BY m.marked_at, m.driver_id LIMIT $1`,
    [limit],
  );
  readAt(
    rows.map((row) => row.driver),
    askedAtMs,
  );
  return rows;
}

/**
 * Clears the marks that are not newer than what was projected. One that somebody has locked is being renewed, and is
 * left alone: to wait for several of them would be to wait in a circle with a statement that renews several.
 */
export async function clearDirty(db: Db, projected: readonly { id: string; version: number }[]): Promise<void> {
  if (projected.length === 0) return;
  await db.run(
    `WITH mine AS (SELECT m.driver_id FROM json_to_recordset($1::text::json) AS t(id uuid, version bigint)
       JOIN dispatch.projection_dirty m ON m.driver_id = t.id AND m.version <= t.version FOR UPDATE OF m SKIP LOCKED)
     DELETE FROM dispatch.projection_dirty m USING mine WHERE m.driver_id = mine.driver_id`,
    [JSON.stringify(projected.map(({ id, version }) => ({ id, version })))],
  );
}
