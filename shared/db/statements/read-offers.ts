import type { Db } from '../open-db.ts';
import type { DeliveryRow, OfferRow } from '../schema.ts';

/** Those a driver may say yes to now, with what they are about; the first to end comes first. */
export function readOffers(
  db: Db,
  shopId: string,
  driverId: string,
): Promise<readonly { offer: OfferRow; deliveries: readonly DeliveryRow[] }[]> {
  return db.run(
    `SELECT row_to_json(o) AS offer, c.deliveries FROM dispatch.offer o CROSS JOIN LATERAL (
       SELECT json_agg(row_to_json(x) ORDER BY x.id) AS deliveries, count(*) FILTER (
         WHERE x.dispatch = 'offered' AND x.offered_at = o.created_at) AS good
       FROM dispatch.delivery x WHERE x.id = ANY (o.delivery_ids)) c
     WHERE o.shop_id = $1 AND o.driver_id = $2 AND o.state = 'open' AND o.expires_at > now()
       AND c.good = cardinality(o.delivery_ids) ORDER BY o.expires_at, o.id`,
    [shopId, driverId],
  );
}

/** A page of all that a driver was ever asked, as far as it is kept, in order of id. */
export async function readOffersMade(
  db: Db,
  shopId: string,
  driverId: string,
  page: { afterId: string | null; limit: number },
): Promise<readonly OfferRow[]> {
  const rows = await db.run<{ row: OfferRow }>(
    `SELECT row_to_json(o) AS row FROM dispatch.offer o WHERE o.shop_id = $1 AND o.driver_id = $2
       AND ($3::uuid IS NULL OR o.id > $3) ORDER BY o.id LIMIT $4`,
    [shopId, driverId, page.afterId, page.limit],
  );
  return rows.map((each) => each.row);
}

/** Of a delivery that waits: how often it was offered since it began to wait, and who said no or nothing. */
export interface AskedBefore {
  delivery_id: string;
  waves: number;
  drivers: readonly string[];
}

/** Of those of these deliveries that were offered before. */
export function readAskedBefore(db: Db, deliveryIds: readonly string[]): Promise<readonly AskedBefore[]> {
  return db.run(
    `SELECT x.id AS delivery_id, a.waves, a.drivers FROM dispatch.delivery x CROSS JOIN LATERAL (
       SELECT count(DISTINCT o.created_at) FILTER (WHERE o.state IN ('declined','expired'))::int AS waves, coalesce(json_agg(DISTINCT o.driver_id)
         FILTER (WHERE o.state IN ('declined','expired')), '[]') AS drivers
       FROM dispatch.offer o WHERE o.delivery_ids @> array[x.id] AND o.created_at >= x.waiting_since) a
     WHERE x.id = ANY ($1::uuid[]) AND a.waves > 0`,
    [`{${deliveryIds.join(',')}}`],
  );
}
