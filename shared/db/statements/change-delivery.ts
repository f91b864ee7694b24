import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, type IdempotencyClaim, NO_DRIVERS, type Ran, runCommand } from './command.ts';

/** Only what is present changes; `pickup` and `dropoff` are merged into what is stored. */
export interface DeliveryChange {
  pickup?: Record<string, unknown>;
  pickup_lat?: number;
  pickup_lon?: number;
  pickup_ready_at?: string;
  dropoff?: Record<string, unknown>;
  dropoff_lat?: number;
  dropoff_lon?: number;
  dropoff_before?: string;
  notes?: string;
  pincode?: string;
}

export type ChangeDeliveryResult =
  | { outcome: 'changed' | 'not_pending'; delivery: DeliveryRow }
  | { outcome: 'not_found' };

/** Details of a delivery that waits. One that waited for coordinates and now has both is searched for at once. */
const CHANGE_DELIVERY = command(
  `shop_id uuid, delivery_id uuid, order_ref text, pickup json, pickup_lat float8, pickup_lon float8,
   pickup_ready_at timestamptz, dropoff json, dropoff_lat float8, dropoff_lon float8, dropoff_before timestamptz,
   notes text, pincode text`,
  `del AS (SELECT x AS d, x.id, x.status, coalesce(p.pickup_lat, x.pickup_lat) IS NOT NULL
      AND coalesce(p.dropoff_lat, x.dropoff_lat) IS NOT NULL AS located
  FROM p, go, dispatch.delivery x WHERE x.shop_id = p.shop_id AND (x.id = p.delivery_id OR x.order_ref = p.order_ref)
  FOR UPDATE OF x),
upd AS (UPDATE dispatch.delivery x SET version = x.version + 1, updated_at = now(),
    pickup = (x.pickup::jsonb || coalesce(p.pickup::jsonb, '{}'))::json,
    pickup_lat = coalesce(p.pickup_lat, x.pickup_lat), pickup_lon = coalesce(p.pickup_lon, x.pickup_lon),
    pickup_ready_at = coalesce(p.pickup_ready_at, x.pickup_ready_at),
    dropoff = (x.dropoff::jsonb || coalesce(p.dropoff::jsonb, '{}'))::json,
    dropoff_lat = coalesce(p.dropoff_lat, x.dropoff_lat), dropoff_lon = coalesce(p.dropoff_lon, x.dropoff_lon),
    dropoff_before = coalesce(p.dropoff_before, x.dropoff_before),
    notes = coalesce(p.notes, x.notes), pincode = coalesce(p.pincode, x.pincode),
    dispatch = CASE WHEN x.dispatch = 'needs_location' AND del.located THEN 'searching' ELSE x.dispatch END,
    next_dispatch_at = CASE WHEN x.dispatch = 'needs_location' AND del.located THEN now() + interval '1 s'
      ELSE x.next_dispatch_at END
  FROM p, del WHERE x.id = del.id AND del.status = 'PENDING' RETURNING x AS d),
${NO_DRIVERS},
chg AS (SELECT upd.d, (upd.d).version AS seq, 'UPDATED' AS type, 'PENDING' AS status, NULL::timestamptz AS occurred_at,
    NULL::uuid AS driver_id, NULL::bigint AS driver_version, NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data
  FROM upd),
out AS (SELECT CASE WHEN (upd.d).id IS NOT NULL THEN
      json_build_object('outcome', 'changed', 'delivery', row_to_json(upd.d))
    WHEN del.id IS NULL THEN json_build_object('outcome', 'not_found')
    ELSE json_build_object('outcome', 'not_pending', 'delivery', row_to_json(del.d)) END AS result,
    (upd.d).id IS NOT NULL AS keep FROM p LEFT JOIN del ON true LEFT JOIN upd ON true)`,
);

/** Changes a waiting delivery, found by its id or by its order. */
export function changeDelivery(
  db: Db,
  who: { actor: string; idempotency: IdempotencyClaim | null },
  which: { shop_id: string; delivery_id: string | null; order_ref: string | null },
  change: DeliveryChange,
): Promise<Ran<ChangeDeliveryResult>> {
  return runCommand<ChangeDeliveryResult>(db, CHANGE_DELIVERY, who, { ...change, ...which });
}
