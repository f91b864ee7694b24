import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { commands, type Order, type Ran, runCommands, type Who } from './command.ts';
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
 * Ingest and assignment are one statement: one order, one commit; or several orders that came together. A second copy
 * of an order finds the first (`exists`), or, within one statement, is `lost`. No driver gets two orders from one
 * statement, whoever is named in them: the first has him.
 * A candidate is locked before the insert, but with SKIP LOCKED: an insert may wait for another copy of the same
 * order, and that one waits for nobody, so there is no cycle; nor among inserts, which all go in order of order_ref.
 */
export const CREATE_DELIVERIES = commands(
  `shop_id uuid, order_ref text, channel_id text, pickup_lat float8, pickup_lon float8, pickup json,
   pickup_ready_at timestamptz, dropoff_lat float8, dropoff_lon float8, dropoff json, dropoff_before timestamptz,
   notes text, pincode text, candidates uuid[], reasons json, final boolean, retry_in_ms int`,
  `existing AS (SELECT p.n, e.d FROM p JOIN go ON go.n = p.n CROSS JOIN LATERAL (
    SELECT x AS d FROM dispatch.delivery x WHERE x.shop_id = p.shop_id AND x.order_ref = p.order_ref LIMIT 1) e),
locked AS (SELECT p.n, c.id, c.capacity FROM p JOIN go ON go.n = p.n CROSS JOIN LATERAL (
    SELECT d.id, d.capacity FROM dispatch.driver d JOIN dispatch.driver_location l ON l.driver_id = d.id
    WHERE ${eligible} ORDER BY array_position(p.candidates, d.id) LIMIT 1 FOR UPDATE OF d SKIP LOCKED) c
  WHERE NOT EXISTS (SELECT 1 FROM existing e WHERE e.n = p.n)),
pick AS (SELECT DISTINCT ON (id) n, id, capacity FROM locked ORDER BY id, n),
born AS MATERIALIZED (SELECT p.*, dispatch.uuid_v7() AS id, pick.id AS driver_id, pick.capacity
  FROM p JOIN go ON go.n = p.n LEFT JOIN pick ON pick.n = p.n
  WHERE (pick.id IS NOT NULL OR p.final) AND NOT EXISTS (SELECT 1 FROM existing e WHERE e.n = p.n)),
ins AS (INSERT INTO dispatch.delivery AS x (id, shop_id, order_ref, channel_id, pickup_lat, pickup_lon, pickup,
    pickup_ready_at, dropoff_lat, dropoff_lon, dropoff, dropoff_before, notes, pincode,
    status, dispatch, version, driver_id, exclusive, assigned_at, next_dispatch_at)
  SELECT b.id, b.shop_id, b.order_ref, b.channel_id, b.pickup_lat, b.pickup_lon, b.pickup,
    b.pickup_ready_at, b.dropoff_lat, b.dropoff_lon, b.dropoff, b.dropoff_before, b.notes, b.pincode,
    CASE WHEN b.driver_id IS NULL THEN 'PENDING' ELSE 'ASSIGNED' END,
    CASE WHEN b.driver_id IS NOT NULL THEN 'settled'
      WHEN b.pickup_lat IS NULL OR b.dropoff_lat IS NULL THEN 'needs_location' ELSE 'searching' END,
    CASE WHEN b.driver_id IS NULL THEN 1 ELSE 2 END,
    b.driver_id, coalesce(b.capacity = 1, false), CASE WHEN b.driver_id IS NULL THEN NULL ELSE now() END,
    CASE WHEN b.driver_id IS NULL AND b.pickup_lat IS NOT NULL AND b.dropoff_lat IS NOT NULL
      THEN now() + b.retry_in_ms * interval '1 ms' END
  FROM born b ORDER BY b.shop_id, b.order_ref
  ON CONFLICT (shop_id, order_ref) DO NOTHING RETURNING x AS d),
made AS (SELECT b.n, ins.d FROM ins JOIN born b ON b.id = (ins.d).id),
won AS (UPDATE dispatch.driver w SET load = w.load + 1, version = w.version + 1
  WHERE w.id = ANY (ARRAY(SELECT (ins.d).driver_id FROM ins)) RETURNING w AS r),
drv AS (SELECT made.n, won.r, 'ASSIGNED' AS type, (made.d).id AS delivery_id
  FROM won JOIN made ON (made.d).driver_id = (won.r).id),
chg AS (SELECT made.n, made.d, 1 AS seq, 'CREATED' AS type, 'PENDING' AS status, NULL::timestamptz AS occurred_at,
    NULL::uuid AS driver_id, NULL::bigint AS driver_version, NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data
  FROM made
  UNION ALL SELECT made.n, made.d, 2, 'ASSIGNED', 'ASSIGNED', NULL, (drv.r).id, (drv.r).version, NULL, NULL,
    p.reasons -> ((drv.r).id::text) FROM made JOIN drv ON drv.n = made.n JOIN p ON p.n = made.n),
out AS (SELECT p.n, CASE WHEN f.d IS NULL THEN json_build_object('outcome', 'lost')
    ELSE json_build_object('outcome', f.outcome, 'delivery', f.d) END AS result, f.d IS NOT NULL AS keep
  FROM p LEFT JOIN (SELECT n, row_to_json(d) AS d, 'created' AS outcome FROM made
    UNION ALL SELECT n, row_to_json(d), 'exists' FROM existing) f ON f.n = p.n)`,
);

/** Stores an order as a delivery and, if one of `candidates` can be had, assigns him, in one commit. */
export async function createDelivery(db: Db, who: Who, input: NewDelivery): Promise<Ran<CreateResult>> {
  const [ran] = await createDeliveries(db, [{ who, input }]);
  return ran as Ran<CreateResult>;
}

/** The same for several orders in one commit; answers in their order. No two of them may have the same key. */
export function createDeliveries(db: Db, orders: readonly Order<NewDelivery>[]): Promise<readonly Ran<CreateResult>[]> {
  const list = orders.map(({ who, input }) => ({ who, input: { ...input } }));
  return runCommands<CreateResult>(db, CREATE_DELIVERIES, list);
}
