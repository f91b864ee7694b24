import { Inject, Injectable } from '@nestjs/common';
import { Logger, Order, type RequestContext, type ShippingMethod, TransactionalConnection } from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE, loggerCtx } from '../constants';
import type { ResolvedOptions } from '../options';
import { DriverFulfillments } from '../orders/fulfillments';
import { lockWindows } from '../orders/order-lock';
import { DeliverySlots } from './slots';
import type { Slot } from './windows';

/**
 * A window is kept for a customer for 15 minutes, and some pay later. Whoever has paid has an order: where the last place
 * is gone by then, or its shipping method is another one with other windows, it is delivered in the nearest window that is
 * free, or in none, and somebody of the shop is told.
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
    const methods = order.shippingLines.flatMap(({ shippingMethod }) => shippingMethod ?? []);
    const ours = methods.find(({ fulfillmentHandlerCode }) => fulfillmentHandlerCode === HANDLER_CODE);
    if (ours === undefined) return {};
    await lockWindows(this.connection, ctx);
    const wished = { after, before };
    const offering = await this.offering(ctx, methods, wished);
    const slot = await this.slots.atPayment(ctx, (offering ?? ours).id, wished, order.id);
    if (slot === wished) return {};
    const text = this.noteOn(wished, slot, offering !== null);
    Logger.warn(`Order ${order.code}: ${text}`, loggerCtx);
    await this.fulfillments.note(ctx, order.id, text, false);
    return this.keep(ctx, order, {
      deliveryAfter: slot?.after ?? null,
      deliveryBefore: slot?.before ?? null,
      deliveryWished: after,
    });
  }

  /** Of the order's methods the one that the window was chosen for; null: it was another, and that was changed. */
  private async offering(ctx: RequestContext, methods: ShippingMethod[], wished: Slot): Promise<ShippingMethod | null> {
    for (const method of methods) if (await this.slots.offers(ctx, method.id, wished)) return method;
    return null;
  }

  /**
   * The window of the whole order, for a seller's part of it: Vendure copies no custom fields to that. It was looked at
   * when the whole order was placed, which is before this. Call in the transaction that places the part.
   * @returns what was changed of it
   */
  async ofWhole(ctx: RequestContext, part: Order): Promise<Partial<Order['customFields']>> {
    const whole = await this.fulfillments.wholeOf(ctx, part);
    const { deliveryAfter = null, deliveryBefore = null } = whole?.customFields ?? {};
    return deliveryAfter === null ? {} : this.keep(ctx, part, { deliveryAfter, deliveryBefore });
  }

  private async keep(ctx: RequestContext, { id }: Order, customFields: Partial<Order['customFields']>) {
    await this.connection.getRepository(ctx, Order).update(id, { customFields: customFields as Order['customFields'] });
    return customFields;
  }

  private noteOn(wished: Slot, slot: Slot | null, isOffered: boolean): string {
    const words = `The window ${this.words(wished)}`;
    const lost = isOffered
      ? `${words} was not free any more when the customer paid: it is kept for 15 minutes`
      : `${words} is none of those that the order's shipping method offers: it was chosen for another one`;
    if (slot !== null) {
      return `${lost}. The order is delivered ${this.words(slot)}, the nearest that is free. Call the customer.`;
    }
    return `${lost}. ${isOffered ? 'No other is free: the' : 'The'} order is delivered as soon as it can be. Call the customer.`;
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
