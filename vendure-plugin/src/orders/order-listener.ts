import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HistoryEntryType } from '@vendure/common/lib/generated-types';
import {
  EventBus,
  type Fulfillment,
  FulfillmentStateTransitionEvent,
  HistoryEntryEvent,
  type ID,
  type Order,
  OrderEvent,
  OrderPlacedEvent,
  OrderStateTransitionEvent,
  type RequestContext,
} from '@vendure/core';
import type { OrderHistoryEntry } from '@vendure/core/dist/entity/history-entry/order-history-entry.entity';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE } from '../constants';
import { changeTo, hashOf, type RequestMessage } from '../dispatch/messages';
import type { ResolvedOptions } from '../options';
import { type About, type Announcement, Outbox } from '../outbox/outbox';
import { WindowCheck } from '../shipping/window-check';
import { DeliveryRequests } from './delivery-requests';
import { DriverFulfillments, linesForDrivers } from './fulfillments';
import { leavesOldPosition } from './moved-address';
import { StockCorrection } from './stock-correction';

/** The delivery has ended, or was never to be: there is nothing left to cancel or to change. */
export const ENDED = ['DELIVERED', 'FAILED', 'RETURNED', 'CANCELLED'] as const;
/** While an order is in one of these Vendure moves neither it nor, with it, its fulfillments. */
export const CHANGING: readonly string[] = ['Modifying', 'ArrangingAdditionalPayment'];
const UNLOCATED =
  'has no coordinates: no driver is looked for until somebody sets them at the service, or corrects the address here.';
