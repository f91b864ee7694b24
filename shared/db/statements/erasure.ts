import { ENDED_STATUSES } from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import { sqlList } from '../sql-list.ts';
import { LOWEST_ID } from './ids.ts';

/*
 * A recipient's erasure: of a delivery that has ended, everything that says who they are or where they live. What is
 * left is that it happened, when and who did it, until retention takes that away too.
 */

/** Deliveries looked through at a time. */
const STEP = 2_000;

/** A number that a delivery names at one of its ends, and the country of the address there. */
export interface NamedNumber {
  id: string;
  phone: string;
  country: string | null;
}

/**
 * The telephone numbers that deliveries of a shop name at either end, or named before they were changed, of the next of
 * all of them: those that have these digits side by side, whatever they are written with, and those with signs of other
 * scripts, which may be digits too.
 * @returns `named` in the order of the ids; `next`: where to go on; null at the end
 */
export async function readNumbersNamed(
  db: Db,
  shopId: string,
  digits: string,
  afterId: string | null,
): Promise<{ named: readonly NamedNumber[]; next: string | null }> {
  const [row] = await db.run<{ named: NamedNumber[]; next: string | null }>(
    `WITH step AS MATERIALIZED (SELECT x.id, x.pickup, x.dropoff
       FROM dispatch.delivery x WHERE x.shop_id = $1 AND x.id > coalesce($2::uuid, ${LOWEST_ID}) ORDER BY x.id LIMIT ${STEP}),
     named AS (SELECT id, pickup, dropoff FROM step UNION ALL
       SELECT e.delivery_id, e.was -> 'pickup', e.was -> 'dropoff' FROM dispatch.delivery_event e
       WHERE e.shop_id = $1 AND e.was IS NOT NULL AND e.delivery_id > coalesce($2::uuid, ${LOWEST_ID})
         AND e.delivery_id <= (SELECT id FROM step ORDER BY id DESC LIMIT 1))
     SELECT (SELECT coalesce(json_agg(n ORDER BY n.id), '[]') FROM (
         SELECT named.id, place ->> 'phone' AS phone, place ->> 'countryCode' AS country
         FROM named CROSS JOIN LATERAL (VALUES (named.pickup), (named.dropoff)) ends (place)
         WHERE octet_length(place ->> 'phone') <> length(place ->> 'phone')
           OR strpos(regexp_replace(place ->> 'phone', '[^0-9]', '', 'g'), $3) > 0) n) AS named,
       (SELECT CASE WHEN count(*) = ${STEP} THEN (array_agg(id ORDER BY id DESC))[1] END FROM step) AS next`,
    [shopId, afterId, digits],
  );
  return row ?? { named: [], next: null };
}

const IS_OVER = `status IN (${sqlList(ENDED_STATUSES)}) AND dropoff_rank IS NULL`;

/** The delivery of this shop with this id or this order. */
export async function findOne(
  db: Db,
  shopId: string,
  which: { deliveryId: string | null; orderRef: string | null },
): Promise<string | null> {
  const [row] = await db.run<{ id: string }>(
    `SELECT id FROM dispatch.delivery WHERE shop_id = $1 AND id = $2::uuid
     UNION ALL SELECT id FROM dispatch.delivery WHERE shop_id = $1 AND order_ref = $3`,
    [shopId, which.deliveryId, which.orderRef],
  );
  return row?.id ?? null;
}

const NOBODY = `message_digest = NULL, pickup = '{}', dropoff = '{}', pickup_lat = NULL, pickup_lon = NULL, dropoff_lat = NULL, dropoff_lon = NULL,
  notes = NULL, pincode = NULL, proof = NULL, failure_note = NULL, rating = NULL, rating_note = NULL, rated_at = NULL`;
/** The same of a delivery in a kept result. */
const NOBODY_KEPT = `'{"message_digest":null,"pickup":{},"dropoff":{},"pickup_lat":null,"pickup_lon":null,"dropoff_lat":null,"dropoff_lon":null,"notes":null,
  "pincode":null,"proof":null,"failure_note":null,"rating":null,"rating_note":null,"rated_at":null}'::jsonb`;

/**
 * Those of these deliveries that have ended, and whose parcel is nowhere any more; `has_photo`: one may be in the store.
 * @param ids of this shop
 */
export function readEnded(
  db: Db,
  shopId: string,
  ids: readonly string[],
): Promise<readonly { id: string; has_photo: boolean }[]> {
  return db.run(
    `SELECT x.id, p.delivery_id IS NOT NULL AS has_photo FROM dispatch.delivery x
       LEFT JOIN dispatch.proof_photo p ON p.delivery_id = x.id
     WHERE x.shop_id = $1 AND x.id = ANY (ARRAY(SELECT t::uuid FROM json_array_elements_text($2::text::json) t)) AND ${IS_OVER}`,
    [shopId, JSON.stringify(ids)],
  );
}

/**
 * Takes the people out of deliveries that have ended and whose parcel is nowhere any more, out of their events, sent or
 * not, and out of what is kept under keys. Repeating it is harmless.
 * @param ids of this shop; 100 at most
 * @returns those it was done to: the others are under way
 */
export async function erasePeople(db: Db, shopId: string, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(
    `WITH over AS MATERIALIZED (SELECT id FROM dispatch.delivery WHERE shop_id = $1
       AND id = ANY (ARRAY(SELECT t::uuid FROM json_array_elements_text($2::text::json) t))
       AND ${IS_OVER} ORDER BY id FOR NO KEY UPDATE),
     names AS MATERIALIZED (SELECT ARRAY(SELECT id FROM over) AS ids),
     d AS (UPDATE dispatch.delivery x SET ${NOBODY} FROM names WHERE x.id = ANY (names.ids)),
     e AS (UPDATE dispatch.delivery_event x SET lat = NULL, lon = NULL, data = NULL, was = NULL FROM names
       WHERE x.delivery_id = ANY (names.ids)),
     o AS (UPDATE dispatch.outbox x SET body = (x.body::jsonb || '{"data":null}')::text FROM names
       WHERE x.delivery_id = ANY (names.ids)),
     c AS (DELETE FROM dispatch.dispatch_decision x USING names WHERE x.delivery_id = ANY (names.ids)),
     k AS (UPDATE dispatch.kept_result i
       SET result = (i.result::jsonb || jsonb_build_object('delivery', (i.result -> 'delivery')::jsonb || ${NOBODY_KEPT}))::json
       FROM names WHERE i.delivery_id = ANY (names.ids)
         OR i.delivery_id IS NULL AND (i.result -> 'delivery' ->> 'id') = ANY (names.ids::text[])),
     several AS (UPDATE dispatch.kept_result i
       SET result = (i.result::jsonb || jsonb_build_object('deliveries', (SELECT jsonb_agg(CASE WHEN each ->> 'id' = ANY (names.ids::text[])
         THEN each || ${NOBODY_KEPT} ELSE each END ORDER BY place) FROM jsonb_array_elements((i.result -> 'deliveries')::jsonb)
         WITH ORDINALITY AS t (each, place))))::json
       FROM names WHERE i.delivery_id IS NULL AND json_typeof(i.result -> 'deliveries') = 'array' AND EXISTS (
         SELECT FROM json_array_elements(i.result -> 'deliveries') d WHERE d ->> 'id' = ANY (names.ids::text[])))
     SELECT id FROM over`,
    [shopId, JSON.stringify(ids)],
  );
  return rows.map(({ id }) => id);
}
