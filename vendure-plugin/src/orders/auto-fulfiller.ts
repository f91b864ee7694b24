import { Injectable } from '@nestjs/common';
import { type ID, isGraphQlErrorResult, Logger, OrderService, TransactionalConnection } from '@vendure/core';
import { HANDLER_CODE, loggerCtx } from '../constants';
import { DriverFulfillments, linesForDrivers } from './fulfillments';

/** Placed, paid for or to be paid at the door, and not yet on its way. */
export const READY_STATES = ['PaymentAuthorized', 'PaymentSettled', 'PartiallyShipped', 'PartiallyDelivered'] as const;

@Injectable()
export class AutoFulfiller {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly orderService: OrderService,
    private readonly fulfillments: DriverFulfillments,
  ) {}

  /**
   * Makes the one fulfillment of a placed order, once, however often it is asked to. Publishing its transition to
   * `Pending` writes the message to the service in the same transaction.
   * What may work later (no stock on hand, for instance) is found again by the reconciliation.
   */
  async fulfil(orderId: ID): Promise<string> {
    const outside = await this.fulfillments.contextFor();
    const found = await this.fulfillments.order(outside, orderId);
    if (found === null) return 'no such order';
    const ctx = await this.fulfillments.contextFor(found);
    return this.connection.withTransaction(ctx, async (tx) => {
      const order = await this.fulfillments.order(tx, orderId);
      if (order === null || order.type === 'Aggregate') return 'not ours: an aggregate';
      if (!(READY_STATES as readonly string[]).includes(order.state)) return `not ready: ${order.state}`;
      if ((await this.fulfillments.ofOrder(tx, orderId)).length > 0) return 'has one already';
      const lines = linesForDrivers(order);
      if (lines.length === 0) return 'not ours: another shipping method';
      const made = await this.orderService.createFulfillment(tx, {
        handler: { code: HANDLER_CODE, arguments: [] },
        lines,
      });
      if (!isGraphQlErrorResult(made)) return made.customFields.deliveryRef ?? 'made';
      if (made.errorCode === 'ITEMS_ALREADY_FULFILLED_ERROR') return 'fulfilled by another handler';
      Logger.warn(`Order ${order.code} cannot be fulfilled yet: ${made.message}`, loggerCtx);
      return `not yet: ${made.message}`;
    });
  }
}
