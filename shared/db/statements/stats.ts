import { ACTIVE_STATUSES, FAILED_STATUSES } from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import { sqlList } from '../sql-list.ts';

/** What a shop did since a moment. Durations in seconds; `hours` has one entry per hour that had any, oldest first. */
export interface Stats {
  waiting: number;
  on_the_way: number;
  created: number;
  delivered: number;
  cancelled: number;
  failed: { code: string; count: number }[];
  median_assign_s: number | null;
  median_deliver_s: number | null;
  ratings: { count: number; average: number | null; drivers: { driverId: string; count: number; average: number }[] };
  hours: { hour: string; created: number; delivered: number }[];
}

// What was created since then has ended since then or goes on: nothing ends before it is created.
const READ_STATS = `WITH x AS (SELECT y.* FROM dispatch.delivery y WHERE y.shop_id = $1 AND y.ended_at IS NULL
  UNION ALL SELECT y.* FROM dispatch.delivery y WHERE y.shop_id = $1 AND y.ended_at >= $2::timestamptz),
h AS (SELECT date_trunc('hour', at) AS hour, count(*) FILTER (WHERE what = 'c') AS created,
    count(*) FILTER (WHERE what = 'd') AS delivered
  FROM (SELECT created_at AS at, 'c' AS what FROM x WHERE created_at >= $2::timestamptz
    UNION ALL SELECT ended_at, 'd' FROM x WHERE status = 'DELIVERED' AND ended_at >= $2::timestamptz) t GROUP BY 1),
f AS (SELECT failure_code AS code, count(*) AS count FROM x WHERE status IN (${sqlList(FAILED_STATUSES)})
  AND ended_at >= $2::timestamptz GROUP BY 1),
r AS (SELECT driver_id, count(*) AS count, sum(rating) AS stars FROM x WHERE rating IS NOT NULL AND ended_at >= $2::timestamptz GROUP BY 1)
SELECT count(*) FILTER (WHERE status = 'PENDING')::int AS waiting,
  count(*) FILTER (WHERE status IN (${sqlList(ACTIVE_STATUSES)}))::int AS on_the_way,
  count(*) FILTER (WHERE created_at >= $2::timestamptz)::int AS created,
  count(*) FILTER (WHERE status = 'DELIVERED' AND ended_at >= $2::timestamptz)::int AS delivered,
  count(*) FILTER (WHERE status = 'CANCELLED' AND ended_at >= $2::timestamptz)::int AS cancelled,
  (SELECT coalesce(json_agg(json_build_object('code', code, 'count', count) ORDER BY count DESC, code), '[]') FROM f) AS failed,
  (SELECT json_build_object('count', coalesce(sum(count), 0), 'average', round(sum(stars) / sum(count), 1),
    'drivers', coalesce(json_agg(json_build_object('driverId', driver_id, 'count', count, 'average', round(stars::numeric / count, 1))
      ORDER BY driver_id), '[]')) FROM r) AS ratings,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM assigned_at - created_at))
    FILTER (WHERE assigned_at >= $2::timestamptz) AS median_assign_s,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - created_at))
    FILTER (WHERE status = 'DELIVERED' AND ended_at >= $2::timestamptz) AS median_deliver_s,
  (SELECT coalesce(json_agg(json_build_object('hour', to_char(hour AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'created', created, 'delivered', delivered) ORDER BY hour), '[]') FROM h) AS hours
FROM x`;

/** @param since ISO 8601: usually the caller's midnight */
export async function readStats(db: Db, shopId: string, since: string): Promise<Stats> {
  const [row] = await db.run<Stats>(READ_STATS, [shopId, since]);
  if (row === undefined) throw new Error('an aggregate is always one row');
  return row;
}

/** How long the way from pickup to dropoff took, for learning: straight line in degrees, seconds, vehicle. */
export interface FinishedTrip {
  vehicle: string | null;
  from_lat: number;
  from_lon: number;
  to_lat: number;
  to_lon: number;
  took_s: number;
}

/**
 * The shop's latest finished deliveries that say how long their way takes: those during which their driver collected and
 * handed over nothing else. The last door of a trip says how long the whole trip took. BETWEEN: as in `listDeliveries`.
 */
export function readFinishedTrips(db: Db, shopId: string): Promise<readonly FinishedTrip[]> {
  return db.run(
    `SELECT d.vehicle, x.pickup_lat AS from_lat, x.pickup_lon AS from_lon, x.dropoff_lat AS to_lat, x.dropoff_lon AS to_lon,
      extract(epoch FROM x.ended_at - x.picked_up_at)::float8 AS took_s
     FROM (SELECT *, lead(picked_up_at) OVER of_driver AS next_at, max(coalesce(ended_at, 'infinity')) OVER (of_driver
         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_at
       FROM (SELECT * FROM dispatch.delivery WHERE shop_id BETWEEN $1 AND $1 ORDER BY shop_id DESC, id DESC LIMIT 1000) latest
       WHERE picked_up_at IS NOT NULL WINDOW of_driver AS (PARTITION BY driver_id ORDER BY picked_up_at)) x
     JOIN dispatch.driver d ON d.id = x.driver_id
     WHERE x.status = 'DELIVERED' AND x.pickup_lat IS NOT NULL AND x.dropoff_lat IS NOT NULL
       AND coalesce(x.next_at >= x.ended_at, true) AND coalesce(x.before_at <= x.picked_up_at, true)
     ORDER BY x.ended_at DESC LIMIT 200`,
    [shopId],
  );
}
