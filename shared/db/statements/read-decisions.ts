import type { Db } from '../open-db.ts';
import type { DecisionRow } from '../schema.ts';
import { HIGHEST_ID } from './ids.ts';

export interface Decisions {
  rows: readonly DecisionRow[];
  /** Names of the drivers that `rows` speak of, by id. */
  names: Readonly<Record<string, string>>;
}

/**
 * A page of what was decided about a delivery, newest first, with the names of the drivers concerned.
 * @returns null where the shop has no such delivery
 */
export async function selectDecisions(
  db: Db,
  shopId: string,
  deliveryId: string,
  page: { beforeId: string | null; limit: number },
): Promise<Decisions | null> {
  const [found] = await db.run<Decisions>(
    `WITH c AS MATERIALIZED (SELECT * FROM dispatch.dispatch_decision WHERE delivery_id = $2
       AND id < coalesce($3::uuid, ${HIGHEST_ID}) ORDER BY id DESC LIMIT $4),
     named AS (SELECT driver_id FROM c UNION SELECT (a ->> 'driverId')::uuid FROM c,
       json_array_elements(CASE WHEN json_typeof(c.data -> 'alternatives') = 'array' THEN c.data -> 'alternatives' END) a)
     SELECT (SELECT coalesce(json_agg(row_to_json(c) ORDER BY c.id DESC), '[]') FROM c) AS rows,
       (SELECT coalesce(json_object_agg(d.id, d.name), '{}') FROM dispatch.driver d
         WHERE d.shop_id = $1 AND d.id = ANY (ARRAY(SELECT driver_id FROM named))) AS names
     FROM dispatch.delivery x WHERE x.id = $2 AND x.shop_id = $1`,
    [shopId, deliveryId, page.beforeId, page.limit],
  );
  return found ?? null;
}

/** A delivery by its id, or by its order in whatever shop; the first few. */
export function selectDeliveriesNamed(
  db: Db,
  which: { deliveryId: string | null; orderRef: string | null; shopId: string | null },
): Promise<readonly { id: string; shop_id: string; shop: string }[]> {
  return db.run(
    `SELECT x.id, x.shop_id, s.slug AS shop FROM dispatch.shop s CROSS JOIN LATERAL (
       SELECT * FROM dispatch.delivery WHERE id = $1 AND shop_id = s.id
       UNION ALL SELECT * FROM dispatch.delivery WHERE order_ref = $2 AND shop_id = s.id) x
     WHERE $3::uuid IS NULL OR s.id = $3 ORDER BY s.slug LIMIT 10`,
    [which.deliveryId, which.orderRef, which.shopId],
  );
}
