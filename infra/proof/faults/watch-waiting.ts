import type { Db } from '#shared/db/open-db.ts';
import type { Wait } from './history.ts';
import { lookAgain } from './look-again.ts';
import { openSightings } from './sightings.ts';

const EVERY_MS = 500;
/** What is due by less than this may be on its way. */
const DUE_S = 1;
/** Heard from by so much at least: what Postgres knows of it is up to 15 s old. */
const LIVE_S = 40;
/** Of the radius: whoever is at its edge may be outside of it to another way of measuring. */
const INSIDE = 0.95;
const EARTH_RADIUS_M = 6_371_008;

/** Looks for deliveries that wait and that nobody will look at, until `signal` aborts. */
export function watchWaiting(db: Db, shopIds: readonly string[], signal: AbortSignal): () => readonly Wait[] {
  const sightings = openSightings<Wait>();
  const look = async () => {
    const atMs = Date.now();
    const rows = await db.run<Pick<Wait, 'deliveryId' | 'what'>>(FORGOTTEN, [`{${shopIds.join(',')}}`]);
    sightings.note('all', atMs, new Map(rows.map((row) => [`${row.deliveryId} ${row.what}`, row])));
  };
  void lookAgain(look, EVERY_MS, signal);
  return sightings.all;
}

/**
 * An idle driver counts only where nothing speaks against them that the plan would have to weigh: no window that is a
 * limit, no end of a shift. Where drivers are asked, whoever said no or nothing is not asked again, and what was offered
 * often enough waits for a person.
 */
const FORGOTTEN = `WITH idle AS MATERIALIZED (
  SELECT d.id, d.shop_id, d.capacity, d.tags, l.sphere FROM dispatch.driver d JOIN dispatch.driver_location l ON l.driver_id = d.id
  WHERE d.shop_id = ANY ($1::uuid[]) AND d.active AND d.status = 'AVAILABLE' AND d.load = 0 AND d.reserved = 0
    AND d.shift_ends_at IS NULL AND l.lat IS NOT NULL AND l.seen_at > now() - interval '${LIVE_S} s')
SELECT t.id AS "deliveryId", t.what FROM (
  SELECT x.id, CASE
    WHEN x.dispatch IN ('searching','held','scheduled','offered') AND x.next_dispatch_at IS NULL THEN 'unmarked'
    WHEN x.dispatch IN ('searching','held','scheduled','offered') AND x.next_dispatch_at < now() - interval '${DUE_S} s' THEN 'overdue'
    WHEN x.dispatch = 'paused' AND x.held_until < now() - interval '${DUE_S} s' THEN 'overdue'
    WHEN (x.dispatch = 'searching' OR (x.dispatch = 'exhausted' AND s.dispatch ->> 'mode' IS NULL)) AND NOT x.hard_windows AND EXISTS (
      SELECT 1 FROM idle d
      WHERE d.shop_id = x.shop_id AND x.size <= d.capacity AND d.tags @> x.requires AND d.id <> ALL (x.excluded_driver_ids)
        AND NOT EXISTS (SELECT 1 FROM dispatch.offer o WHERE o.driver_id = d.id AND x.id = ANY (o.delivery_ids)
          AND o.created_at >= x.waiting_since AND o.state IN ('declined','expired'))
        AND d.sphere <-> cube(array[cos(radians(x.pickup_lat)) * cos(radians(x.pickup_lon)),
          cos(radians(x.pickup_lat)) * sin(radians(x.pickup_lon)), sin(radians(x.pickup_lat))])
          < s.max_radius_m * ${INSIDE} / ${EARTH_RADIUS_M}) THEN 'beside_idle' END AS what
  FROM dispatch.delivery x JOIN dispatch.shop s ON s.id = x.shop_id
  WHERE x.status = 'PENDING' AND x.shop_id = ANY ($1::uuid[])) t
WHERE t.what IS NOT NULL`;
