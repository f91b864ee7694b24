import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, type IdempotencyClaim, type Ran, runCommand } from './command.ts';
import { eligible } from './eligible.ts';

export interface NewDelivery {
  shop_id: string;
  order_ref: string | null;
  channel_id: string | null;
  pickup_lat: number | null;
  pickup_lon: number | null;
  pickup: Record<string, unknown>;
  pickup_ready_at: string | null;
  dropoff_lat: number | null;
  dropoff_lon: number | null;
  dropoff: Record<string, unknown>;
  dropoff_before: string | null;
  notes: string | null;
  pincode: string | null;
  /** Best first; the first that can be locked and is still eligible gets it. */
  candidates: readonly string[];
  /** Why these, for the ASSIGNED event: distances and ages by driver. */
  reasons: Record<string, unknown> | null;
  /** Store it as PENDING when no candidate could be had. False: store nothing then, another window will be tried. */
  final: boolean;
  /** Until the relay's first try, where it waits. */
  retry_in_ms: number;
}

/** `lost`: nothing was stored; ask again with other candidates. */
export type CreateResult = { outcome: 'created' | 'exists'; delivery: DeliveryRow } | { outcome: 'lost' };

/**
 * Ingest and assignment are one statement: one order, one commit. A second copy of the order finds the first (`exists`).
 * A candidate is locked before the insert, but with SKIP LOCKED: an insert may wait for another copy of the same
 * order, and that one waits for nobody, so there is no cycle.
 */
export const CREATE_DELIVERY = command(
  `shop_id uuid, order_ref text, channel_id text, pickup_lat float8, pickup_lon float8, pickup json,
   pickup_ready_at timestamptz, dropoff_lat float8, dropoff_lon float8, dropoff json, dropoff_before timestamptz,
   notes text, pincode text, candidates uuid[], reasons json, final boolean, retry_in_ms int`,
  `existing AS (SELECT x AS d FROM p, go, dispatch.delivery x WHERE x.shop_id = p.shop_id AND x.order_ref = p.order_ref),
pick AS (SELECT d.id, d.capacity FROM p, go, dispatch.driver d JOIN dispatch.driver_location l ON l.driver_id = d.id
  WHERE ${eligible} AND NOT EXISTS (SELECT 1 FROM existing)
  ORDER BY array_position(p.candidates, d.id) LIMIT 1 FOR UPDATE OF d SKIP LOCKED),
ins AS (INSERT INTO dispatch.delivery AS x (shop_id, order_ref, channel_id, pickup_lat, pickup_lon, pickup,
    pickup_ready_at, dropoff_lat, dropoff_lon, dropoff, dropoff_before, notes, pincode,
    status, dispatch, version, driver_id, exclusive, assigned_at, next_dispatch_at)
  SELECT p.shop_id, p.order_ref, p.channel_id, p.pickup_lat, p.pickup_lon, p.pickup,
    p.pickup_ready_at, p.dropoff_lat, p.dropoff_lon, p.dropoff, p.dropoff_before, p.notes, p.pincode,
    CASE WHEN pick.id IS NULL THEN 'PENDING' ELSE 'ASSIGNED' END,
    CASE WHEN pick.id IS NOT NULL THEN 'settled'
      WHEN p.pickup_lat IS NULL OR p.dropoff_lat IS NULL THEN 'needs_location' ELSE 'searching' END,
    CASE WHEN pick.id IS NULL THEN 1 ELSE 2 END,
    pick.id, coalesce(pick.capacity = 1, false), CASE WHEN pick.id IS NULL THEN NULL ELSE now() END,
    CASE WHEN pick.id IS NULL AND p.pickup_lat IS NOT NULL AND p.dropoff_lat IS NOT NULL
      THEN now() + p.retry_in_ms * interval '1 ms' END
  FROM p JOIN go ON true LEFT JOIN pick ON true
  WHERE (pick.id IS NOT NULL OR p.final) AND NOT EXISTS (SELECT 1 FROM existing)
  ON CONFLICT (shop_id, order_ref) DO NOTHING RETURNING x AS d),
won AS (UPDATE dispatch.driver w SET load = w.load + 1, version = w.version + 1
  FROM ins WHERE w.id = (ins.d).driver_id RETURNING w AS r),
drv AS (SELECT won.r, 'ASSIGNED' AS type, (ins.d).id AS delivery_id FROM won, ins),
chg AS (SELECT ins.d, 1 AS seq, 'CREATED' AS type, 'PENDING' AS status, NULL::timestamptz AS occurred_at,
    NULL::uuid AS driver_id, NULL::bigint AS driver_version, NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data
  FROM ins
  UNION ALL SELECT ins.d, 2, 'ASSIGNED', 'ASSIGNED', NULL, (won.r).id, (won.r).version, NULL, NULL,
    p.reasons -> ((won.r).id::text) FROM ins, won, p),
out AS (SELECT CASE WHEN f.d IS NULL THEN json_build_object('outcome', 'lost')
    ELSE json_build_object('outcome', f.outcome, 'delivery', f.d) END AS result, f.d IS NOT NULL AS keep
  FROM (SELECT 1) one LEFT JOIN (SELECT row_to_json(d) AS d, 'created' AS outcome FROM ins
    UNION ALL SELECT row_to_json(d), 'exists' FROM existing) f ON true)`,
);

/** Stores an order as a delivery and, if one of `candidates` can be had, assigns him, in one commit. */
export function createDelivery(
  db: Db,
  who: { actor: string; idempotency: IdempotencyClaim | null },
  input: NewDelivery,
): Promise<Ran<CreateResult>> {
  return runCommand<CreateResult>(db, CREATE_DELIVERY, who, { ...input });
}
