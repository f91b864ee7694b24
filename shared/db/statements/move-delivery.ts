import type { DeliveryStatus, FailureCode } from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, type IdempotencyClaim, type Ran, runCommand } from './command.ts';

export interface Move {
  shop_id: string;
  /** Which delivery: by its id or by its order. */
  delivery_id: string | null;
  order_ref: string | null;
  /** Only if this driver holds it (a driver's own request); null for anyone of the shop. */
  driver_id: string | null;
  to_status: DeliveryStatus;
  /** The statuses from which this is legal (domain/delivery.ts). */
  from_statuses: readonly DeliveryStatus[];
  occurred_at: string | null;
  lat: number | null;
  lon: number | null;
  proof: Record<string, unknown> | null;
  pincode: string | null;
  /** The proof of a person of the shop stands in for the pincode. */
  skip_pincode: boolean;
  failure_code: FailureCode | null;
  note: string | null;
  /** Back to PENDING: do not propose the present driver again. */
  exclude: boolean;
}

export type MoveResult =
  | { outcome: 'moved' | 'unchanged' | 'illegal' | 'wrong_pincode'; delivery: DeliveryRow; previous: DeliveryStatus }
  | { outcome: 'not_found' };

/**
 * When the phone says it happened, but never in the future nor before what it follows: a phone's clock may be years off,
 * and how long a delivery's history is kept goes by this. The event keeps what the phone said.
 */
const HAPPENED = 'greatest(least(p.occurred_at, now()), coalesce(x.picked_up_at, x.created_at))';

/**
 * One step of the delivery state machine: the from-statuses stand in the WHERE, the row is locked first, and the
 * driver's place is given back by the same statement when the step ends his part.
 */
const MOVE_DELIVERY = command(
  `shop_id uuid, delivery_id uuid, order_ref text, driver_id uuid, to_status text, from_statuses text[],
   occurred_at timestamptz, lat float8, lon float8, proof json, pincode text, skip_pincode boolean,
   failure_code text, note text, exclude boolean`,
  `del AS (SELECT x AS d, x.id, x.status, x.driver_id,
    p.to_status <> 'DELIVERED' OR p.skip_pincode OR x.pincode IS NULL OR x.pincode = p.pincode AS pincode_ok
  FROM p, go, dispatch.delivery x WHERE x.shop_id = p.shop_id AND (x.id = p.delivery_id OR x.order_ref = p.order_ref)
    AND (p.driver_id IS NULL OR x.driver_id = p.driver_id) FOR UPDATE OF x),
upd AS (UPDATE dispatch.delivery x SET status = p.to_status, version = x.version + 1, updated_at = now(),
    dispatch = CASE WHEN p.to_status <> 'PENDING' THEN 'settled'
      WHEN x.pickup_lat IS NULL OR x.dropoff_lat IS NULL THEN 'needs_location' ELSE 'searching' END,
    driver_id = CASE p.to_status WHEN 'PENDING' THEN NULL ELSE x.driver_id END,
    exclusive = x.exclusive AND p.to_status <> 'PENDING',
    attempt = x.attempt + CASE p.to_status WHEN 'PENDING' THEN 1 ELSE 0 END,
    excluded_driver_ids = CASE WHEN p.exclude AND x.driver_id IS NOT NULL
      THEN array_append(array_remove(x.excluded_driver_ids, x.driver_id), x.driver_id) ELSE x.excluded_driver_ids END,
    waiting_since = CASE p.to_status WHEN 'PENDING' THEN now() ELSE x.waiting_since END,
    dispatch_attempts = CASE p.to_status WHEN 'PENDING' THEN 0 ELSE x.dispatch_attempts END,
    next_dispatch_at = CASE WHEN p.to_status = 'PENDING' AND x.pickup_lat IS NOT NULL AND x.dropoff_lat IS NOT NULL
      THEN now() + interval '1 s' END,
    proof = coalesce(p.proof, x.proof), failure_code = coalesce(p.failure_code, x.failure_code),
    failure_note = CASE WHEN p.failure_code IS NULL THEN x.failure_note ELSE p.note END, unreachable_since = NULL,
    picked_up_at = CASE WHEN p.to_status = 'PICKED_UP' THEN ${HAPPENED} ELSE x.picked_up_at END,
    ended_at = CASE WHEN p.to_status IN ('DELIVERED','FAILED','CANCELLED') THEN ${HAPPENED}
      ELSE x.ended_at END
  FROM p, del WHERE x.id = del.id AND del.status = ANY(p.from_statuses) AND del.pincode_ok RETURNING x AS d),
freed AS (UPDATE dispatch.driver w SET load = w.load - 1, version = w.version + 1,
    idle_since = CASE WHEN w.load = 1 THEN now() ELSE w.idle_since END
  FROM upd, del WHERE w.id = del.driver_id AND del.status IN ('ASSIGNED','PICKED_UP','IN_TRANSIT')
    AND (upd.d).status NOT IN ('ASSIGNED','PICKED_UP','IN_TRANSIT') RETURNING w AS r),
drv AS (SELECT freed.r, CASE (upd.d).status WHEN 'PENDING' THEN 'UNASSIGNED' ELSE (upd.d).status END AS type,
    del.id AS delivery_id FROM freed, del, upd),
chg AS (SELECT upd.d, (upd.d).version AS seq, CASE p.to_status WHEN 'PENDING' THEN 'UNASSIGNED' ELSE p.to_status END AS type,
    p.to_status AS status, p.occurred_at, del.driver_id, (SELECT (freed.r).version FROM freed) AS driver_version,
    p.lat, p.lon, nullif(json_strip_nulls(json_build_object('failureCode', p.failure_code, 'note', p.note,
      'proof', p.proof))::text, '{}')::json AS data
  FROM upd, del, p),
out AS (SELECT CASE WHEN del.id IS NULL THEN json_build_object('outcome', 'not_found') ELSE
    json_build_object('outcome', CASE WHEN (upd.d).id IS NOT NULL THEN 'moved' WHEN del.status = p.to_status THEN 'unchanged'
        WHEN del.status = ANY(p.from_statuses) THEN 'wrong_pincode' ELSE 'illegal' END,
      'previous', del.status,
      'delivery', CASE WHEN (upd.d).id IS NULL THEN row_to_json(del.d) ELSE row_to_json(upd.d) END) END
    AS result, (upd.d).id IS NOT NULL OR del.status = p.to_status AS keep
  FROM p LEFT JOIN del ON true LEFT JOIN upd ON true)`,
);

/** Moves a delivery one step; see `MoveResult` for what can be answered. */
export function moveDelivery(
  db: Db,
  who: { actor: string; idempotency: IdempotencyClaim | null },
  input: Move,
): Promise<Ran<MoveResult>> {
  return runCommand<MoveResult>(db, MOVE_DELIVERY, who, { ...input });
}