/** A parcel, and what the service was told of it before it was made. */
interface ToTell {
  ctx: RequestContext;
  about: About;
  message: RequestMessage;
  announced: Announcement | null;
}
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
    private readonly requests: DeliveryRequests,
    private readonly stock: StockCorrection,
    private readonly windows: WindowCheck,
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
      id: 'driver-dispatch-pieces-cancelled',
      event: HistoryEntryEvent,
      handler: (event) => this.written(event),
    });
    this.eventBus.registerBlockingEventHandler({
      id: 'driver-dispatch-order-updated',
      event: OrderEvent,
      handler: (event) => (event.type === 'updated' ? this.orderUpdated(event) : undefined),
    });
  }

  /** Whether it is a `Regular` order shows only later: Vendure splits an aggregate after this event. Who fulfils looks. */
  private async placed(ctx: RequestContext, order: Order): Promise<void> {
    const ours = await this.ours(ctx, order);
    if (ours === null) return;
    const isPart = order.type === 'Seller';
    const window = isPart ? await this.windows.ofWhole(ctx, ours) : await this.windows.atPayment(ctx, ours);
    // In there too: Vendure saves it after this once more, with everything in it.
    Object.assign(order.customFields, window);
    if (this.options.autoFulfill) await this.outbox.addReady(ctx, order.id);
  }

  private async orderMoved({ ctx, order, fromState, toState }: OrderStateTransitionEvent): Promise<void> {
    // Seller orders have no OrderPlacedEvent of their own.
    const paid = toState === 'PaymentSettled' || toState === 'PaymentAuthorized';
    if (order.type === 'Seller' && fromState === 'ArrangingPayment' && paid) await this.placed(ctx, order);
    if (toState === 'Cancelled') await this.cancelDeliveries(ctx, order);
    // Changed, and paid for if that costs more: something may have been added, and a driver may have moved on meanwhile.
    if (CHANGING.includes(fromState) && !CHANGING.includes(toState) && (await this.ours(ctx, order)) !== null)
      await this.outbox.addReady(ctx, order.id);
    // Settled by hand: nothing is to be collected any more.
    if (toState === 'PaymentSettled' && !order.active) await this.orderChanged(ctx, order.id);
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
    if (toState === 'Created') return;
    const order = await this.fulfillments.orderOf(ctx, fulfillment.id);
    if (order === null) throw new Error('A fulfillment has an order');
    if (toState === 'Cancelled') {
      await this.stock.afterCancelling(ctx, fulfillment);
      return this.cancel(ctx, order.id, fulfillment, 'The fulfillment was cancelled');
    }
    if (toState !== 'Pending') return this.movedByHand(ctx, order.id, fulfillment, toState);
    const { message, remember } = await this.requests.request(ctx, order, fulfillment);
    const { sellerOrderId, dropoff } = message;
    const announced = await this.outbox.announcement(ctx, sellerOrderId);
    const deliveryId = announced?.deliveryId ?? null;
    const known = deliveryId === null ? {} : { deliveryId, deliveryStatus: 'PENDING' };
    await this.fulfillments.save(ctx, fulfillment, { ...remember, ...known });
    await this.tell({ ctx, about: { orderId: order.id, fulfillmentId: fulfillment.id }, message, announced });
    if (dropoff.lat === undefined)
      await this.fulfillments.noteOnce(ctx, order.id, `Delivery ${sellerOrderId} ${UNLOCATED}`);
  }

  /** What the service does not know of it yet. */
  private async tell({ ctx, about, message, announced }: ToTell): Promise<void> {
    if (announced === null) return this.outbox.add(ctx, about, message);
    if (announced.deliveryId === null) await this.outbox.add(ctx, about, announced.message, announced.messageId);
    if (hashOf(announced.message) === hashOf(message)) return;
    await this.outbox.add(ctx, about, {
      type: 'delivery.updated',
      sellerOrderId: message.sellerOrderId,
      ...changeTo(message),
    });
  }

  /** What the service has said is stored before the fulfillment follows it: the rest an administrator did. */
  private async movedByHand(ctx: RequestContext, orderId: ID, fulfillment: Fulfillment, to: string): Promise<void> {
    const { deliveryRef, deliveryStatus } = fulfillment.customFields;
    const status = to === 'Shipped' ? 'PICKED_UP' : to === 'Delivered' ? 'DELIVERED' : null;
    if (status === null || deliveryRef === null || hasEnded(fulfillment)) return;
    if (status === 'PICKED_UP' && (deliveryStatus === 'PICKED_UP' || deliveryStatus === 'IN_TRANSIT')) return;
    await this.outbox.addMoved(ctx, { orderId, fulfillmentId: fulfillment.id }, deliveryRef, status);
  }

  private async cancel(ctx: RequestContext, orderId: ID, fulfillment: Fulfillment, note: string): Promise<void> {
    const { deliveryRef } = fulfillment.customFields;
    if (deliveryRef === null || hasEnded(fulfillment)) return;
    const about = { orderId, fulfillmentId: fulfillment.id };
    await this.outbox.add(ctx, about, { type: 'delivery.cancelled', sellerOrderId: deliveryRef, note });
  }

  /**
   * Pieces were cancelled. The history is the first to tell of it when the order costs less, too: the events of its lines
   * come before Vendure has added up what is left, and none is about the shipping.
   */
  private async written({ ctx, entity, type, input }: HistoryEntryEvent): Promise<void> {
    const isCancellation = typeof input === 'object' && input.type === HistoryEntryType.ORDER_CANCELLATION;
    if (type === 'created' && isCancellation) await this.orderChanged(ctx, (entity as OrderHistoryEntry).order.id);
  }

  private async orderUpdated({ ctx, entity: order, input }: OrderEvent): Promise<void> {
    if (order.active) return;
    const isElsewhere = leavesOldPosition(input) && (await this.ours(ctx, order)) !== null;
    if (isElsewhere) await this.fulfillments.forgetPosition(ctx, order);
    await this.orderChanged(ctx, order.id, isElsewhere);
  }

  /** @param isElsewhere its address is another one, of which no coordinates were said */
  private async orderChanged(ctx: RequestContext, id: ID, isElsewhere = false): Promise<void> {
    const open = (await this.fulfillments.ofOrder(ctx, id)).filter(
      (fulfillment) => !hasEnded(fulfillment) && (fulfillment.state === 'Pending' || fulfillment.state === 'Shipped'),
    );
    const order = open.length === 0 ? null : await this.fulfillments.order(ctx, id);
    if (order === null) return;
    // The last one first: it collects what the others do not, so what is owed no more is owed to it no more.
    for (const fulfillment of open.reverse()) {
      const { changeable, remember } = await this.requests.changeable(ctx, order, fulfillment);
      const { deliveryRef, dropoffHash: sent } = fulfillment.customFields;
      // Every piece of it was cancelled: of the whole order, its own cancellation tells; else this is the one to go.
      if (changeable.notes === '') {
        if (order.lines.some(({ quantity }) => quantity > 0))
          await this.cancel(ctx, id, fulfillment, 'All of it was cancelled');
        continue;
      }
      if (deliveryRef === null || sent === remember.dropoffHash) continue;
      await this.fulfillments.save(ctx, fulfillment, remember);
      const about = { orderId: order.id, fulfillmentId: fulfillment.id };
      await this.outbox.add(ctx, about, {
        type: 'delivery.updated',
        sellerOrderId: deliveryRef,
        ...changeTo(changeable),
      });
      if (isElsewhere && changeable.dropoff.lat === undefined)
        await this.fulfillments.note(ctx, id, `Delivery ${deliveryRef} goes elsewhere, and ${UNLOCATED}`, false);
    }
  }

  /** With its lines and shipping methods; null: drivers bring nothing of it. */
  private async ours(ctx: RequestContext, { id }: Order): Promise<Order | null> {
    const order = await this.fulfillments.withLines(ctx, id);
    return order !== null && linesForDrivers(order).length > 0 ? order : null;
  }
}
