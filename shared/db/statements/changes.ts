import { type FeedCursor, feedCursor, readFeedCursor, writeFeedCursor } from '../../domain/feed-cursor.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow, DriverRow } from '../schema.ts';

/*
 * The feed behind the live pages, read from the events that every command writes anyway.
 *
 * Each event carries the number of the transaction that wrote it (xid8). Numbers are handed out in one order and
 * transactions end in another, so "greater than the last one seen" would lose what was slow. A cursor therefore says
 * exactly what has been seen: everything up to the number `last`, except the transactions below it that were still
 * `running`. The next answer is what lies above `last`, and what the running ones have left. So each change comes once,
 * and a transaction that stays open for an hour, of this service or not, is one number in the cursor.
 *
 * A Postgres that dies hands numbers out again that were rolled back shortly before. Hence `last` is never the counter's
 * state but the number of an event that was read: that was committed, which means it was on disk before it could be
 * seen, and the counter starts above it. What no disk helps against (a server that takes over and had not everything, or
 * commits that do not wait for the disk) begins with another start of a server: `server` is the time of that, and a
 * cursor of another start is of no use.
 */

export interface ChangedDelivery {
  /** Of its latest event. */
  type: string;
  delivery: DeliveryRow;
}
/** What one follower has to be told. */
export interface Changes {
  cursor: string;
  deliveries: readonly ChangedDelivery[];
  drivers: readonly DriverRow[];
}
/** A shop, and the cursor of an earlier answer about it. */
export interface Follower {
  shopId: string;
  after: string;
}

/** More than this since the cursor, and a whole board is less. */
const MOST = 2_000;

/** `ceiling`: where our own numbers end. Rows restored from another server may carry higher ones. */
const SNAPSHOT = `s AS MATERIALIZED (SELECT floor(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS server,
  pg_snapshot_xmax(pg_current_snapshot()) AS ceiling, ARRAY(SELECT pg_snapshot_xip(pg_current_snapshot())::text) AS running)`;
const OF_SNAPSHOT = 's.server::text AS server, to_json(s.running) AS running';

const eventsOf = (table: string, columns: string) => `SELECT a.n, x.* FROM asked a CROSS JOIN LATERAL (
    (SELECT ${columns}, written_by FROM dispatch.${table} WHERE shop_id = a.shop_id
      AND written_by > a.last AND written_by < a.ceiling ORDER BY written_by LIMIT ${MOST + 1})
    UNION ALL (SELECT ${columns}, written_by FROM dispatch.${table} WHERE shop_id = a.shop_id
      AND written_by = ANY(a.running) ORDER BY written_by LIMIT ${MOST + 1})) x`;

const READ_CHANGES = `WITH ${SNAPSHOT},
asked AS MATERIALIZED (SELECT t.*, s.ceiling FROM s JOIN json_to_recordset($1::text::json)
  AS t(n int, shop_id uuid, server bigint, last xid8, running xid8[]) ON t.server = s.server AND t.last < s.ceiling),
e AS MATERIALIZED (${eventsOf('delivery_event', 'delivery_id, seq, type')}),
w AS MATERIALIZED (${eventsOf('driver_event', 'driver_id')}),
news AS (SELECT DISTINCT ON (n, delivery_id) n, delivery_id, type FROM e ORDER BY n, delivery_id, seq DESC)
SELECT a.n, ${OF_SNAPSHOT}, greatest((SELECT written_by FROM e WHERE e.n = a.n ORDER BY written_by DESC LIMIT 1),
    (SELECT written_by FROM w WHERE w.n = a.n ORDER BY written_by DESC LIMIT 1))::text AS last,
  (SELECT coalesce(json_agg(json_build_object('type', news.type, 'delivery', row_to_json(x))), '[]') FROM news
    CROSS JOIN LATERAL (SELECT * FROM dispatch.delivery d WHERE d.id = news.delivery_id LIMIT 1) x WHERE news.n = a.n) AS deliveries,
  (SELECT coalesce(json_agg(row_to_json(x)), '[]') FROM (SELECT DISTINCT driver_id FROM w WHERE w.n = a.n) news
    CROSS JOIN LATERAL (SELECT * FROM dispatch.driver d WHERE d.id = news.driver_id LIMIT 1) x) AS drivers
FROM asked a, s WHERE (SELECT count(*) FROM e WHERE e.n = a.n) <= ${MOST} AND (SELECT count(*) FROM w WHERE w.n = a.n) <= ${MOST}`;

