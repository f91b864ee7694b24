import type { Hold } from '../contract/routes.ts';
import { type HoldResult, holdDelivery as hold, releaseDelivery as release } from '../db/statements/hold-delivery.ts';
import type { Ran } from '../db/statements/run-command.ts';
import type { Caller, FlowDeps } from './deps.ts';

type Which = { shopId: string; deliveryId: string };

/** A person keeps a waiting delivery back: no plan has it until then, or until it is released. */
export async function holdDelivery(
  deps: Pick<FlowDeps, 'db' | 'dispatch'>,
  caller: Caller,
  { shopId, deliveryId }: Which,
  { until, note }: Hold,
): Promise<Ran<HoldResult>> {
  const input = { shop_id: shopId, delivery_id: deliveryId, until: until ?? null, note: note ?? null };
  const ran = await hold(deps.db, caller, input);
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
): Promise<Ran<HoldResult>> {
  const ran = await release(deps.db, caller, { shop_id: shopId, delivery_id: deliveryId });
  if (ran.kind === 'done' && ran.result.outcome === 'released') await deps.dispatch.mark(shopId);
  return ran;
}
