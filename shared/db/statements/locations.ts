import { SILENT_AFTER_S } from '../../domain/driver.ts';
import { chordLength, type Position, unitVector } from '../../domain/geo.ts';
import type { Db } from '../open-db.ts';
import { PROJECTED } from './command.ts';
import { HEARD } from './eligible.ts';
import type { ProjectedDriver } from './run-command.ts';

/** A contact to be written down: with a position (a fix) or without (a heartbeat). Time in ms since 1970; null: now. */
export interface Contact {
  driver_id: string;
  lat: number | null;
  lon: number | null;
  recorded_at_ms: number | null;
}

/**
 * The thinned write behind the projection: one statement for many drivers of one shop. The newest fix wins, a future
 * one counts as now, a contact never makes anything older. Rows are locked in order of id, so that two such statements
 * cannot wait for each other.
 * @returns the drivers as the projection needs them, and whether one can be found again who could not be, while
 * deliveries of the shop wait; ids not among them are unknown to this shop or retired
 */
export function saveContacts(
  db: Db,
  shopId: string,
  contacts: readonly Contact[],
): Promise<readonly { driver: ProjectedDriver; wanted_again: boolean }[]> {
  return db.run(
    `WITH f AS (SELECT DISTINCT ON (t.driver_id) t.driver_id, t.lat, t.lon,
      least(to_timestamp(t.recorded_at_ms / 1000.0), now()) AS recorded_at
    FROM json_to_recordset($2::text::json) AS t(driver_id uuid, lat float8, lon float8, recorded_at_ms float8)
    ORDER BY t.driver_id, t.lat IS NULL, t.recorded_at_ms DESC NULLS FIRST),
  d AS (SELECT d.* FROM f JOIN dispatch.driver d ON d.id = f.driver_id WHERE d.shop_id = $1 AND d.active),
  before AS MATERIALIZED (SELECT l.driver_id FROM d JOIN dispatch.driver_location l ON l.driver_id = d.id
    WHERE l.lat IS NOT NULL AND ${HEARD}),
  l AS (INSERT INTO dispatch.driver_location AS l (driver_id, shop_id, lat, lon, recorded_at)
    SELECT d.id, d.shop_id, f.lat, f.lon, CASE WHEN f.lat IS NULL THEN NULL ELSE f.recorded_at END
    FROM d JOIN f ON f.driver_id = d.id ORDER BY d.id
    ON CONFLICT (driver_id) DO UPDATE SET seen_at = now(),
      lat = CASE WHEN excluded.recorded_at >= coalesce(l.recorded_at, '-infinity') THEN excluded.lat ELSE l.lat END,
      lon = CASE WHEN excluded.recorded_at >= coalesce(l.recorded_at, '-infinity') THEN excluded.lon ELSE l.lon END,
      recorded_at = greatest(l.recorded_at, excluded.recorded_at)
    RETURNING *)
  SELECT ${PROJECTED} AS driver, d.id NOT IN (SELECT driver_id FROM before) AND EXISTS (SELECT 1 FROM dispatch.delivery x
      WHERE x.shop_id = $1 AND x.dispatch IN ('searching','held','exhausted')) AS wanted_again
  FROM d JOIN l ON l.driver_id = d.id ORDER BY d.id`,
    [shopId, JSON.stringify(contacts)],
  );
}

/** A driver found by Postgres, as the search of the projection would give him. */
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