interface ReadAt {
  server: string;
  running: readonly string[];
  /** Null where there was none. */
  last: string | null;
}

function cursorOf({ server, running, last }: ReadAt, before: bigint): string {
  const highest = last === null || BigInt(last) < before ? before : BigInt(last);
  return writeFeedCursor(feedCursor(BigInt(server), highest, running.map(BigInt)));
}

/**
 * What has changed for each of these followers, in their order: each delivery and driver once, as it is now. Null where
 * the cursor is of no use: it is not of this server, or so much has happened since that the board is less.
 */
export async function readChanges(db: Db, followers: readonly Follower[]): Promise<readonly (Changes | null)[]> {
  const cursors = followers.map(({ after }) => readFeedCursor(after));
  const asked = followers.flatMap(({ shopId }, n) => askedOf(n, shopId, cursors[n] ?? null));
  if (asked.length === 0) return followers.map(() => null);
  const rows = await db.run<ReadAt & Omit<Changes, 'cursor'> & { n: number }>(READ_CHANGES, [JSON.stringify(asked)]);
  const byFollower = new Map(rows.map((row) => [row.n, row]));
  return followers.map((_, n) => {
    const row = byFollower.get(n);
    if (row === undefined) return null;
    return { cursor: cursorOf(row, cursors[n]?.last ?? 0n), deliveries: row.deliveries, drivers: row.drivers };
  });
}

function askedOf(n: number, shop_id: string, cursor: FeedCursor | null) {
  if (cursor === null) return [];
  return [
    { n, shop_id, server: String(cursor.server), last: String(cursor.last), running: cursor.running.map(String) },
  ];
}

export interface Board {
  cursor: string;
  deliveries: readonly DeliveryRow[];
  drivers: readonly DriverRow[];
}

const highest = (
  table: string,
) => `(SELECT written_by FROM dispatch.${table} WHERE shop_id = $1 AND written_by < s.ceiling
    ORDER BY written_by DESC LIMIT 1)`;

// Of what failed the newest are taken first, and the week asked of those: asked of all, Postgres reads every failure there ever was.
const READ_BOARD = `WITH ${SNAPSHOT},
open AS (SELECT x.* FROM dispatch.delivery x WHERE x.shop_id = $1 AND x.ended_at IS NULL ORDER BY x.id DESC LIMIT 2000),
failed AS (SELECT f.* FROM (SELECT x.* FROM dispatch.delivery x WHERE x.shop_id = $1 AND x.ended_as = 'FAILED' AND x.ended_as <> 'DELIVERED'
  ORDER BY x.id DESC LIMIT 500) f WHERE f.ended_at > now() - interval '7 days'),
ended AS (SELECT x.* FROM dispatch.delivery x WHERE x.shop_id = $1 AND x.ended_at > now() - interval '12 h'
  ORDER BY x.ended_at DESC LIMIT 200)
SELECT ${OF_SNAPSHOT}, greatest(${highest('delivery_event')}, ${highest('driver_event')})::text AS last,
  (SELECT coalesce(json_agg(row_to_json(x)), '[]') FROM (SELECT * FROM open UNION ALL SELECT * FROM failed
    UNION ALL SELECT * FROM ended WHERE id <> ALL (ARRAY(SELECT id FROM failed))) x) AS deliveries,
  (SELECT coalesce(json_agg(row_to_json(d)), '[]') FROM dispatch.driver d WHERE d.shop_id = $1 AND d.active) AS drivers
FROM s`;

/**
 * All that is going on in a shop: its drivers in service, open deliveries, those that failed within a week and wait for a
 * decision, and the latest ended ones of 12 h.
 */
export async function readBoard(db: Db, shopId: string): Promise<Board> {
  const [row] = await db.run<ReadAt & Omit<Board, 'cursor'>>(READ_BOARD, [shopId]);
  if (row === undefined) throw new Error('a snapshot is always one row');
  return { cursor: cursorOf(row, 0n), deliveries: row.deliveries, drivers: row.drivers };
}

/** The drivers whose positions are worth showing: in service and not OFFLINE. */
export async function readOnDuty(db: Db, shopId: string): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(
    "SELECT id FROM dispatch.driver WHERE shop_id = $1 AND active AND status <> 'OFFLINE' ORDER BY id LIMIT 10000",
    [shopId],
  );
  return rows.map((row) => row.id);
}
