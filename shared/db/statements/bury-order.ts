import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, event } from './command.ts';
import { runCommand } from './run-command.ts';

export type BuryResult = { outcome: 'moved'; delivery: DeliveryRow; previous: 'PENDING' } | { outcome: 'exists' };

/** A cancel that overtook its order leaves a delivery born cancelled: the order finds it when it comes, and stays dead. */
const BURY_ORDER = command('shop_id uuid, order_ref text', {
  steps: `made AS (INSERT INTO dispatch.delivery AS x (shop_id, order_ref, pickup, dropoff, status, dispatch, version,
    failure_code, ended_at)
  SELECT f.shop_id, f.order_ref, '{}', '{}', 'CANCELLED', 'settled', 2, 'MANUAL_CANCEL', now() FROM fresh f
  ON CONFLICT (shop_id, order_ref) DO NOTHING RETURNING x AS d),
buried AS MATERIALIZED (SELECT 0 AS n, made.d FROM made)`,
  events: [
    event({ from: 'buried', d: 'd', seq: '1', type: `'CREATED'`, status: `'PENDING'` }),
    event({ from: 'buried', d: 'd', seq: '2', type: `'CANCELLED'` }),
  ],
  answer: `SELECT f.n, CASE WHEN (b.d).id IS NULL THEN json_build_object('outcome', 'exists')
    ELSE json_build_object('outcome', 'moved', 'previous', 'PENDING', 'delivery', row_to_json(b.d)) END AS result,
    (b.d).id IS NOT NULL AS keep FROM fresh f LEFT JOIN buried b ON b.n = f.n`,
});

/** Leaves the tombstone, and answers as the cancelling of a delivery does (the result is kept under the same key); `exists` if the order is there after all. */
export function buryOrder(
  db: Db,
  who: Requester,
  input: { shop_id: string; order_ref: string },
): Promise<CommandResult<BuryResult>> {
  return runCommand<BuryResult>(db, BURY_ORDER, who, input);
}
