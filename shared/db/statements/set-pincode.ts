import type { CommandResult, Requester } from '../../domain/command.ts';
import { FINAL_STATUSES } from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { sqlList } from '../sql-list.ts';
import { command, deliveryWith, event } from './command.ts';
import { runCommand } from './run-command.ts';

export type SetPincodeResult = { outcome: 'set' | 'ended'; delivery: DeliveryRow } | { outcome: 'not_found' };

const SET_PINCODE = command('shop_id uuid, delivery_id uuid, pincode text', {
  steps: `found AS MATERIALIZED (SELECT f.n, x AS d FROM fresh f JOIN dispatch.delivery x
    ON x.id = f.delivery_id AND x.shop_id = f.shop_id FOR NO KEY UPDATE OF x),
changed AS MATERIALIZED (SELECT f.n, ${deliveryWith('found.d', {
    version: '(found.d).version + 1',
    pincode: 'f.pincode',
    pincode_misses: '0',
  })} AS d FROM found JOIN fresh f ON f.n = found.n WHERE (found.d).status NOT IN (${sqlList(FINAL_STATUSES)}))`,
  deliveries: 'SELECT n, d FROM changed',
  events: [
    event({
      from: 'changed',
      d: 'd',
      type: `'UPDATED'`,
      data: `json_build_object('pincode', CASE WHEN (d).pincode IS NULL THEN 'waived' ELSE 'set' END)`,
    }),
  ],
  answer: `SELECT f.n, CASE WHEN (found.d).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (c.d).id IS NULL THEN json_build_object('outcome', 'ended', 'delivery', row_to_json(found.d))
    ELSE json_build_object('outcome', 'set', 'delivery', row_to_json(c.d)) END AS result, (c.d).id IS NOT NULL AS keep
  FROM fresh f LEFT JOIN found ON found.n = f.n LEFT JOIN changed c ON c.n = f.n`,
});

/**
 * Another code at the door, or none (`null`: handed over without one), until the delivery has ended. What was guessed
 * before does not count against it.
 */
export function commitPincode(
  db: Db,
  who: Requester,
  input: { shop_id: string; delivery_id: string; pincode: string | null },
): Promise<CommandResult<SetPincodeResult>> {
  return runCommand<SetPincodeResult>(db, SET_PINCODE, who, input);
}
