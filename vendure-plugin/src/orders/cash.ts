import { type Fulfillment, type ID, idsAreEqual, type Order } from '@vendure/core';
import type { ResolvedOptions } from '../options';

type Settings = Pick<ResolvedOptions, 'settleOnDelivery' | 'collect'>;
type Parcel = Pick<Fulfillment, 'id' | 'state' | 'lines'>;

/** Payments that are made at the door and have not been yet. */
export function unsettled(order: Order, { settleOnDelivery }: Settings): Order['payments'] {
  if (settleOnDelivery === false) return [];
  return (order.payments ?? []).filter(
    ({ state, method }) => state === 'Authorized' && (settleOnDelivery === true || settleOnDelivery.includes(method)),
  );
}

/**
 * What the driver of this parcel is to collect, in the order's smallest unit of money.
 * @param parcels all fulfillments of the order, this one too
 */
export function amountToCollect(order: Order, parcel: Parcel, parcels: Parcel[], settings: Settings): number {
  const due = unsettled(order, settings).reduce((sum, payment) => sum + payment.amount, 0);
  if (due === 0) return 0;
  const earlier = parcels.filter((each) => each.state !== 'Cancelled' && !idsAreEqual(each.id, parcel.id));
  const asked = settings.collect === 'share' ? earlier.reduce((sum, each) => sum + worthOf(order, each), 0) : 0;
  // The one that completes the order asks for the rest: the shipping, and what rounding has left.
  if (isComplete(order, [...earlier, parcel])) return Math.max(0, due - asked);
  return settings.collect === 'share' ? Math.min(due, worthOf(order, parcel)) : 0;
}

/** Whether nothing of the order is in none of these. */
export function isComplete(order: Order, parcels: Parcel[]): boolean {
  return order.lines.every(({ id, quantity }) => parcels.reduce((sum, each) => sum + pieces(each, id), 0) >= quantity);
}

function worthOf(order: Order, parcel: Parcel): number {
  return order.lines.reduce((sum, line) => sum + line.proratedUnitPriceWithTax * pieces(parcel, line.id), 0);
}

function pieces({ lines }: Parcel, orderLineId: ID): number {
  return lines
    .filter((line) => idsAreEqual(line.orderLineId, orderLineId))
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
