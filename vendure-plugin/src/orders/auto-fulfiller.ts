import { Inject, Injectable } from '@nestjs/common';
import {
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
import { piecesSent } from './attempts';
import { DriverFulfillments, linesForDrivers } from './fulfillments';
import { CHANGING } from './order-listener';

/** Placed, and paid for or to be paid at the door. One that is on its way may have got something more meanwhile. */
export const FULFILLABLE: readonly string[] = [
  'PaymentAuthorized',
  'PaymentSettled',
  'PartiallyShipped',
  'Shipped',
  'PartiallyDelivered',
  'Delivered',
];

/** How the note begins that an order is tried again, by which it is found for as long as that takes. */
export const WAITS = 'No driver can be sent yet: ';

export type Piece = { orderLineId: ID; quantity: number };
/** `later`: there is not enough stock on hand, or the order is being changed. */
export type Fulfilled = 'made' | 'nothing to make' | 'later';

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
  async fulfil(orderId: ID): Promise<Fulfilled> {
    const order = await this.fulfillable(orderId);
    if (typeof order === 'string') return order;
    return this.connection.withTransaction(await this.fulfillments.contextFor(order), async (ctx) => {
      const lines = await this.missing(ctx, order);
      return lines.length === 0 ? 'nothing to make' : this.make(ctx, order, lines);
    });
  }

  /** The order, with its channels, if the shop fulfils it by itself and it may be now. */
  async fulfillable(orderId: ID): Promise<Order | Exclude<Fulfilled, 'made'>> {
    if (!this.options.autoFulfill) return 'nothing to make';
    const order = await this.fulfillments.withLines(await this.fulfillments.contextFor(), orderId);
    if (order === null || order.type === 'Aggregate') return 'nothing to make';
    if (FULFILLABLE.includes(order.state)) return order;
    return CHANGING.includes(order.state) ? 'later' : 'nothing to make';
  }

  /** Pieces that were never sent: a failed or cancelled delivery is asked for anew by a person, not by itself. */
  async missing(ctx: RequestContext, order: Order): Promise<Piece[]> {
    const wanted = linesForDrivers(order);
    if (wanted.length === 0) return [];
    const attempts = await this.connection.getRepository(ctx, FulfillmentLine).find({
      where: { orderLineId: In(wanted.map(({ orderLineId }) => orderLineId)) },
      relations: ['fulfillment'],
    });
    return wanted.flatMap(({ orderLineId, quantity }) => {
      const left = quantity - piecesSent(attempts.filter((each) => idsAreEqual(each.orderLineId, orderLineId)));
      return left > 0 ? [{ orderLineId, quantity: left }] : [];
    });
  }

  private async make(ctx: RequestContext, order: Order, lines: Piece[]): Promise<Fulfilled> {
    const handler = { code: HANDLER_CODE, arguments: [] };
    const made = await this.orderService.createFulfillment(ctx, { handler, lines });
    if (!isGraphQlErrorResult(made)) return 'made';
    if (made.errorCode === 'ITEMS_ALREADY_FULFILLED_ERROR') return 'nothing to make';
    const why =
      made.errorCode === 'INSUFFICIENT_STOCK_ON_HAND_ERROR' ? 'there is not enough stock on hand' : made.message;
    await this.fulfillments.noteOnce(ctx, order.id, `${WAITS}${why}. It is tried again by itself.`);
    return 'later';
  }
}
