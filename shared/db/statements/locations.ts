import type { ProjectedDriver } from '../../domain/command.ts';
import { SILENT_AFTER_S } from '../../domain/driver.ts';
import { chordLength, type Position, unitVector } from '../../domain/geo.ts';
import type { Db } from '../open-db.ts';
import { PROJECTED } from './command.ts';
import { HEARD } from './eligible.ts';
import { CLOCK, instant, RECEIPT, readClock, receiptOf, receivedAt } from './receipt.ts';
import { readAt } from './run-command.ts';

/** A contact to be written down: with a position (a fix) or without (a heartbeat). */
export interface Contact {
  driver_id: string;
  lat: number | null;
  lon: number | null;
  /** Ms since 1970; null: when it was received. */
  recorded_at_ms: number | null;
  /** Redis was away: nobody has judged the phone's clock, which may have gone back. */
  past_redis?: boolean;
  /** To be shown there once it is back: it may not know that they live. */
  to_show?: boolean;
  /** When it was received, by `performance.now()`. */
  heard_at_ms: number;
}

/** `wanted_again`: one can be found who could not be, while deliveries of the shop wait. */
export type SavedContact = { driver: ProjectedDriver; wanted_again: boolean };

/**
 * Contacts of many drivers of one shop by one statement. They count from their receipt, however late they are written;
 * the newest fix wins, a future one counts as now, a contact never makes anything older. Rows are locked in order of id,
 * so that two such statements cannot wait for each other.
 *
 * A phone whose clock went back (locate.lua): while Redis is away its fix is of when it was received, once the last one
 * is older than half a minute. A driver heard of past Redis is marked to be shown there again: one process may be cut
 * from it while all others search in it, where who has not been heard from is not found.
 * @returns the drivers as the projection needs them; ids not among them are unknown to this shop or retired
 */
export async function saveContacts(
  db: Db,
  shopId: string,
  contacts: readonly Contact[],
): Promise<readonly SavedContact[]> {
  const sent = instant();
  const told = contacts.map(({ heard_at_ms, ...rest }) => ({ ...rest, ...receiptOf(db, heard_at_ms, sent) }));
  const rows = await db.run<SavedContact & { now_ms: number }>(SAVE_CONTACTS, [shopId, JSON.stringify(told)]);
  readClock(db, rows[0]?.now_ms, sent);
  readAt(
    rows.map((row) => row.driver),
    sent.monotonicMs,
  );
  return rows;
}

const DOUBT_S = 30;
const SAVE_CONTACTS = `WITH c AS (SELECT t.driver_id, t.lat, t.lon, t.heard, t.past_redis, t.to_show,
    least(coalesce(to_timestamp(t.recorded_at_ms / 1000), t.heard), now()) AS recorded_at
  FROM (SELECT t.*, ${receivedAt('t')} AS heard FROM json_to_recordset($2::text::json)
    AS t(driver_id uuid, lat float8, lon float8, recorded_at_ms float8, past_redis boolean, to_show boolean, ${RECEIPT})) t),
newest AS (SELECT DISTINCT ON (c.driver_id) c.*, max(c.heard) OVER (PARTITION BY c.driver_id) AS seen_at FROM c
  ORDER BY c.driver_id, c.lat IS NULL, c.recorded_at DESC),
f AS (SELECT n.driver_id, n.lat, n.lon, n.seen_at, n.to_show,
    CASE WHEN n.past_redis AND n.recorded_at < k.recorded_at AND k.recorded_at < n.heard - interval '${DOUBT_S} s'
      THEN n.heard ELSE n.recorded_at END AS recorded_at
  FROM newest n LEFT JOIN dispatch.driver_location k ON k.driver_id = n.driver_id),
d AS (SELECT d.* FROM f JOIN dispatch.driver d ON d.id = f.driver_id WHERE d.shop_id = $1 AND d.active),
before AS MATERIALIZED (SELECT l.driver_id FROM d JOIN dispatch.driver_location l ON l.driver_id = d.id
  WHERE l.lat IS NOT NULL AND ${HEARD}),
l AS (INSERT INTO dispatch.driver_location AS l (driver_id, shop_id, lat, lon, recorded_at, seen_at)
  SELECT d.id, d.shop_id, f.lat, f.lon, CASE WHEN f.lat IS NULL THEN NULL ELSE f.recorded_at END, f.seen_at
  FROM d JOIN f ON f.driver_id = d.id ORDER BY d.id
  ON CONFLICT (driver_id) DO UPDATE SET seen_at = greatest(l.seen_at, excluded.seen_at),
    lat = CASE WHEN excluded.recorded_at >= coalesce(l.recorded_at, '-infinity') THEN excluded.lat ELSE l.lat END,
    lon = CASE WHEN excluded.recorded_at >= coalesce(l.recorded_at, '-infinity') THEN excluded.lon ELSE l.lon END,
    recorded_at = greatest(l.recorded_at, excluded.recorded_at)
  RETURNING *),
unshown AS (INSERT INTO dispatch.projection_dirty (driver_id, shop_id, version)
  SELECT d.id, d.shop_id, d.version FROM d JOIN f ON f.driver_id = d.id WHERE f.to_show AND d.status = 'AVAILABLE'
  ORDER BY d.id
  ON CONFLICT (driver_id) DO NOTHING)
SELECT ${PROJECTED} AS driver, ${CLOCK} AS now_ms, d.id NOT IN (SELECT driver_id FROM before)
  AND l.lat IS NOT NULL AND d.status = 'AVAILABLE' AND EXISTS (
    SELECT 1 FROM dispatch.delivery x WHERE x.shop_id = $1 AND x.dispatch IN ('searching','held','exhausted')) AS wanted_again
FROM d JOIN l ON l.driver_id = d.id ORDER BY d.id`;

/** A driver found by Postgres, as the search of the projection would give them. */
export interface FoundDriver {
  driver_id: string;
  lat: number;
  lon: number;
  idle_since_ms: number;
}

/**
 * Nearest live AVAILABLE drivers without Redis, by a function of the database (its migration says why): kNN over points on the unit sphere (GiST), whose chord order is the
 * great-circle order. The caller orders by distance and id, as for the projection.
 * @param question.radiusM metres; `limit` drivers at most
 */
export function findNearest(
  db: Db,
  shopId: string,
  question: { center: Position; radiusM: number; limit: number; exclude?: readonly string[] },
): Promise<readonly FoundDriver[]> {
  return db.run(FIND_NEAREST, [
    shopId,
    `(${unitVector(question.center).join(',')})`,
    chordLength(question.radiusM),
    question.limit,
    `{${(question.exclude ?? []).join(',')}}`,
  ]);
}

const FIND_NEAREST = `SELECT * FROM dispatch.nearest_drivers($1, $2::text::cube, $3, $4, $5::uuid[], '${SILENT_AFTER_S} s')`;

/** Last known contact and position of some drivers. */
export function readLocations(
  db: Db,
  shopId: string,
  driverIds: readonly string[],
): Promise<
  readonly { driver_id: string; lat: number | null; lon: number | null; recorded_at: string | null; seen_at: string }[]
> {
  return db.run(
    `SELECT driver_id, lat, lon, to_json(recorded_at) #>> '{}' AS recorded_at, to_json(seen_at) #>> '{}' AS seen_at
     FROM dispatch.driver_location WHERE shop_id = $1 AND driver_id = ANY($2::uuid[])`,
    [shopId, `{${driverIds.join(',')}}`],
  );
}
