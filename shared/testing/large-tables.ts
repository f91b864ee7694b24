import type { Db } from '#shared/db/open-db.ts';

const AT_ONCE = 10_000;
const HISTORIES_AT_ONCE = 5_000;

/** A shop after some months: finished deliveries, the newest first ended, in turn by its drivers. */
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
      [shopId, from, Math.min(AT_ONCE, count - from)],
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

/**
 * What else is kept of the first `count` of the shop's finished deliveries: one in 25 failed and one in 25 was cancelled; of
 * each an event, a decision, what its driver was made, the result of a command, and the note of a photograph.
 */
export async function fillHistory(db: Db, shopId: string, count: number): Promise<void> {
  await db.run('ANALYZE dispatch.delivery');
  for (let from = 0; from < count; from += HISTORIES_AT_ONCE) {
    for (const text of OF_FINISHED) await db.run(text, [shopId, from + 1, Math.min(from + HISTORIES_AT_ONCE, count)]);
  }
}

const FINISHED = `WITH x AS MATERIALIZED (SELECT * FROM dispatch.delivery WHERE shop_id = $1
  AND order_ref = ANY (ARRAY(SELECT 'OLD-' || n FROM generate_series($2::int, $3::int) n)))`;
const NUMBER = 'substr(x.order_ref, 5)::int';

const OF_FINISHED = [
  `${FINISHED} UPDATE dispatch.delivery y SET failure_code = 'DAMAGED', status = CASE ${NUMBER} % 25 WHEN 7 THEN 'FAILED' ELSE 'CANCELLED' END
   FROM x WHERE y.id = x.id AND ${NUMBER} % 25 IN (7, 13)`,
  `${FINISHED} INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, recorded_at, actor, driver_id)
   SELECT x.id, 5, x.shop_id, x.status, x.status, x.ended_at, x.ended_at, 'driver:' || x.driver_id, x.driver_id FROM x`,
  `${FINISHED} INSERT INTO dispatch.driver_event (driver_id, version, shop_id, type, status, load, capacity, delivery_id, actor, recorded_at)
   SELECT x.driver_id, -${NUMBER}, x.shop_id, x.status, 'AVAILABLE', 0, 1, x.id, 'test', x.ended_at FROM x`,
  `${FINISHED} INSERT INTO dispatch.dispatch_decision (delivery_id, shop_id, plan_id, outcome, driver_id, reason, policy, data, created_at)
   SELECT x.id, x.shop_id, x.id, 'assigned', x.driver_id, 'must_leave', 'planned', '{"alternatives":[]}', x.created_at FROM x`,
  `${FINISHED} INSERT INTO dispatch.proof_photo (delivery_id, shop_id, kept_at) SELECT x.id, x.shop_id, x.ended_at FROM x`,
  `${FINISHED} INSERT INTO dispatch.kept_result (digest, request, is_message, result, delivery_id, version, status)
   SELECT x.id, x.id, ${NUMBER} % 2 = 0, '{"outcome":"created","delivery":{}}', x.id, x.version, x.status FROM x`,
];
