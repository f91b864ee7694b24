import { type Fulfillment, type ID, idsAreEqual, type Order } from '@vendure/core';
import { HANDLER_CODE } from '../constants';
import type { ResolvedOptions } from '../options';
import { linesForDrivers } from './fulfillments';

type Settings = Pick<ResolvedOptions, 'settleOnDelivery' | 'collect'>;
type Parcel = Pick<Fulfillment, 'id' | 'state' | 'handlerCode' | 'lines' | 'customFields'>;

/** Payments that are made at the door and have not been yet. */
export function unsettled(order: Order, { settleOnDelivery }: Settings): Order['payments'] {
  if (settleOnDelivery === false) return [];
  return (order.payments ?? []).filter(
    ({ state, method }) => state === 'Authorized' && (settleOnDelivery === true || settleOnDelivery.includes(method)),
  );
}

/**
 * What is to be paid at the door, in the order's smallest unit of money: what was authorized, and no more than the order
 * costs by now beside what is paid otherwise. When a piece is cancelled Vendure lowers the order's total, never a payment.
 */
export function dueAtTheDoor(order: Order, settings: Settings): number {
  const atTheDoor = unsettled(order, settings);
  const otherwise = (order.payments ?? []).filter(
    (payment) => (payment.state === 'Settled' || payment.state === 'Authorized') && !atTheDoor.includes(payment),
  );
  return Math.max(0, Math.min(amountOf(atTheDoor), order.totalWithTax - amountOf(otherwise)));
}

/** Without what was given back, or is about to be. */
function amountOf(payments: Order['payments']): number {
  const refunds = payments.flatMap((payment) => payment.refunds ?? []).filter(({ state }) => state !== 'Failed');
  return payments.reduce((sum, { amount }) => sum + amount, 0) - refunds.reduce((sum, { total }) => sum + total, 0);
}

/**
 * What the driver of this parcel is to collect, in the order's smallest unit of money: the one that completes the order
 * what no other was told to (the shipping too, and what rounding has left). All are told what they collect when they are
 * sent, and are asked again whenever the order changes: so what one was told before stays with it as long as so much is
 * due, and together they collect no more than that.
 * @param parcels all fulfillments of the order in the order of their ids, this one and what others bring too
 */
export function amountToCollect(order: Order, parcel: Parcel, parcels: Parcel[], settings: Settings): number {
  const due = dueAtTheDoor(order, settings);
  if (due === 0) return 0;
  const counting = parcels.filter((each) => counts(order, each));
  const others = counting.filter((each) => !idsAreEqual(each.id, parcel.id));
  const told = others.filter(isOurs).map((each) => {
    const before = counting.slice(0, counting.indexOf(each));
    return each.customFields.toldToCollect ?? firstAsk({ order, parcel: each, before, due, settings });
  });
  const left = Math.max(0, due - told.reduce((sum, amount) => sum + amount, 0));
  if (isComplete(order, [...others, parcel])) return left;
  const share = settings.collect === 'share' ? worthOf(order, parcel) : 0;
  return Math.min(left, parcel.customFields.toldToCollect ?? share);
}

/** Whether nothing that drivers bring of the order is in none of these: what others bring may be among them. */
export function isComplete(order: Order, parcels: Pick<Parcel, 'lines'>[]): boolean {
  const forDrivers = linesForDrivers(order);
  // They bring it although its shipping method says nothing of them: all of it.
  const all = order.lines.map(({ id, quantity }) => ({ orderLineId: id, quantity }));
  return (forDrivers.length > 0 ? forDrivers : all).every(
    ({ orderLineId, quantity }) => parcels.reduce((sum, each) => sum + pieces(each, orderLineId), 0) >= quantity,
  );
}

/** Of a parcel that does not remember what it was told, as those of before 1.6: as it was asked when it was made. */
function firstAsk(asked: { order: Order; parcel: Parcel; before: Parcel[]; due: number; settings: Settings }): number {
  const { order, parcel, before, due, settings } = asked;
  const isShare = settings.collect === 'share';
  if (!isComplete(order, [...before, parcel])) return isShare ? Math.min(due, worthOf(order, parcel)) : 0;
  const shares = before.filter(isOurs).reduce((sum, each) => sum + worthOf(order, each), 0);
  return Math.max(0, due - (isShare ? shares : 0));
}

/** Of one that is cancelled, or that nothing is left of, nobody collects anything; what was collected stays collected. */
function counts(order: Order, { state, lines }: Parcel): boolean {
  const isLeft = lines.some(({ orderLineId }) =>
    order.lines.some(({ id, quantity }) => quantity > 0 && idsAreEqual(id, orderLineId)),
  );
  return state !== 'Cancelled' && (isLeft || state === 'Delivered');
}

function isOurs({ handlerCode }: Parcel): boolean {
  return handlerCode === HANDLER_CODE;
}

function worthOf(order: Order, parcel: Parcel): number {
  return order.lines.reduce((sum, line) => sum + line.proratedUnitPriceWithTax * pieces(parcel, line.id), 0);
}

function pieces({ lines }: Pick<Parcel, 'lines'>, orderLineId: ID): number {
  return lines
    .filter((line) => idsAreEqual(line.orderLineId, orderLineId))
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
