import type { Db } from '#shared/db/open-db.ts';

const AT_ONCE = 10_000;

/**
 * A shop after some months: finished deliveries, the newest first ended, in turn by its drivers.
 * @param count a whole number of ten thousands
 */
export async function fillFinished(db: Db, shopId: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    await db.run(
      `WITH d AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM dispatch.driver WHERE shop_id = $1)
       INSERT INTO dispatch.delivery (shop_id, order_ref, status, dispatch, version, driver_id, pickup_lat, pickup_lon, pickup,
         dropoff_lat, dropoff_lon, dropoff, planned_pickup_at, planned_dropoff_at, assigned_at, picked_up_at, ended_at, created_at)
       SELECT $1, 'OLD-' || n, 'DELIVERED', 'settled', 5, d.ids[1 + n % cardinality(d.ids)], 52.5291, 13.4013,
         '{"address":"Torstrasse 1, 10119 Berlin"}', 52.53, 13.41, '{"address":"Ackerstrasse 9, 10115 Berlin"}',
         t.ended, t.ended, t.ended, t.ended, t.ended, t.ended - interval '40 min'
       FROM d, generate_series($2::int + 1, $2::int + $3::int) n
       CROSS JOIN LATERAL (SELECT now() - n * interval '2 min' AS ended) t`,
      [shopId, from, AT_ONCE],
    );
  }
}

/** Deliveries that wait, due as long as they are old: one a second. */
export async function fillWaiting(db: Db, shopId: string, count: number): Promise<void> {
  await db.run(
    `INSERT INTO dispatch.delivery (shop_id, order_ref, dispatch, version, next_dispatch_at, due_at, pickup_lat, pickup_lon, pickup,
       dropoff_lat, dropoff_lon, dropoff)
     SELECT $1, 'WAITS-' || n, 'searching', 1, now(), now() - n * interval '1 s', 52.5291, 13.4013, '{}', 52.53, 13.41, '{}'
     FROM generate_series(1, $2::int) n`,
    [shopId, count],
  );
}
