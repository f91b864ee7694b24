import type { NewDelivery } from '../contract/deliveries.ts';
import type { ShopRow } from '../db/schema.ts';
import type { CreateResult } from '../db/statements/create-delivery.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { orderDetails } from '../mappers/delivery-columns.ts';
import type { FlowDeps } from './deps.ts';

/**
 * Stores an order as a delivery and, where the shop is calm, gives it to a driver in the same commit. Else it waits: for
 * its time, for a driver, or for coordinates. `exists`: the shop's order is here already, under whatever key it came.
 * @param messageDigest of the shop's message that brings it, if a message does
 */
export async function createDelivery(
  deps: FlowDeps,
  caller: Caller,
  shop: ShopRow,
  input: NewDelivery,
  messageDigest: string | null = null,
): Promise<CommandResult<Exclude<CreateResult, { outcome: 'lost' }>>> {
  const details = orderDetails(shop, input, messageDigest);
  for (;;) {
    const ran = await deps.dispatch.create(caller, shop, details);
    if (ran.kind !== 'done' && ran.kind !== 'replayed') return ran;
    // Lost: another copy of the order was stored between our look and our insert; now it can be seen.
    if (ran.result.outcome !== 'lost') return { ...ran, result: ran.result };
  }
}
