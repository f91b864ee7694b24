import { Inject, Injectable } from '@nestjs/common';
import { Logger, Order, type RequestContext, TransactionalConnection } from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE, loggerCtx } from '../constants';
import type { ResolvedOptions } from '../options';
import { DriverFulfillments } from '../orders/fulfillments';
import { lockWindows } from '../orders/order-lock';
import { DeliverySlots } from './slots';
import type { Slot } from './windows';

/**
 * A window is kept for a customer for 15 minutes, and some pay later. Whoever has paid has an order: where the last place
 * is gone by then, it is delivered in the nearest window that is free, or in none, and somebody of the shop is told.
 */
@Injectable()
export class WindowCheck {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly fulfillments: DriverFulfillments,
    private readonly slots: DeliverySlots,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /**
   * Call in the transaction that places the order.
   * @param order with its shipping lines and their methods
   * @returns what was changed of it
   */
  async atPayment(ctx: RequestContext, order: Order): Promise<Partial<Order['customFields']>> {
    const { deliveryAfter: after, deliveryBefore: before } = order.customFields;
    if (after === null || before === null) return {};
    const methods = order.shippingLines.map(({ shippingMethod }) => shippingMethod);
    const method = methods.find((each) => each?.fulfillmentHandlerCode === HANDLER_CODE);
    if (!method) return {};
    await lockWindows(this.connection, ctx);
    const wished = { after, before };
    const now = await this.slots.atPayment(ctx, method.id, wished, order.id);
    if (now === wished) return {};
    const text = this.noteOn(wished, now);
    Logger.warn(`Order ${order.code}: ${text}`, loggerCtx);
    await this.fulfillments.note(ctx, order.id, text, false);
    const customFields = {
      deliveryAfter: now?.after ?? null,
      deliveryBefore: now?.before ?? null,
      deliveryWished: after,
    };
    await this.connection.getRepository(ctx, Order).update(order.id, { customFields });
    return customFields;
  }

  private noteOn(wished: Slot, now: Slot | null): string {
    const lost = `The window ${this.words(wished)} was not free any more when the customer paid: it is kept for 15 minutes`;
    return now === null
      ? `${lost}. No other is free: the order is delivered as soon as it can be. Call the customer.`
      : `${lost}. The order is delivered ${this.words(now)}, the nearest that is free. Call the customer.`;
  }

  /** By the customers' clock. */
  private words({ after, before }: Slot): string {
    const { timeZone } = this.options;
    return new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone }).formatRange(
      after,
      before,
    );
  }
}
