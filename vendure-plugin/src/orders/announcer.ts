import { Injectable } from '@nestjs/common';
import {
  Fulfillment,
  FulfillmentLine,
  type ID,
  idsAreEqual,
  OrderLine,
  ProductVariantService,
  type RequestContext,
  StockLevelService,
  TransactionalConnection,
} from '@vendure/core';
import { In } from 'typeorm';
import { HANDLER_CODE } from '../constants';
import type { RequestMessage } from '../dispatch/messages';
import { type Announcement, announcementIn, Outbox } from '../outbox/outbox';
import type { OutgoingMessage } from '../outbox/outgoing-message.entity';
import { AutoFulfiller, FULFILLABLE, type Piece } from './auto-fulfiller';
import { DeliveryRequests } from './delivery-requests';
import { deliveryRefOf } from './fulfillment-handler';
import { DriverFulfillments } from './fulfillments';
import { lockOrder } from './order-lock';

const CALLED_OFF = 'Called off in the shop before it was packed';

/**
 * Says to the service what is to be delivered before the shop makes the fulfillment, which takes Vendure some fifty
 * statements: while many customers pay at once, drivers are looked for at once all the same. The message is kept in the
 * outbox before it is sent, so that whoever goes on after a crash knows that it may have been.
 */
@Injectable()
export class Announcer {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly autoFulfiller: AutoFulfiller,
    private readonly fulfillments: DriverFulfillments,
    private readonly outbox: Outbox,
    private readonly requests: DeliveryRequests,
    private readonly stockLevels: StockLevelService,
    private readonly variants: ProductVariantService,
  ) {}

  /** @returns what the service is to be asked now; null: nothing, or the fulfillment has to be made first */
  async announce(row: OutgoingMessage): Promise<Announcement | null> {
    // Asked before, and nobody lives who heard the answer: the fulfillment's own message finds it out, under the same id.
    if (announcementIn(row) !== null) return null;
    const order = await this.autoFulfiller.fulfillable(row.orderId);
    if (typeof order === 'string') return null;
    return this.connection.withTransaction(await this.fulfillments.contextFor(order), async (ctx) => {
      // Nobody takes the delivery's reference for another parcel, and nobody cancels the order, until this is written.
      await lockOrder(this.connection, ctx, order.id);
      const message = await this.messageFor(ctx, order.id);
      return message && this.outbox.announce(ctx, row, message);
    });
  }

  private async messageFor(ctx: RequestContext, orderId: ID): Promise<RequestMessage | null> {
    const order = await this.fulfillments.order(ctx, orderId);
    if (order === null || !FULFILLABLE.includes(order.state)) return null;
    const pieces = await this.autoFulfiller.missing(ctx, order);
    if (pieces.length === 0 || !(await this.areOnHand(ctx, pieces))) return null;
    const deliveryRef = deliveryRefOf(order.code, (await this.fulfillments.ofOrder(ctx, orderId)).length);
    const planned = new Fulfillment({
      handlerCode: HANDLER_CODE,
      state: 'Created',
      lines: pieces.map((piece) => new FulfillmentLine(piece)),
      customFields: { deliveryRef } as Fulfillment['customFields'],
    });
    return (await this.requests.request(ctx, order, planned)).message;
  }

  /**
   * Whether there is enough for all orders that are placed: what is on hand for this one alone another might take first,
   * and a driver would come for nothing.
   */
  private async areOnHand(ctx: RequestContext, pieces: Piece[]): Promise<boolean> {
    const lines = await this.connection
      .getRepository(ctx, OrderLine)
      .find({ where: { id: In(pieces.map(({ orderLineId }) => orderLineId)) }, relations: ['productVariant'] });
    for (const { id, productVariant } of lines) {
      const wanted = pieces.find(({ orderLineId }) => idsAreEqual(orderLineId, id))?.quantity ?? 0;
      const { stockOnHand, stockAllocated } = await this.stockLevels.getAvailableStock(ctx, productVariant.id);
      if (stockOnHand >= Math.max(wanted, stockAllocated)) continue;
      // So says Vendure of what is not counted.
      const uncounted = Number.MAX_SAFE_INTEGER;
      if ((await this.variants.getFulfillableStockLevel(ctx, productVariant)) < uncounted) return false;
    }
    return true;
  }

  /**
   * Makes the fulfillment that belongs to it; one that was announced and is not to be any more is called off.
   * @returns whether it is done; if not, it comes again
   */
  async fulfil(row: OutgoingMessage): Promise<boolean> {
    const outcome = await this.autoFulfiller.fulfil(row.orderId);
    const sellerOrderId = announcementIn(row)?.message.sellerOrderId;
    if (sellerOrderId === undefined) return true;
    const ctx = await this.fulfillments.contextFor();
    if ((await this.fulfillments.find(ctx, { deliveryRef: sellerOrderId })) !== null) return true;
    if (outcome === 'later') return false;
    const about = { orderId: row.orderId, fulfillmentId: null };
    await this.outbox.add(ctx, about, { type: 'delivery.cancelled', sellerOrderId, note: CALLED_OFF });
    return true;
  }
}
