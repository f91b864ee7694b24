import type { Hold } from '../contract/routes.ts';
import { commitHold, commitRelease, type HoldResult } from '../db/statements/hold-delivery.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import type { FlowDeps } from './deps.ts';

type Which = { shopId: string; deliveryId: string };

/** A person keeps a waiting delivery back: no plan has it until then, or until it is released. */
export async function holdDelivery(
  deps: Pick<FlowDeps, 'db' | 'dispatch'>,
  caller: Caller,
  { shopId, deliveryId }: Which,
  { until, note }: Hold,
): Promise<CommandResult<HoldResult>> {
  const input = { shop_id: shopId, delivery_id: deliveryId, until: until ?? null, note: note ?? null };
  const ran = await commitHold(deps.db, caller, input);
  // Who is being asked about it still has a place kept.
  if (ran.kind === 'done' && ran.result.outcome === 'held' && ran.result.delivery.offered_at !== null)
    await deps.dispatch.mark(shopId);
  return ran;
}

/** Ends that: it is planned at once. */
export async function releaseDelivery(
  deps: Pick<FlowDeps, 'db' | 'dispatch'>,
  caller: Caller,
  { shopId, deliveryId }: Which,
): Promise<CommandResult<HoldResult>> {
  const ran = await commitRelease(deps.db, caller, { shop_id: shopId, delivery_id: deliveryId });
  if (ran.kind === 'done' && ran.result.outcome === 'released') await deps.dispatch.mark(shopId);
  return ran;
}
