import type { Page } from '../contract/nouns.ts';
import {
  type FailedEvent,
  REPLAYED_AT_ONCE,
  type ReplayResult,
  replayEvents,
  selectFailures,
} from '../db/statements/webhook-failures.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import type { FlowDeps } from './deps.ts';
import { toPage } from './drivers.ts';

export { REPLAYED_AT_ONCE };

/** What did not reach the shop's endpoint, oldest first. */
export async function listWebhookFailures(
  deps: Pick<FlowDeps, 'db'>,
  shopId: string,
  query: { cursor: string | null; limit: number },
): Promise<Page<FailedEvent>> {
  return toPage(await selectFailures(deps.db, shopId, { afterId: query.cursor, limit: query.limit + 1 }), query.limit);
}

/** Has failed events sent again, by the relay, at once. @param eventIds null: all of the shop */
export function replayWebhooks(
  deps: Pick<FlowDeps, 'db'>,
  caller: Caller,
  shopId: string,
  eventIds: readonly string[] | null,
): Promise<CommandResult<ReplayResult>> {
  return replayEvents(deps.db, caller, { shop_id: shopId, event_ids: eventIds });
}
