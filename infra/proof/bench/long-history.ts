import type { Db } from '#shared/db/open-db.ts';

/*
 * Tables after years, filled as fast as Postgres can: without triggers and foreign keys, and without indexes, which are
 * made anew when all is there.
 */

const AT_ONCE = 250_000;

/** Runs `fill` while `tables` have no index but their constraints'. */
export async function withoutIndexes(db: Db, tables: readonly string[], fill: () => Promise<void>): Promise<void> {
  const indexes = await db.run<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = ANY (SELECT ('dispatch.' || t)::regclass FROM unnest($1::text[]) t)
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)`,
    [`{${tables.join(',')}}`],
  );
  for (const { name } of indexes) await db.run(`DROP INDEX dispatch.${name}`);
  await db.run(`SET session_replication_role = replica`);
  await fill();
  await db.run(`SET session_replication_role = origin`);
  await db.run(`SET maintenance_work_mem = '256MB'`);
  for (const { definition } of indexes) await db.run(definition);
  for (const table of tables) await db.run(`VACUUM ANALYZE dispatch.${table}`);
  // Or what was filled would be written to the disk while the questions are timed.
  await db.run('CHECKPOINT');
}

/** An id as one made at that time has it (UUID v7): what is asked for in the order of ids is as old as it was. */
const idOf = (time: string) => `(lpad(to_hex(floor(extract(epoch FROM ${time}) * 1000)::bigint), 12, '0')
  || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid`;

/**
 * Finished deliveries of the shop, in turn by its drivers, one in half a minute; one in 25 failed, one in 25 was
 * cancelled. Those from the `from`th last to the `to`th last.
 */
export async function fillDeliveries(db: Db, shopId: string, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += AT_ONCE) {
    await db.run(
      `WITH d AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM dispatch.driver WHERE shop_id = $1)
       INSERT INTO dispatch.delivery (id, shop_id, order_ref, status, dispatch, version, driver_id, failure_code, pickup_lat, pickup_lon,
         pickup, dropoff_lat, dropoff_lon, dropoff, planned_pickup_at, planned_dropoff_at, assigned_at, picked_up_at, ended_at, created_at)
       SELECT ${idOf('t.ended')}, $1, 'OLD-' || n, CASE n % 25 WHEN 7 THEN 'FAILED' WHEN 13 THEN 'CANCELLED' ELSE 'DELIVERED' END, 'settled', 5,
         d.ids[1 + n % cardinality(d.ids)], CASE WHEN n % 25 IN (7, 13) THEN 'DAMAGED' END, 52.5291, 13.4013,
         '{"address":"Torstrasse 1, 10119 Berlin"}', 52.53, 13.41, '{"address":"Ackerstrasse 9, 10115 Berlin"}',
         t.ended, t.ended, t.ended, t.ended, t.ended, t.ended - interval '40 min'
       FROM d, generate_series($2::int + 1, $3::int) n CROSS JOIN LATERAL (SELECT now() - n * interval '30 s' AS ended) t`,
      [shopId, first, Math.min(first + AT_ONCE, to)],
    );
  }
}

/** Events of a shop in which much happens: the first of as many deliveries. */
export async function fillForeignEvents(db: Db, shopId: string, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += AT_ONCE) {
    await db.run(
      `INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
       SELECT dispatch.uuid_v7(), 1, $1, 'CREATED', 'PENDING', now(), 'bench' FROM generate_series($2::int + 1, $3::int)`,
      [shopId, first, Math.min(first + AT_ONCE, to)],
    );
  }
}

const EVENTS_OF_A_LANE = 5;

/** Events of a shop whose endpoint is dead: five of each delivery, the first of which is tried again in an hour. */
export async function fillBlockedEvents(db: Db, shopId: string, from: number, to: number): Promise<void> {
  for (let first = from / EVENTS_OF_A_LANE; first < to / EVENTS_OF_A_LANE; first += AT_ONCE / EVENTS_OF_A_LANE) {
    const last = Math.min(first + AT_ONCE / EVENTS_OF_A_LANE, to / EVENTS_OF_A_LANE);
    await db.run(
      `WITH l AS (INSERT INTO dispatch.outbox_lane (delivery_id, shop_id, last_seq, due_at, attempts, last_error, failed_id)
         SELECT dispatch.uuid_v7(), $1, ${EVENTS_OF_A_LANE}, now() + interval '1 h', 9, 'status 500', dispatch.uuid_v7()
         FROM generate_series($2::int + 1, $3::int) RETURNING *)
       INSERT INTO dispatch.outbox (id, shop_id, delivery_id, seq, event, body)
       SELECT CASE n WHEN 1 THEN l.failed_id ELSE dispatch.uuid_v7() END, $1, l.delivery_id, n, 'DELIVERY_CREATED_V1', repeat('x', 500)
       FROM l, generate_series(1, ${EVENTS_OF_A_LANE}) n`,
      [shopId, first, last],
    );
  }
}

/** What is under way: a delivery in hand for each of the shop's drivers, and as many that wait. */
export async function fillOpen(db: Db, shopId: string, waiting: number): Promise<void> {
  await db.run(
    `INSERT INTO dispatch.delivery (shop_id, order_ref, status, dispatch, version, driver_id, pickup_lat, pickup_lon, pickup, dropoff_lat,
       dropoff_lon, dropoff, assigned_at, pickup_rank, dropoff_rank)
     SELECT $1, 'HELD-' || d.id, 'ASSIGNED', 'settled', 2, d.id, 52.5291, 13.4013, '{}', 52.53, 13.41, '{}', now(), 1, 2
     FROM dispatch.driver d WHERE d.shop_id = $1`,
    [shopId],
  );
  await db.run('UPDATE dispatch.driver SET load = 1 WHERE shop_id = $1', [shopId]);
  await db.run(
    `INSERT INTO dispatch.delivery (shop_id, order_ref, dispatch, version, next_dispatch_at, pickup_lat, pickup_lon, pickup, dropoff_lat,
       dropoff_lon, dropoff)
     SELECT $1, 'WAITS-' || n, 'searching', 1, now(), 52.5291, 13.4013, '{}', 52.53, 13.41, '{}' FROM generate_series(1, $2::int) n`,
    [shopId, waiting],
  );
}
