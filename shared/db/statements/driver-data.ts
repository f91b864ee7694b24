import type { Db } from '../open-db.ts';
import type { DeliveryEventRow, DriverEventRow } from '../schema.ts';
import { command, NO_EVENTS, type Ran, runCommand, type Who } from './command.ts';

/* Everything that is kept of one driver: shown to him, or taken away. */

export type EraseResult = { outcome: 'erased' } | { outcome: 'busy'; load: number } | { outcome: 'not_found' };

const NOBODY = `'{"name":"erased","phone":null,"vehicle":null,"external_ref":null}'::jsonb`;

const ERASE_DRIVER = command(
  'shop_id uuid, driver_id uuid',
  `cur AS (SELECT d.id, d.load FROM p, go, dispatch.driver d WHERE d.id = p.driver_id AND d.shop_id = p.shop_id FOR UPDATE OF d),
upd AS (UPDATE dispatch.driver d SET active = false, duty = 'OFFLINE', name = 'erased', phone = NULL, vehicle = NULL,
    external_ref = NULL, token_version = d.token_version + 1, version = d.version + 1
  FROM cur WHERE d.id = cur.id AND cur.load = 0 RETURNING d AS r),
loc AS (DELETE FROM dispatch.driver_location l USING upd WHERE l.driver_id = (upd.r).id),
kept AS (UPDATE dispatch.idempotency i
  SET result = (i.result::jsonb || jsonb_build_object('driver', (i.result -> 'driver')::jsonb || ${NOBODY}))::json
  FROM p, upd WHERE i.scope IN ('shop:' || p.shop_id, 'driver:' || p.driver_id) AND i.result -> 'driver' ->> 'id' = p.driver_id::text),
drv AS (SELECT upd.r, 'ERASED' AS type, NULL::uuid AS delivery_id FROM upd),
${NO_EVENTS},
out AS (SELECT CASE WHEN cur.id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (upd.r).id IS NULL THEN json_build_object('outcome', 'busy', 'load', cur.load)
    ELSE json_build_object('outcome', 'erased') END AS result, (upd.r).id IS NOT NULL AS keep
  FROM p LEFT JOIN cur ON true LEFT JOIN upd ON true)`,
);

/** Retires a driver and takes away who he is; refused (`busy`) while he carries something. Repeating it is harmless. */
export function eraseDriver(
  db: Db,
  who: Who,
  which: { shop_id: string; driver_id: string },
): Promise<Ran<EraseResult>> {
  return runCommand<EraseResult>(db, ERASE_DRIVER, who, which);
}

/** The deliveries a driver ever had, as far as events are kept. */
const THEIRS = `theirs AS (SELECT delivery_id AS id FROM dispatch.driver_event WHERE driver_id = $2 AND delivery_id IS NOT NULL
  UNION SELECT id FROM dispatch.delivery WHERE driver_id = $2)`;

/** His name and number in events to shops, sent or not, and where he was when they happened, 500 at a time. @returns how many */
export async function eraseTraces(db: Db, shopId: string, driverId: string): Promise<number> {
  const [row] = await db.run<{ n: number }>(
    `WITH ${THEIRS},
     o AS (UPDATE dispatch.outbox x SET body = (x.body::jsonb || jsonb_build_object('driver',
         jsonb_build_object('id', $2::uuid, 'name', NULL, 'phone', NULL, 'vehicle', NULL)))::text
       WHERE x.id IN (SELECT y.id FROM theirs JOIN dispatch.outbox y ON y.delivery_id = theirs.id WHERE y.shop_id = $1
         AND y.body::json -> 'driver' ->> 'id' = $2::uuid::text AND y.body::json -> 'driver' ->> 'name' IS NOT NULL LIMIT 500)
       RETURNING 1),
     e AS (UPDATE dispatch.delivery_event x SET lat = NULL, lon = NULL FROM (SELECT y.delivery_id, y.seq FROM theirs
         JOIN dispatch.delivery_event y ON y.delivery_id = theirs.id WHERE y.shop_id = $1 AND y.lat IS NOT NULL
           AND (y.driver_id = $2 OR y.actor = 'driver:' || $2::uuid) LIMIT 500) old
       WHERE x.delivery_id = old.delivery_id AND x.seq = old.seq RETURNING 1),
     m AS (DELETE FROM dispatch.projection_dirty WHERE driver_id = $2)
     SELECT ((SELECT count(*) FROM o) + (SELECT count(*) FROM e))::int AS n`,
    [shopId, driverId],
  );
  return row?.n ?? 0;
}

/** A page of what he was made by whom, oldest first, after `version`. */
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

/** A page of the deliveries he ever had, in order of id, each with the events that he made or that concern him. */
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
