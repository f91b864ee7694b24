import type { Instructions, Rating } from '../contract/customer.ts';
import { commitDeliveryChange } from '../db/statements/change-delivery.ts';
import { commitRating } from '../db/statements/rate-delivery.ts';
import type { CommandResult, Requester } from '../domain/command.ts';
import type { FlowDeps } from './deps.ts';

/* What a customer does, who has shown a tracking link of this delivery and nothing else. */

/** Whose delivery a tracking link is for. */
interface WhichTracked {
  id: string;
  shopId: string;
}

/** Nothing is kept under a key: said twice, it is the same. */
const customer = (on: Pick<Requester, 'requestId' | 'traceparent'>): Requester => ({
  ...on,
  actor: 'customer',
  idempotency: null,
});

/**
 * Tells the driver how to get to the door and where to leave the parcel, until it has been handed over. Like any other
 * change of a delivery: its driver is told, and so is the shop.
 */
export async function leaveInstructions(
  { db }: Pick<FlowDeps, 'db'>,
  on: Pick<Requester, 'requestId' | 'traceparent'>,
  { id, shopId }: WhichTracked,
  { doorNotes, safePlace }: Instructions,
): Promise<'done' | 'too_late' | 'not_found'> {
  const which = { shop_id: shopId, delivery_id: id, order_ref: null };
  const ran = await commitDeliveryChange(db, customer(on), which, { dropoff: { doorNotes, safePlace } });
  const { outcome } = resultOf(ran);
  return outcome === 'too_late' || outcome === 'not_found' ? outcome : 'done';
}

/** Keeps what the customer says of a delivery that has been handed over, in place of what they said before. */
export async function rateDelivery(
  { db }: Pick<FlowDeps, 'db'>,
  on: Pick<Requester, 'requestId' | 'traceparent'>,
  { id, shopId }: WhichTracked,
  said: Rating,
): Promise<'done' | 'not_delivered' | 'not_found'> {
  const ran = await commitRating(db, customer(on), { shop_id: shopId, delivery_id: id, ...said });
  const { outcome } = resultOf(ran);
  return outcome === 'not_delivered' || outcome === 'not_found' ? outcome : 'done';
}

/** Without a key there is no other way that it can end. */
function resultOf<Result>(ran: CommandResult<Result>): Result {
  if (ran.kind !== 'done') throw new Error(`without a key: ${ran.kind}`);
  return ran.result;
}
