import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, deliveryWith, event } from './command.ts';
import { runCommand } from './run-command.ts';

type RateDeliveryResult =
  | { outcome: 'rated' | 'unchanged' | 'not_delivered'; delivery: DeliveryRow }
  | { outcome: 'not_found' };

const RATE_DELIVERY = command('shop_id uuid, delivery_id uuid, stars smallint, note text', {
  steps: `found AS MATERIALIZED (SELECT f.n, x AS d FROM fresh f JOIN dispatch.delivery x
    ON x.id = f.delivery_id AND x.shop_id = f.shop_id FOR NO KEY UPDATE OF x),
changed AS MATERIALIZED (SELECT f.n, ${deliveryWith('found.d', {
    version: '(found.d).version + 1',
    rating: 'f.stars',
    rating_note: 'f.note',
    rated_at: 'now()',
    // What its driver may still see of the recipient goes by this: a rating is no work of theirs.
    updated_at: '(found.d).updated_at',
  })} AS d FROM found JOIN fresh f ON f.n = found.n WHERE (found.d).status = 'DELIVERED'
    AND ((found.d).rating, (found.d).rating_note) IS DISTINCT FROM (f.stars, f.note))`,
  deliveries: 'SELECT n, d FROM changed',
  events: [
    event({
      from: 'changed',
      d: 'd',
      type: `'RATED'`,
      data: `json_build_object('stars', (d).rating, 'note', (d).rating_note)`,
    }),
  ],
  answer: `SELECT f.n, CASE WHEN (found.d).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (c.d).id IS NOT NULL THEN json_build_object('outcome', 'rated', 'delivery', row_to_json(c.d))
    ELSE json_build_object('outcome', CASE WHEN (found.d).status = 'DELIVERED' THEN 'unchanged' ELSE 'not_delivered' END,
      'delivery', row_to_json(found.d)) END AS result, (c.d).id IS NOT NULL AS keep
  FROM fresh f LEFT JOIN found ON found.n = f.n LEFT JOIN changed c ON c.n = f.n`,
});

/**
 * What the customer says of a delivery that has been handed over, in place of what they said before.
 * @param input.stars 1 to 5
 */
export function commitRating(
  db: Db,
  who: Requester,
  input: { shop_id: string; delivery_id: string; stars: number; note: string | null },
): Promise<CommandResult<RateDeliveryResult>> {
  return runCommand<RateDeliveryResult>(db, RATE_DELIVERY, who, input);
}
