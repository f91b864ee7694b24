import type { Db } from '#shared/db/open-db.ts';

const AT_ONCE = 2_500;

/**
 * Deliveries of the shop with `perDelivery` events each to be sent, the first of which has failed and is tried again in an
 * hour, as those of an endpoint that has been dead for a while.
 */
export async function fillBlocked(db: Db, shopId: string, deliveries: number, perDelivery: number): Promise<void> {
  for (let from = 0; from < deliveries; from += AT_ONCE) {
    await fillEvents(db, shopId, Math.min(AT_ONCE, deliveries - from), perDelivery);
    await db.run(
      `UPDATE dispatch.outbox_lane l SET due_at = now() + interval '1 h', attempts = 9, failed_id = o.id, last_error = 'status 500'
       FROM dispatch.outbox o WHERE l.shop_id = $1 AND l.failed_id IS NULL AND o.delivery_id = l.delivery_id AND o.seq = 1`,
      [shopId],
    );
  }
}

/** Deliveries of the shop with `perDelivery` events each, none of which has been tried. @returns the deliveries */
export async function fillEvents(
  db: Db,
  shopId: string,
  deliveries: number,
  perDelivery: number,
): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(
    `WITH d AS (INSERT INTO dispatch.delivery (shop_id, dispatch, version, pickup, dropoff)
       SELECT $1, 'needs_location', $3::int, '{}', '{}' FROM generate_series(1, $2::int) RETURNING id),
     e AS (INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
       SELECT d.id, n, $1, 'UPDATED', 'PENDING', now(), 'test' FROM d, generate_series(1, $3::int) n RETURNING delivery_id, seq),
     o AS (INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body)
       SELECT $1, delivery_id, seq, 'DELIVERY_UPDATED_V1', json_build_object('sequence', seq, 'data', repeat('x', 300))::text FROM e)
     SELECT id FROM d ORDER BY id`,
    [shopId, deliveries, perDelivery],
  );
  return rows.map(({ id }) => id);
}
