import type { Db } from '../open-db.ts';
import { command } from './command.ts';
import { type Ran, runCommand, type Who } from './run-command.ts';
import type { SetShopResult } from './shops.ts';

const SET_LIMITS = command('shop_id uuid, limits json', {
  steps: `changed AS (UPDATE dispatch.shop s SET limits = f.limits FROM fresh f WHERE s.id = f.shop_id RETURNING s AS r)`,
  answer: `SELECT f.n, CASE WHEN (c.r).id IS NULL THEN json_build_object('outcome', 'not_found')
    ELSE json_build_object('outcome', 'set', 'shop', row_to_json(c.r)) END AS result,
    (c.r).id IS NOT NULL AS keep FROM fresh f LEFT JOIN changed c ON true`,
});

/** What the shop's callers may ask, instead of what the environment says. */
export function setLimits(
  db: Db,
  who: Who,
  input: { shop_id: string; limits: Readonly<Record<string, number>> },
): Promise<Ran<SetShopResult>> {
  return runCommand<SetShopResult>(db, SET_LIMITS, who, input);
}
