import type { ShopMessage } from '../contract/vendure.ts';
import type { DeliveryRow, ShopRow } from '../db/schema.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { changeDelivery } from './deliveries.ts';
import type { FlowDeps } from './deps.ts';
import { cancelOrder } from './move-delivery.ts';
import { type OrderResult, receiveOrder } from './receive-order.ts';

/**
 * - `accepted`: durable; `delivery` is where the order stands now
 * - `ignored`: understood, and nothing to do
 * - `too_late`: the step is not legal any more, and never will be; `late`: nor is the change of these
 * - `not_found`: an update of an order that is not here
 */
export type Received =
  | { outcome: 'accepted'; delivery: DeliveryRow; message: string }
  | { outcome: 'ignored'; message: string }
  | { outcome: 'too_late'; delivery: DeliveryRow; late: readonly string[] }
  | { outcome: 'not_found' };

/** Does what a verified message of a shop asks for, once, however often and in whatever order its copies come. */
export async function receiveShopMessage(
  deps: FlowDeps,
  caller: Caller,
  shop: ShopRow,
  message: Exclude<ShopMessage, { kind: 'ping' }>,
): Promise<CommandResult<Received>> {
  switch (message.kind) {
    case 'ignored':
      return { kind: 'done', result: { outcome: 'ignored', message: `Nothing to do: ${message.why}` }, drivers: [] };
    case 'requested': {
      const ran = await receiveOrder(deps, caller, shop, message.delivery);
      return answer(ran, (result) => ({ outcome: 'accepted', delivery: result.delivery, message: standing(result) }));
    }
    case 'updated': {
      const which = { shopId: shop.id, deliveryId: null, orderRef: message.sellerOrderId };
      const ran = await changeDelivery(deps, caller, which, message.change, { relocates: true });
      return answer(ran, (result) => {
        if (result.outcome === 'not_found') return { outcome: 'not_found' };
        if (result.outcome === 'too_late') return { outcome: 'too_late', delivery: result.delivery, late: result.late };
        const message = result.outcome === 'changed' ? 'The delivery was changed' : 'It is so already';
        return { outcome: 'accepted', delivery: result.delivery, message };
      });
    }
    case 'cancelled': {
      const ran = await cancelOrder(deps, caller, shop.id, message.sellerOrderId, message.note);
      return answer(ran, (result) => {
        if (result.outcome === 'not_found') return { outcome: 'not_found' };
        if (result.outcome === 'moved' || result.outcome === 'unchanged') {
          return { outcome: 'accepted', delivery: result.delivery, message: 'The delivery is cancelled' };
        }
        return { outcome: 'too_late', delivery: result.delivery, late: [] };
      });
    }
  }
}

function answer<Result>(ran: CommandResult<Result>, say: (result: Result) => Received): CommandResult<Received> {
  return ran.kind === 'done' || ran.kind === 'replayed' ? { ...ran, result: say(ran.result) } : ran;
}

function standing(result: OrderResult): string {
  const { outcome, delivery } = result;
  // A result that was kept by the version before has none.
  const late = 'late' in result && result.late.length > 0 ? `; too late for ${result.late.join(', ')}` : '';
  if (outcome === 'redelivered') return `Another attempt; it is ${delivery.status}${late}`;
  if (outcome === 'changed') return `Known already; changed${late}`;
  if (late !== '') return `Known already; it is ${delivery.status}${late}`;
  if (delivery.status === 'ASSIGNED') return 'Accepted; a driver has it';
  if (delivery.status !== 'PENDING') return `Known already; it is ${delivery.status}`;
  return delivery.dispatch === 'needs_location'
    ? 'Accepted; it waits for coordinates: PATCH /v1/deliveries/:id'
    : 'Accepted; it waits for a free driver';
}
