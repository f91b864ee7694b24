import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryEventRow, DriverEventRow } from '../schema.ts';
import { after, command, driverWith } from './command.ts';
import { runCommand } from './run-command.ts';

/* Everything that is kept of one driver: shown to them, or taken away. */

export type EraseResult = { outcome: 'erased' } | { outcome: 'busy'; load: number } | { outcome: 'not_found' };

const NOBODY = `'{"name":"erased","phone":null,"vehicle":null,"external_ref":null}'::jsonb`;

const ERASE_DRIVER = command('shop_id uuid, driver_id uuid', {
  steps: `found AS MATERIALIZED (SELECT f.n, w AS r FROM fresh f JOIN dispatch.driver w
    ON w.id = f.driver_id AND w.shop_id = f.shop_id FOR NO KEY UPDATE OF w),
free AS MATERIALIZED (SELECT * FROM found WHERE (r).load = 0),
phones AS (DELETE FROM dispatch.device x USING free WHERE x.driver_id = (free.r).id),
browsers AS (DELETE FROM dispatch.push_subscription x USING free WHERE x.driver_id = (free.r).id),
codes AS (DELETE FROM dispatch.pairing x USING free WHERE x.driver_id = (free.r).id),
place AS (DELETE FROM dispatch.driver_location l USING free WHERE l.driver_id = (free.r).id RETURNING 1),
kept AS (UPDATE dispatch.kept_result i
  SET result = (i.result::jsonb || jsonb_build_object('driver', (i.result -> 'driver')::jsonb || ${NOBODY}))::json
  FROM fresh f JOIN free ON free.n = f.n WHERE i.delivery_id IS NULL AND i.result -> 'driver' ->> 'id' = f.driver_id::text)`,
  drivers: `SELECT free.n, ${driverWith('free.r', {
    active: 'false',
    duty: `'OFFLINE'`,
    name: `'erased'`,
    phone: 'NULL',
    vehicle: 'NULL',
    external_ref: 'NULL',
    token_version: '(free.r).token_version + 1',
  })} AS r, 'ERASED' AS type, NULL::uuid AS delivery_id, NULL::json AS route FROM free WHERE ${after('place')}`,
  answer: `SELECT f.n, CASE WHEN (found.r).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (free.r).id IS NULL THEN json_build_object('outcome', 'busy', 'load', (found.r).load)
    ELSE json_build_object('outcome', 'erased') END AS result, (free.r).id IS NOT NULL AS keep
  FROM fresh f LEFT JOIN found ON found.n = f.n LEFT JOIN free ON free.n = f.n`,
});

/**
 * Retires a driver and removes what says who they are; refused (`busy`) while they carry something. May be repeated.
 */
export function commitDriverErasure(
  db: Db,
  who: Requester,
  which: { shop_id: string; driver_id: string },
): Promise<CommandResult<EraseResult>> {
  return runCommand<EraseResult>(db, ERASE_DRIVER, who, which);
}

/** The deliveries a driver ever had, as far as events are kept: one by one, or in a route that a plan or an offer gave them. */
const THEIRS = `theirs AS (SELECT delivery_id AS id FROM dispatch.driver_event WHERE driver_id = $2 AND delivery_id IS NOT NULL
  UNION SELECT (stop ->> 0)::uuid FROM dispatch.driver_event e CROSS JOIN LATERAL json_array_elements(e.route) stop
    WHERE e.driver_id = $2 AND json_typeof(e.route) = 'array'
  UNION SELECT id FROM dispatch.delivery WHERE driver_id = $2)`;

/**
 * Removes a driver's name and number from events to shops, sent or not, and their positions from events: 500 at a time.
 * @returns how many
 */
export async function eraseTraces(db: Db, shopId: string, driverId: string): Promise<number> {
  const [row] = await db.run<{ n: number }>(
    `WITH ${THEIRS},
     o AS (UPDATE dispatch.outbox x SET body = (x.body::jsonb || jsonb_build_object('driver',
         jsonb_build_object('id', $2::uuid, 'name', NULL, 'phone', NULL, 'vehicle', NULL)))::text
       WHERE x.id IN (SELECT y.id FROM dispatch.outbox y WHERE y.delivery_id = ANY (ARRAY(SELECT id FROM theirs)) AND y.shop_id = $1
         AND y.body::json -> 'driver' ->> 'id' = $2::uuid::text AND y.body::json -> 'driver' ->> 'name' IS NOT NULL LIMIT 500)
       RETURNING 1),
     e AS (UPDATE dispatch.delivery_event x SET lat = NULL, lon = NULL FROM (SELECT y.delivery_id, y.seq FROM theirs
         JOIN dispatch.delivery_event y ON y.delivery_id = theirs.id WHERE y.shop_id = $1 AND y.lat IS NOT NULL
           AND (y.driver_id = $2 OR y.actor = 'driver:' || $2::uuid) LIMIT 500) old
       WHERE x.delivery_id = old.delivery_id AND x.seq = old.seq RETURNING 1),
     m AS (DELETE FROM dispatch.projection_dirty WHERE driver_id = $2 AND shop_id = $1)
     SELECT ((SELECT count(*) FROM o) + (SELECT count(*) FROM e))::int AS n`,
    [shopId, driverId],
  );
  return row?.n ?? 0;
}

/** A page of the changes of a driver and who made them, oldest first, after `version`. */
export async function readDriverEvents(
  db: Db,
  shopId: string,
  driverId: string,
  page: { afterVersion: number; limit: number },
): Promise<readonly DriverEventRow[]> {
  const rows = await db.run<{ row: DriverEventRow }>(
    `SELECT row_to_json(e) AS row FROM dispatch.driver_event e JOIN dispatch.driver d ON d.id = e.driver_id
     WHERE d.shop_id = $1 AND e.driver_id = $2 AND e.version > $3::bigint ORDER BY e.version LIMIT $4`,
    [shopId, driverId, page.afterVersion, page.limit],
  );
  return rows.map((each) => each.row);
}

export interface DriverDelivery {
  id: string;
  order_ref: string | null;
  status: string;
  events: readonly DeliveryEventRow[];
}

/**
 * A page of the deliveries a driver ever had, in order of id, each with the events that they made or that concern them.
 */
export async function readDriverDeliveries(
  db: Db,
  shopId: string,
  driverId: string,
  page: { afterId: string | null; limit: number },
): Promise<readonly DriverDelivery[]> {
  const rows = await db.run<{ row: DriverDelivery }>(
    `WITH ${THEIRS} SELECT json_build_object('id', x.id, 'order_ref', x.order_ref, 'status', x.status,
       'events', (SELECT coalesce(json_agg(row_to_json(e) ORDER BY e.seq), '[]') FROM dispatch.delivery_event e
         WHERE e.delivery_id = x.id AND (e.driver_id = $2 OR e.actor = 'driver:' || $2::uuid))) AS row
     FROM theirs JOIN dispatch.delivery x ON x.id = theirs.id
     WHERE x.shop_id = $1 AND ($3::uuid IS NULL OR x.id > $3) ORDER BY x.id LIMIT $4`,
    [shopId, driverId, page.afterId, page.limit],
  );
  return rows.map((each) => each.row);
}
