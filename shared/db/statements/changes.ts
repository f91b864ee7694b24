import type { Db } from '../open-db.ts';
import type { DeliveryRow, DriverRow } from '../schema.ts';

/*
 * The feed behind the live pages, read from the events that every command writes anyway.
 *
 * The cursor is a transaction number (xid8). Rows get their number when they are written and appear when they commit,
 * so "greater than the last one seen" would lose a row whose transaction was slow. Hence: a reader gets everything
 * visible from its cursor on, and its next cursor is the *horizon* of the snapshot it read with, the lowest number
 * still under way. Below the horizon nothing can appear any more. What was read above it may be read again: at least
 * once, never lost, and harmless, since a change carries the row itself with its version.
 */

export interface ChangedDelivery {
  shop_id: string;
  /** Of its latest event. */
  type: string;
  delivery: DeliveryRow;
}
export interface ChangedDriver {
  shop_id: string;
  type: string;
  driver: DriverRow;
}
export interface Changes {
  /** Cursor for the next question. */
  horizon: string;
  /** The cursor is not of this database, or too much has happened since: read the board again. */
  lost: boolean;
  deliveries: readonly ChangedDelivery[];
  drivers: readonly ChangedDriver[];
}

/** More than this since the cursor, and a whole board is less. */
const MOST = 2_000;

const SNAPSHOT = `s AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon,
  pg_snapshot_xmax(pg_current_snapshot()) AS ceiling)`;

const READ_CHANGES = `WITH ${SNAPSHOT},
e AS (SELECT e.* FROM s, dispatch.delivery_event e WHERE e.written_by >= $1::xid8 AND e.written_by < s.ceiling
  AND e.shop_id = ANY($2::uuid[]) ORDER BY e.written_by LIMIT ${MOST + 1}),
w AS (SELECT w.*, d.shop_id FROM s, dispatch.driver_event w JOIN dispatch.driver d ON d.id = w.driver_id
  WHERE w.written_by >= $1::xid8 AND w.written_by < s.ceiling AND d.shop_id = ANY($2::uuid[])
  ORDER BY w.written_by LIMIT ${MOST + 1}),
last_e AS (SELECT DISTINCT ON (delivery_id) delivery_id, type FROM e ORDER BY delivery_id, seq DESC),
last_w AS (SELECT DISTINCT ON (driver_id) driver_id, type FROM w ORDER BY driver_id, version DESC)
SELECT s.horizon::text AS horizon,
  $1::xid8 > s.ceiling OR (SELECT count(*) FROM e) > ${MOST} OR (SELECT count(*) FROM w) > ${MOST} AS lost,
  (SELECT coalesce(json_agg(json_build_object('shop_id', x.shop_id, 'type', last_e.type, 'delivery', row_to_json(x))), '[]')
    FROM last_e JOIN dispatch.delivery x ON x.id = last_e.delivery_id) AS deliveries,
  (SELECT coalesce(json_agg(json_build_object('shop_id', d.shop_id, 'type', last_w.type, 'driver', row_to_json(d))), '[]')
    FROM last_w JOIN dispatch.driver d ON d.id = last_w.driver_id) AS drivers
FROM s`;

/**
 * What has changed in these shops since `after` (the `horizon` of an earlier answer): each delivery and driver once,
 * as it is now.
 */
export async function readChanges(db: Db, shopIds: readonly string[], after: string): Promise<Changes> {
  const [row] = await db.run<Changes>(READ_CHANGES, [after, `{${shopIds.join(',')}}`]);
  if (row === undefined) throw new Error('a snapshot is always one row');
  return row;
}

export interface Board {
  horizon: string;
  deliveries: readonly DeliveryRow[];
  drivers: readonly DriverRow[];
}

const READ_BOARD = `WITH ${SNAPSHOT},
open AS (SELECT x.* FROM dispatch.delivery x WHERE x.shop_id = $1
  AND x.status IN ('PENDING','ASSIGNED','PICKED_UP','IN_TRANSIT') ORDER BY x.id DESC LIMIT 2000),
ended AS (SELECT x.* FROM (SELECT y.* FROM dispatch.delivery y WHERE y.shop_id = $1 ORDER BY y.id DESC LIMIT 3000) x
  WHERE x.ended_at > now() - interval '12 h' AND x.status NOT IN ('PENDING','ASSIGNED','PICKED_UP','IN_TRANSIT')
  ORDER BY x.ended_at DESC LIMIT 200)
SELECT s.horizon::text AS horizon,
  (SELECT coalesce(json_agg(row_to_json(x)), '[]') FROM (SELECT * FROM open UNION ALL SELECT * FROM ended) x) AS deliveries,
  (SELECT coalesce(json_agg(row_to_json(d)), '[]') FROM dispatch.driver d WHERE d.shop_id = $1 AND d.active) AS drivers
FROM s`;

/** All that is going on in a shop: its drivers in service, open deliveries, and the latest ended ones of 12 h. */
export async function readBoard(db: Db, shopId: string): Promise<Board> {
  const [row] = await db.run<Board>(READ_BOARD, [shopId]);
  if (row === undefined) throw new Error('a snapshot is always one row');
  return row;
}

/** The drivers whose positions are worth showing: in service and not OFFLINE. */
export async function readOnDuty(db: Db, shopId: string): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(
    "SELECT id FROM dispatch.driver WHERE shop_id = $1 AND active AND status <> 'OFFLINE' ORDER BY id LIMIT 10000",
    [shopId],
  );
  return rows.map((row) => row.id);
}
