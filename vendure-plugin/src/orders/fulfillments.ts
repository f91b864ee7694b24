import { Injectable } from '@nestjs/common';
import { HistoryEntryType, SortOrder } from '@vendure/common/lib/generated-types';
import {
  ChannelService,
  Fulfillment,
  HistoryService,
  type ID,
  idsAreEqual,
  Order,
  RequestContext,
  RequestContextService,
  TransactionalConnection,
} from '@vendure/core';
import { HANDLER_CODE } from '../constants';
import { lockFulfillment } from './order-lock';

const PRINTED = [
  'channels',
  'customer',
  'lines',
  'surcharges',
  'shippingLines',
  'shippingLines.shippingMethod',
  'payments',
  'payments.refunds',
];

/** Our fulfillments and the orders they belong to, read and written in the caller's transaction. */
@Injectable()
export class DriverFulfillments {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly channelService: ChannelService,
    private readonly historyService: HistoryService,
    private readonly requestContextService: RequestContextService,
  ) {}

  /**
   * A context to act for the shop with, in a channel that the order is in: the default one where it can be. Vendure looks
   * for stock in the locations of the context's channel alone, and a seller's channel need not have any.
   */
  async contextFor(order?: Order): Promise<RequestContext> {
    const fallback = await this.channelService.getDefaultChannel();
    const channels = order?.channels ?? [];
    const channel =
      channels.length === 0 || channels.some((each) => idsAreEqual(each.id, fallback.id)) ? fallback : channels[0];
    return this.requestContextService.create({ apiType: 'admin', channelOrToken: channel ?? fallback });
  }

  /** See there. */
  lock(ctx: RequestContext, fulfillmentId: ID): Promise<void> {
    return lockFulfillment(this.connection, ctx, fulfillmentId);
  }

  async find(ctx: RequestContext, which: { id: ID } | { deliveryRef: string }): Promise<Fulfillment | null> {
    const where = 'id' in which ? { id: which.id } : { customFields: { deliveryRef: which.deliveryRef } };
    const fulfillments = this.connection.getRepository(ctx, Fulfillment);
    return first(fulfillments.find({ where: { ...where, handlerCode: HANDLER_CODE }, relations: ['lines'] }));
  }

  /** All of this order that are ours, the cancelled ones too. */
  async ofOrder(ctx: RequestContext, orderId: ID): Promise<Fulfillment[]> {
    return (await this.allOf(ctx, orderId)).filter(({ handlerCode }) => handlerCode === HANDLER_CODE);
  }

  /** What goes by post, say, too: a part of an order need not be for drivers. */
  allOf(ctx: RequestContext, orderId: ID): Promise<Fulfillment[]> {
    return this.connection.getRepository(ctx, Fulfillment).find({
      where: { orders: { id: orderId } },
      relations: ['lines'],
      order: { id: 'ASC' },
    });
  }

  async orderOf(ctx: RequestContext, fulfillmentId: ID): Promise<Order | null> {
    const where = { fulfillments: { id: fulfillmentId } };
    const orders = this.connection.getRepository(ctx, Order);
    return first(orders.find({ where, relations: PRINTED, order: { id: 'ASC' } }));
  }

  /** With its channels, and what tells whether drivers bring it. */
  withLines(ctx: RequestContext, orderId: ID): Promise<Order | null> {
    const relations = ['channels', 'lines', 'shippingLines', 'shippingLines.shippingMethod'];
    return first(this.connection.getRepository(ctx, Order).find({ where: { id: orderId }, relations }));
  }

  /** With everything that subscribers to our events may want to print. */
  order(ctx: RequestContext, orderId: ID): Promise<Order | null> {
    return first(this.connection.getRepository(ctx, Order).find({ where: { id: orderId }, relations: PRINTED }));
  }

  /** The order that a seller's order is a part of. */
  async wholeOf(ctx: RequestContext, part: Order): Promise<Order | null> {
    const orders = this.connection.getRepository(ctx, Order);
    const [withWhole] = await orders.find({ where: { id: part.id }, relations: ['aggregateOrder'] });
    return withWhole?.aggregateOrder ?? null;
  }

  async orderByCode(ctx: RequestContext, code: string): Promise<Order | null> {
    return this.connection.getRepository(ctx, Order).findOneBy({ code });
  }

  async save(
    ctx: RequestContext,
    fulfillment: Fulfillment,
    fields: Partial<Fulfillment['customFields']>,
  ): Promise<void> {
    Object.assign(fulfillment.customFields, fields);
    await this.connection
      .getRepository(ctx, Fulfillment)
      .update(fulfillment.id, { customFields: fields as Fulfillment['customFields'] });
  }

  /** The order goes where its address says, and nobody knows any more where on the map that is. */
  async forgetPosition(ctx: RequestContext, order: Order): Promise<void> {
    const { shippingAddress: address } = order;
    // In there too: others who hear of the change read it from this very order.
    order.shippingAddress = { ...address, customFields: { ...address.customFields, latitude: null, longitude: null } };
    await this.connection.getRepository(ctx, Order).update(order.id, { shippingAddress: order.shippingAddress });
  }

  /** A line in the order's history; public ones are the customer's to read. */
  async note(ctx: RequestContext, orderId: ID, note: string, isPublic: boolean): Promise<void> {
    await this.historyService.createHistoryEntryForOrder(
      { ctx, orderId, type: HistoryEntryType.ORDER_NOTE, data: { note } },
      isPublic,
    );
  }

  /** For administrators, and not again where the order's history has it: what is tried every few minutes is told once. */
  async noteOnce(ctx: RequestContext, orderId: ID, note: string): Promise<void> {
    const { items } = await this.historyService.getHistoryForOrder(ctx, orderId, false, {
      filter: { type: { eq: HistoryEntryType.ORDER_NOTE } },
      take: 100,
      sort: { createdAt: SortOrder.DESC },
    });
    if (items.some(({ data }) => (data as { note?: unknown }).note === note)) return;
    await this.note(ctx, orderId, note, false);
  }
}

/** Of what an id finds. `findOne` would ask twice where there are relations, for the ids first: it counts rows. */
async function first<Entity>(found: Promise<Entity[]>): Promise<Entity | null> {
  return (await found)[0] ?? null;
}

/** Whether the order asks for our drivers, and with which of its lines. */
export function linesForDrivers(order: Order): { orderLineId: ID; quantity: number }[] {
  const ours = order.shippingLines.filter((line) => line.shippingMethod?.fulfillmentHandlerCode === HANDLER_CODE);
  const all = ours.length === order.shippingLines.length;
  return order.lines
    .filter((line) => line.quantity > 0)
    .filter(
      (line) =>
        all || ours.some((each) => line.shippingLineId !== undefined && idsAreEqual(each.id, line.shippingLineId)),
    )
    .map((line) => ({ orderLineId: line.id, quantity: line.quantity }))
    .filter(() => ours.length > 0);
}
