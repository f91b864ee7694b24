import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, type IdempotencyClaim, NO_DRIVERS, type Ran, runCommand } from './command.ts';

export type BuryResult = { outcome: 'moved'; delivery: DeliveryRow; previous: 'PENDING' } | { outcome: 'exists' };

/** A cancel that overtook its order leaves a delivery born cancelled: the order finds it when it comes, and stays dead. */
const BURY_ORDER = command(
  'shop_id uuid, order_ref text',
  `ins AS (INSERT INTO dispatch.delivery AS x (shop_id, order_ref, pickup, dropoff, status, dispatch, version,
    failure_code, ended_at)
  SELECT p.shop_id, p.order_ref, '{}', '{}', 'CANCELLED', 'settled', 2, 'MANUAL_CANCEL', now() FROM p, go
  ON CONFLICT (shop_id, order_ref) DO NOTHING RETURNING x AS d),
${NO_DRIVERS},
chg AS (SELECT ins.d, e.seq, e.type, e.status, NULL::timestamptz AS occurred_at, NULL::uuid AS driver_id,
    NULL::bigint AS driver_version, NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data
  FROM ins, (VALUES (1, 'CREATED', 'PENDING'), (2, 'CANCELLED', 'CANCELLED')) e(seq, type, status)),
out AS (SELECT CASE WHEN (ins.d).id IS NULL THEN json_build_object('outcome', 'exists')
    ELSE json_build_object('outcome', 'moved', 'previous', 'PENDING', 'delivery', row_to_json(ins.d)) END AS result,
    (ins.d).id IS NOT NULL AS keep FROM p LEFT JOIN ins ON true)`,
);

/** Leaves the tombstone, and answers as the cancelling of a delivery does (the result is kept under the same key); `exists` if the order is there after all. */
export function buryOrder(
  db: Db,
  who: { actor: string; idempotency: IdempotencyClaim | null },
  input: { shop_id: string; order_ref: string },
): Promise<Ran<BuryResult>> {
  return runCommand<BuryResult>(db, BURY_ORDER, who, input);
}
