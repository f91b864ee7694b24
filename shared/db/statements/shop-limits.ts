import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import { command } from './command.ts';
import { runCommand } from './run-command.ts';
import { CHANGED_SHOP, type SetShopResult } from './shops.ts';

const SET_LIMITS = command('shop_id uuid, limits json', {
  steps: `changed AS (UPDATE dispatch.shop s SET limits = f.limits FROM fresh f WHERE s.id = f.shop_id RETURNING s AS r)`,
  answer: CHANGED_SHOP,
});

/** What the shop's callers may ask, instead of what the environment says. */
export function setLimits(
  db: Db,
  who: Requester,
  input: { shop_id: string; limits: Readonly<Record<string, number>> },
): Promise<CommandResult<SetShopResult>> {
  return runCommand<SetShopResult>(db, SET_LIMITS, who, input);
}
