import type { Db } from '../open-db.ts';
import type { DeliveryRow, DriverRow } from '../schema.ts';

/** A driver, and the deliveries whose stops they have, in order of id. */
export interface RouteRows {
  driver: DriverRow;
  deliveries: readonly DeliveryRow[];
}

/** `null`: the shop has no such driver. */
export async function selectRoute(db: Db, shopId: string, driverId: string): Promise<RouteRows | null> {
  const [row] = await db.run<RouteRows>(
    `SELECT row_to_json(d) AS driver, (SELECT coalesce(json_agg(row_to_json(x) ORDER BY x.id), '[]')
       FROM dispatch.delivery x WHERE x.driver_id = d.id AND x.dropoff_rank IS NOT NULL) AS deliveries
     FROM dispatch.driver d WHERE d.id = $2 AND d.shop_id = $1`,
    [shopId, driverId],
  );
  return row ?? null;
}

/** How many stops its driver makes before the next one of each delivery; those without a stop to come are left out. */
export async function readStopsBefore(db: Db, deliveryIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.run<{ id: string; stops: number }>(
    `SELECT x.id, (SELECT count(*) FILTER (WHERE y.pickup_rank < n.rank) + count(*) FILTER (WHERE y.dropoff_rank < n.rank)
       FROM dispatch.delivery y WHERE y.driver_id = x.driver_id AND y.dropoff_rank IS NOT NULL)::int AS stops
     FROM dispatch.delivery x CROSS JOIN LATERAL (SELECT coalesce(x.pickup_rank, x.dropoff_rank) AS rank) n
     WHERE x.id = ANY($1::uuid[]) AND x.dropoff_rank IS NOT NULL`,
    [`{${deliveryIds.join(',')}}`],
  );
  return new Map(rows.map(({ id, stops }) => [id, stops]));
}
