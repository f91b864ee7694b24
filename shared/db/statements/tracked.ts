import type { Db } from '../open-db.ts';
import type { DeliveryRow, ShopRow } from '../schema.ts';

/** One delivery as its tracking link needs it; ended for longer than a day: none. */
export interface Tracked {
  delivery: DeliveryRow;
  shop_name: string;
  customer_page: ShopRow['customer_page'];
  driver_name: string | null;
  vehicle: string | null;
  driver_phone: string | null;
  assigned_at: string | null;
  in_transit_at: string | null;
  now_ms: number;
}

const EXPIRES_AFTER = '24 h';

export async function readTracked(db: Db, deliveryId: string): Promise<Tracked | null> {
  const [row] = await db.run<Tracked>(
    `SELECT row_to_json(x) AS delivery, s.name AS shop_name, s.customer_page, d.name AS driver_name,
      d.vehicle, d.phone AS driver_phone,
      to_json(x.assigned_at) #>> '{}' AS assigned_at,
      (SELECT to_json(max(e.occurred_at)) #>> '{}' FROM dispatch.delivery_event e
        WHERE e.delivery_id = x.id AND e.type = 'IN_TRANSIT') AS in_transit_at,
      floor(extract(epoch from now()) * 1000)::float8 AS now_ms
     FROM dispatch.delivery x JOIN dispatch.shop s ON s.id = x.shop_id LEFT JOIN dispatch.driver d ON d.id = x.driver_id
     WHERE x.id = $1 AND (x.ended_at IS NULL OR x.ended_at > now() - interval '${EXPIRES_AFTER}')`,
    [deliveryId],
  );
  return row ?? null;
}
