import { createHash } from 'node:crypto';
import type { DeliveryChange, NewDelivery } from '../contract/deliveries.ts';
import type { DeliveryRow, ShopRow } from '../db/schema.ts';
import type { ChangeDeliveryResult } from '../db/statements/change-delivery.ts';
import type { RedeliverResult } from '../db/statements/redeliver-delivery.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { type DeliveryStatus, mayBeRedelivered } from '../domain/delivery.ts';
import { createDelivery } from './create-delivery.ts';
import { changeDelivery } from './deliveries.ts';
import type { FlowDeps } from './deps.ts';
import { redeliverDelivery } from './redeliver-delivery.ts';

/** `late`: what the message says otherwise, and is too late for. */
export type OrderResult =
  | { outcome: 'created' | 'exists'; delivery: DeliveryRow }
  | Extract<ChangeDeliveryResult | RedeliverResult, { late: readonly string[] }>;

/**
 * An order as a shop's message has it: stored, or, where it is known, changed to what the message says now, as far as it is
 * not too late. The same again changes nothing, whatever a person has corrected since; but where the delivery has failed,
 * was returned or cancelled, an order that is sent again asks for another attempt.
 *
 * Several commands under one key: the first keeps its result only if it has stored the order. Whatever stops us between them,
 * the message sent again does the rest.
 */
export async function receiveOrder(
  deps: FlowDeps,
  caller: Caller,
  shop: ShopRow,
  order: NewDelivery,
): Promise<CommandResult<OrderResult>> {
  const digest = createHash('sha256').update(JSON.stringify(order)).digest('hex');
  const created = await createDelivery(deps, caller, shop, order, digest);
  if (created.kind !== 'done' || created.result.outcome === 'created') return created;
  const { id } = created.result.delivery;
  const which = { shopId: shop.id, deliveryId: id, orderRef: null };
  const options = { partly: true, message_digest: digest, relocates: true };
  if (mayBeRedelivered(created.result.delivery.status as DeliveryStatus, 'PENDING')) {
    const again = await redeliverDelivery(
      deps,
      caller,
      { shop_id: shop.id, delivery_id: id, order_ref: null },
      changeOf(order),
      options,
    );
    const isNone =
      again.kind === 'done' && (again.result.outcome === 'illegal' || again.result.outcome === 'not_found');
    // Somebody was faster; or a cancel that came before its order, which stays dead.
    if (!isNone) return known(again, created.result);
  }
  return known(await changeDelivery(deps, caller, which, changeOf(order), options), created.result);
}

/** Deliveries are never taken away: one that was found is found again. */
function known(
  ran: CommandResult<ChangeDeliveryResult | RedeliverResult>,
  found: OrderResult,
): CommandResult<OrderResult> {
  if (ran.kind !== 'done' && ran.kind !== 'replayed') return ran;
  return { ...ran, result: 'late' in ran.result ? ran.result : found };
}

function changeOf({ sellerOrderId: _, channelId: __, notes, pincode, ...order }: NewDelivery): DeliveryChange {
  return { ...order, ...(notes && { notes }), ...(pincode && { pincode }) };
}
