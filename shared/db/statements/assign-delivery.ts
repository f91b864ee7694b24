import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, type IdempotencyClaim, type Ran, runCommand } from './command.ts';
import { eligible } from './eligible.ts';

/** `lost`: still waiting, none of the candidates could be had. `not_pending`: somebody has it, or it has ended. */
export type AssignResult =
  | { outcome: 'assigned' | 'unchanged' | 'lost' | 'not_pending'; delivery: DeliveryRow }
  | { outcome: 'not_found' };

/**
 * Gives a waiting delivery to the first lockable eligible candidate. With `named`, the one candidate was chosen by a
 * person: he may then also take over from another driver who has not picked up yet (two events, one commit), and
 * earlier exclusions do not bind.
 */
const ASSIGN_DELIVERY = command(
  'shop_id uuid, delivery_id uuid, candidates uuid[], reasons json, named boolean, final boolean',
  `del AS (SELECT x AS d, x.id, x.status, x.driver_id, x.excluded_driver_ids FROM p, go, dispatch.delivery x
  WHERE x.id = p.delivery_id AND x.shop_id = p.shop_id FOR UPDATE OF x),
pick AS (SELECT d.id FROM p, del, dispatch.driver d JOIN dispatch.driver_location l ON l.driver_id = d.id
  WHERE ${eligible}
    AND (del.status = 'PENDING' OR (p.named AND del.status = 'ASSIGNED' AND del.driver_id <> d.id))
    AND (p.named OR d.id <> ALL(del.excluded_driver_ids))
  ORDER BY array_position(p.candidates, d.id) LIMIT 1 FOR UPDATE OF d SKIP LOCKED),
won AS (UPDATE dispatch.driver w SET load = w.load + 1, version = w.version + 1
  FROM pick WHERE w.id = pick.id RETURNING w AS r),
freed AS (UPDATE dispatch.driver w SET load = w.load - 1, version = w.version + 1,
    idle_since = CASE WHEN w.load = 1 THEN now() ELSE w.idle_since END
  FROM won, del WHERE del.status = 'ASSIGNED' AND w.id = del.driver_id RETURNING w AS r),
upd AS (UPDATE dispatch.delivery x SET status = 'ASSIGNED', dispatch = 'settled', driver_id = (won.r).id,
    exclusive = (won.r).capacity = 1, version = x.version + CASE del.status WHEN 'PENDING' THEN 1 ELSE 2 END,
    attempt = x.attempt + CASE del.status WHEN 'PENDING' THEN 0 ELSE 1 END,
    assigned_at = now(), next_dispatch_at = NULL, unreachable_since = NULL, updated_at = now()
  FROM won, del WHERE x.id = del.id RETURNING x AS d),
drv AS (SELECT won.r, 'ASSIGNED' AS type, del.id AS delivery_id FROM won, del
  UNION ALL SELECT freed.r, 'UNASSIGNED', del.id FROM freed, del),
chg AS (SELECT upd.d, (upd.d).version - 1 AS seq, 'UNASSIGNED' AS type, 'PENDING' AS status,
    NULL::timestamptz AS occurred_at, (freed.r).id AS driver_id, (freed.r).version AS driver_version,
    NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data FROM upd, freed
  UNION ALL SELECT upd.d, (upd.d).version, 'ASSIGNED', 'ASSIGNED', NULL, (won.r).id, (won.r).version, NULL, NULL,
    p.reasons -> ((won.r).id::text) FROM upd, won, p),
out AS (SELECT CASE
    WHEN (upd.d).id IS NOT NULL THEN json_build_object('outcome', 'assigned', 'delivery', row_to_json(upd.d))
    WHEN del.id IS NULL THEN json_build_object('outcome', 'not_found')
    ELSE json_build_object('outcome', CASE
        WHEN del.status = 'ASSIGNED' AND p.named AND del.driver_id = ANY(p.candidates) THEN 'unchanged'
        WHEN del.status = 'PENDING' OR (del.status = 'ASSIGNED' AND p.named) THEN 'lost' ELSE 'not_pending' END,
      'delivery', row_to_json(del.d)) END AS result,
    (upd.d).id IS NOT NULL OR (del.status = 'PENDING' AND p.final AND NOT p.named) AS keep
  FROM p LEFT JOIN del ON true LEFT JOIN upd ON true)`,
);

/**
 * Assigns a stored delivery.
 * @param input.final keep `lost` as the result under the key: no further window will be tried by this request
 */
export function assignDelivery(
  db: Db,
  who: { actor: string; idempotency: IdempotencyClaim | null },
  input: {
    shop_id: string;
    delivery_id: string;
    candidates: readonly string[];
    reasons: Record<string, unknown> | null;
    named: boolean;
    final: boolean;
  },
): Promise<Ran<AssignResult>> {
  return runCommand<AssignResult>(db, ASSIGN_DELIVERY, who, input);
}
