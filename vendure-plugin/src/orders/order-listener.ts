import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  EventBus,
  type Fulfillment,
  FulfillmentStateTransitionEvent,
  type ID,
  type Order,
  OrderEvent,
  OrderPlacedEvent,
  OrderStateTransitionEvent,
  type RequestContext,
} from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE } from '../constants';
import { hashOf } from '../dispatch/messages';
import type { ResolvedOptions } from '../options';
import { Outbox } from '../outbox/outbox';
import { DriverFulfillments, linesForDrivers } from './fulfillments';
import { StockCorrection } from './stock-correction';

/** The delivery has ended, or was never to be: there is nothing left to cancel or to change. */
export const ENDED = ['DELIVERED', 'FAILED', 'RETURNED', 'CANCELLED'] as const;
const hasEnded = (fulfillment: Fulfillment) =>
  (ENDED as readonly (string | null)[]).includes(fulfillment.customFields.deliveryStatus);

/**
 * What in the shop concerns a delivery. Every handler is a blocking one: it runs inside the transaction of what happened,
 * so its row in the outbox is there if, and only if, that was committed.
 */
@Injectable()
export class OrderListener implements OnModuleInit {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly eventBus: EventBus,
    private readonly outbox: Outbox,
    private readonly fulfillments: DriverFulfillments,
    private readonly stock: StockCorrection,
  ) {}

  onModuleInit(): void {
    this.eventBus.registerBlockingEventHandler({
      id: 'driver-dispatch-placed',
      event: OrderPlacedEvent,
      handler: ({ ctx, order }) => this.placed(ctx, order),
    });
    this.eventBus.registerBlockingEventHandler({
      id: 'driver-dispatch-order-state',
      event: OrderStateTransitionEvent,
      handler: (event) => this.orderMoved(event),
    });
    this.eventBus.registerBlockingEventHandler({
      id: 'driver-dispatch-fulfillment-state',
      event: FulfillmentStateTransitionEvent,
      handler: (event) => this.fulfillmentMoved(event),
    });
    this.eventBus.registerBlockingEventHandler({
      id: 'driver-dispatch-order-updated',
      event: OrderEvent,
      handler: (event) => (event.type === 'updated' ? this.orderChanged(event.ctx, event.entity) : undefined),
    });
  }

  /** Whether it is a `Regular` order shows only later: Vendure splits an aggregate after this event. Who fulfils looks. */
  private async placed(ctx: RequestContext, order: Order): Promise<void> {
    if (this.options.autoFulfill && (await this.isOurs(ctx, order))) await this.outbox.addPlaced(ctx, order.id);
  }

  private async orderMoved({ ctx, order, fromState, toState }: OrderStateTransitionEvent): Promise<void> {
    // Seller orders have no OrderPlacedEvent of their own.
    const paid = toState === 'PaymentSettled' || toState === 'PaymentAuthorized';
    if (order.type === 'Seller' && fromState === 'ArrangingPayment' && paid) await this.placed(ctx, order);
    if (toState === 'Cancelled') await this.cancelDeliveries(ctx, order);
    // Settled by hand: nothing is to be collected any more.
    if (toState === 'PaymentSettled') await this.orderChanged(ctx, order);
  }

  /** `cancelOrder` leaves the fulfillments alone; the service says CANCELLED when it is done, and they follow. */
  private async cancelDeliveries(ctx: RequestContext, order: Order): Promise<void> {
    for (const fulfillment of await this.fulfillments.ofOrder(ctx, order.id)) {
      if (fulfillment.state !== 'Cancelled' && fulfillment.state !== 'Delivered')
        await this.cancel(ctx, order.id, fulfillment, 'The order was cancelled');
    }
  }

  private async fulfillmentMoved({ ctx, fulfillment, toState }: FulfillmentStateTransitionEvent): Promise<void> {
    if (fulfillment.handlerCode !== HANDLER_CODE) return;
    if (toState !== 'Pending' && toState !== 'Cancelled') return;
    const order = await this.fulfillments.orderOf(ctx, fulfillment.id);
    if (order === null) throw new Error('A fulfillment has an order');
    if (toState === 'Cancelled') {
      await this.stock.afterCancelling(ctx, fulfillment);
      return this.cancel(ctx, order.id, fulfillment, 'The fulfillment was cancelled');
    }
    const { message, remember } = await this.fulfillments.request(ctx, order, fulfillment);
    await this.fulfillments.save(ctx, fulfillment, remember);
    await this.outbox.add(ctx, { orderId: order.id, fulfillmentId: fulfillment.id }, message);
  }

  private async cancel(ctx: RequestContext, orderId: ID, fulfillment: Fulfillment, note: string): Promise<void> {
    const { deliveryRef } = fulfillment.customFields;
    if (deliveryRef === null || hasEnded(fulfillment)) return;
    const about = { orderId, fulfillmentId: fulfillment.id };
    await this.outbox.add(ctx, about, { type: 'delivery.cancelled', sellerOrderId: deliveryRef, note });
  }

  private async orderChanged(ctx: RequestContext, { id, active }: Order): Promise<void> {
    if (active) return;
    const open = (await this.fulfillments.ofOrder(ctx, id)).filter(
      (fulfillment) => !hasEnded(fulfillment) && (fulfillment.state === 'Pending' || fulfillment.state === 'Shipped'),
    );
    const order = open.length === 0 ? null : await this.fulfillments.order(ctx, id);
    if (order === null) return;
    for (const fulfillment of open) {
      const dropoff = await this.fulfillments.dropoff(ctx, order, fulfillment);
      const dropoffHash = hashOf(dropoff);
      const { deliveryRef, dropoffHash: sent } = fulfillment.customFields;
      if (deliveryRef === null || sent === dropoffHash) continue;
      await this.fulfillments.save(ctx, fulfillment, { dropoffHash });
      const about = { orderId: order.id, fulfillmentId: fulfillment.id };
      await this.outbox.add(ctx, about, { type: 'delivery.updated', sellerOrderId: deliveryRef, dropoff });
    }
  }

  private async isOurs(ctx: RequestContext, { id }: Order): Promise<boolean> {
    const order = await this.fulfillments.order(ctx, id);
    return order !== null && linesForDrivers(order).length > 0;
  }
}
