import {
  Fulfillment,
  FulfillmentHandler,
  FulfillmentLine,
  type ID,
  type Injector,
  idsAreEqual,
  OrderLine,
  type RequestContext,
  TransactionalConnection,
} from '@vendure/core';
import { In } from 'typeorm';
import { adminText } from '../admin-texts';
import { HANDLER_CODE } from '../constants';
import { piecesSent } from './attempts';
import { canLock, lockOrder } from './order-lock';

let connection: TransactionalConnection;

type Wanted = { orderLineId: ID; quantity: number };

/**
 * "Ready for a driver": one fulfillment is one delivery. Its reference is fixed here: the order's code for the first,
 * `<code>/2`, `<code>/3` … for later ones (parts of an order, or a new attempt after a cancelled one), so that every
 * delivery has its own and the service can tell a repetition from a second parcel.
 */
export const driverDeliveryHandler = new FulfillmentHandler({
  code: HANDLER_CODE,
  description: adminText('Driver delivery', 'Lieferung durch Fahrer'),
  args: {},
  init(injector: Injector) {
    connection = injector.get(TransactionalConnection);
  },
  async createFulfillment(ctx, orders, lines) {
    const [order] = orders;
    if (order === undefined) throw new Error('A driver delivery needs an order');
    if (orders.length > 1) throw new Error('A driver delivery is of one order');
    await lockOrder(connection, ctx, order.id);
    const ordered = await connection
      .getRepository(ctx, OrderLine)
      .find({ where: { id: In(lines.map(({ orderLineId }) => orderLineId)) } });
    // Vendure has looked before we had the lock: a second click may have passed with the first.
    if (areTooMany(lines, ordered, await taken(ctx, lines))) throw new Error('These items are in a delivery already');
    const earlier = await connection
      .getRepository(ctx, Fulfillment)
      .count({ where: { handlerCode: HANDLER_CODE, orders: { id: order.id } } });
    const deliveryRef = deliveryRefOf(order.code, earlier);
    // More than were never sent: there are some among them that have come back.
    const newAttempt = earlier > 0 && areTooMany(lines, ordered, await attempted(ctx, lines)) ? true : null;
    return {
      method: 'Driver delivery',
      trackingCode: deliveryRef,
      customFields: { deliveryRef, newAttempt } as Fulfillment['customFields'],
    };
  },
});

/** @param earlier how many of our fulfillments the order has had, the cancelled ones too */
export function deliveryRefOf(orderCode: string, earlier: number): string {
  return earlier === 0 ? orderCode : `${orderCode}/${earlier + 1}`;
}

/** Whether more pieces of a line are asked for than were ordered and are not in these. */
function areTooMany(wanted: Wanted[], ordered: OrderLine[], attempts: FulfillmentLine[]): boolean {
  return wanted.some(({ orderLineId, quantity }) => {
    const most = ordered.find((line) => idsAreEqual(line.id, orderLineId))?.quantity ?? 0;
    return quantity + piecesSent(attempts.filter((each) => idsAreEqual(each.orderLineId, orderLineId))) > most;
  });
}

/** What of these lines is in fulfillments that are not cancelled. */
function taken(ctx: RequestContext, wanted: Wanted[]): Promise<FulfillmentLine[]> {
  const inFulfillments = connection
    .getRepository(ctx, FulfillmentLine)
    .createQueryBuilder('taken')
    .innerJoinAndSelect('taken.fulfillment', 'fulfillment', `fulfillment.state <> 'Cancelled'`)
    .where('taken.orderLineId IN (:...ids)', { ids: wanted.map(({ orderLineId }) => orderLineId) });
  // A locking read: in MySQL a plain one would still see what was there when the transaction began.
  if (canLock(connection, ctx)) inFulfillments.setLock('pessimistic_write');
  return inFulfillments.getMany();
}

/** What of these lines is in fulfillments, the cancelled ones too. */
function attempted(ctx: RequestContext, wanted: Wanted[]): Promise<FulfillmentLine[]> {
  const ids = wanted.map(({ orderLineId }) => orderLineId);
  const where = { orderLineId: In(ids) };
  return connection.getRepository(ctx, FulfillmentLine).find({ where, relations: ['fulfillment'] });
}
