import { createHash } from 'node:crypto';
import type { DeliveryChange, NewDelivery } from '../contract/deliveries.ts';
import type { DeliveryRow, ShopRow } from '../db/schema.ts';
import type { ChangeDeliveryResult } from '../db/statements/change-delivery.ts';
import type { Ran } from '../db/statements/run-command.ts';
import { createDelivery } from './create-delivery.ts';
import { changeDelivery } from './deliveries.ts';
import type { Caller, FlowDeps } from './deps.ts';

/** `late`: what the message says otherwise, and is too late for. */
export type OrderResult =
  | { outcome: 'created' | 'exists'; delivery: DeliveryRow }
  | Extract<ChangeDeliveryResult, { delivery: DeliveryRow }>;

/**
 * An order as a shop's message has it: stored, or, where it is known, changed to what the message says now, as far as it is
 * not too late. The same again changes nothing, whatever a person has corrected since.
 *
 * Two commands under one key: the first keeps its result only if it has stored the order. Whatever stops us between them,
 * the message sent again does the rest.
 */
export async function receiveOrder(
  deps: FlowDeps,
  caller: Caller,
  shop: ShopRow,
  order: NewDelivery,
): Promise<Ran<OrderResult>> {
  const digest = createHash('sha256').update(JSON.stringify(order)).digest('hex');
  const created = await createDelivery(deps, caller, shop, order, digest);
  if (created.kind !== 'done' || created.result.outcome === 'created') return created;
  const which = { shopId: shop.id, deliveryId: created.result.delivery.id, orderRef: null };
  const options = { partly: true, message_digest: digest, relocates: true };
  const ran = await changeDelivery(deps, caller, which, changeOf(order), options);
  if (ran.kind !== 'done' && ran.kind !== 'replayed') return ran;
  // Deliveries are never taken away.
  return { ...ran, result: ran.result.outcome === 'not_found' ? created.result : ran.result };
}

function changeOf({ sellerOrderId: _, channelId: __, notes, pincode, ...order }: NewDelivery): DeliveryChange {
  return { ...order, ...(notes && { notes }), ...(pincode && { pincode }) };
}
