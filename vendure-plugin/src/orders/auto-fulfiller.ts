import { Inject, Injectable } from '@nestjs/common';
import {
  type Fulfillment,
  FulfillmentLine,
  type ID,
  idsAreEqual,
  isGraphQlErrorResult,
  type Order,
  OrderService,
  type RequestContext,
  TransactionalConnection,
} from '@vendure/core';
import { In } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE } from '../constants';
import type { ResolvedOptions } from '../options';
import { DriverFulfillments, linesForDrivers } from './fulfillments';

/** Placed, and paid for or to be paid at the door. One that is on its way may have got something more meanwhile. */
export const FULFILLABLE: readonly string[] = [
  'PaymentAuthorized',
  'PaymentSettled',
  'PartiallyShipped',
  'Shipped',
  'PartiallyDelivered',
  'Delivered',
];

type Piece = { orderLineId: ID; quantity: number };

@Injectable()
export class AutoFulfiller {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly orderService: OrderService,
    private readonly fulfillments: DriverFulfillments,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /**
   * Makes the fulfillment of a placed order, and a further one of what was added since, once, however often it is asked
   * to. Publishing its transition to `Pending` writes the message to the service in the same transaction.
   * What may work later (no stock on hand, for instance) is found again by the reconciliation.
   */
  async fulfil(orderId: ID): Promise<string> {
    if (!this.options.autoFulfill) return 'an administrator fulfils';
    const order = await this.fulfillments.withLines(await this.fulfillments.contextFor(), orderId);
    if (order === null) return 'no such order';
    if (order.type === 'Aggregate') return 'not ours: an aggregate';
    if (!FULFILLABLE.includes(order.state)) return `not ready: ${order.state}`;
    const wanted = linesForDrivers(order);
    if (wanted.length === 0) return 'not ours: another shipping method';
    return this.connection.withTransaction(await this.fulfillments.contextFor(order), async (ctx) => {
      const lines = await this.withoutDelivery(ctx, wanted);
      return lines.length === 0 ? 'has one already' : this.make(ctx, order, lines);
    });
  }

  private async make(ctx: RequestContext, order: Order, lines: Piece[]): Promise<string> {
    const handler = { code: HANDLER_CODE, arguments: [] };
    const made = await this.orderService.createFulfillment(ctx, { handler, lines });
    if (!isGraphQlErrorResult(made)) return (made as Fulfillment).customFields.deliveryRef ?? 'made';
    if (made.errorCode === 'ITEMS_ALREADY_FULFILLED_ERROR') return 'fulfilled by another handler';
    const why =
      made.errorCode === 'INSUFFICIENT_STOCK_ON_HAND_ERROR' ? 'there is not enough stock on hand' : made.message;
    await this.fulfillments.noteOnce(ctx, order.id, `No driver can be sent yet: ${why}. It is tried again by itself.`);
    return `not yet: ${why}`;
  }

  /** Pieces that never had one: a failed or cancelled delivery is asked for anew by a person, not by itself. */
  private async withoutDelivery(ctx: RequestContext, wanted: Piece[]): Promise<Piece[]> {
    const had = await this.connection
      .getRepository(ctx, FulfillmentLine)
      .find({ where: { orderLineId: In(wanted.map(({ orderLineId }) => orderLineId)) } });
    return wanted.flatMap(({ orderLineId, quantity }) => {
      const its = had.filter((line) => idsAreEqual(line.orderLineId, orderLineId));
      const left = its.reduce((sum, line) => sum - line.quantity, quantity);
      return left > 0 ? [{ orderLineId, quantity: left }] : [];
    });
  }
}
