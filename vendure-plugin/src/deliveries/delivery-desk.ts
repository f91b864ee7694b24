import { Inject, Injectable } from '@nestjs/common';
import {
  EventBus,
  type Fulfillment,
  FulfillmentService,
  type FulfillmentState,
  type ID,
  idsAreEqual,
  isGraphQlErrorResult,
  Logger,
  type Order,
  OrderService,
  type RequestContext,
  TransactionalConnection,
} from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, loggerCtx } from '../constants';
import { travelMinutes } from '../dispatch/geo';
import type { ResolvedOptions } from '../options';
import { isComplete, unsettled } from '../orders/cash';
import { DriverFulfillments } from '../orders/fulfillments';
import { CHANGING } from '../orders/order-listener';
import { ShopSettingsStore } from '../settings/shop-settings';
import {
  DeliveryAssignedEvent,
  DeliveryCancelledEvent,
  DeliveryDeliveredEvent,
  type DeliveryEvent,
  DeliveryExhaustedEvent,
  DeliveryFailedEvent,
  type DeliveryNews,
  DeliveryPickedUpEvent,
  DeliveryReturnedEvent,
  DeliveryUnassignedEvent,
} from './events';
import { isRecord, type ServiceEvent } from './news';
import { noteOf } from './notes';

/**
 * - `applied`: the shop shows it now
 * - `outdated`: something newer was applied before
 * - `conflict`: the fulfillment belongs to another delivery
 * - `refused`: Vendure does not let it happen at present; the transaction must be rolled back
 */
export type Applied = 'applied' | 'outdated' | 'conflict' | 'refused';

type Known = Fulfillment['customFields'];
type EventClass = new (
  ctx: RequestContext,
  order: Order,
  fulfillment: Fulfillment,
  delivery: DeliveryNews,
) => DeliveryEvent;

const PUBLISHED: Partial<Record<ServiceEvent['kind'], EventClass>> = {
  ASSIGNED: DeliveryAssignedEvent,
  UNASSIGNED: DeliveryUnassignedEvent,
  EXHAUSTED: DeliveryExhaustedEvent,
  PICKED_UP: DeliveryPickedUpEvent,
  DELIVERED: DeliveryDeliveredEvent,
  FAILED: DeliveryFailedEvent,
  RETURNED: DeliveryReturnedEvent,
  CANCELLED: DeliveryCancelledEvent,
};

/** Takes news of a delivery into the shop: fields, history, states, payment, own events. */
@Injectable()
export class DeliveryDesk {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly connection: TransactionalConnection,
    private readonly fulfillments: DriverFulfillments,
    private readonly fulfillmentService: FulfillmentService,
    private readonly orderService: OrderService,
    private readonly eventBus: EventBus,
    private readonly settings: ShopSettingsStore,
  ) {}

  /** Inside the caller's transaction. The same news twice is `outdated`; news in the wrong order never move back. */
  async apply(ctx: RequestContext, fulfillment: Fulfillment, order: Order, event: ServiceEvent): Promise<Applied> {
    const known = fulfillment.customFields;
    if (known.deliveryId !== null && known.deliveryId !== event.deliveryId) return 'conflict';
    if (known.deliverySequence !== null && event.sequence <= known.deliverySequence) return 'outdated';
    const tellCustomer = await this.settings.tells(ctx, event.kind);
    const news = { ...this.newsOf(ctx, event, known, this.trackingUrlOf(event, order)), tellCustomer };
    await this.fulfillments.save(ctx, fulfillment, fieldsOf(event, news, known));
    const refusal = await this.follow(ctx, fulfillment, order);
    if (refusal !== null) {
      Logger.warn(`${event.kind} of ${event.sellerOrderId} cannot be applied: ${refusal}`, loggerCtx);
      return 'refused';
    }
    const note = noteOf(event, news, fulfillment);
    if (note !== null) await this.fulfillments.note(ctx, order.id, note.text, note.isPublic);
    const Published = PUBLISHED[event.kind];
    if (Published) await this.eventBus.publish(new Published(ctx, order, fulfillment, news));
    return 'applied';
  }

  /** What the deliveries of an order did while the order was being changed. */
  async followAll(orderId: ID): Promise<void> {
    const outside = await this.fulfillments.contextFor();
    const known = await this.fulfillments.ofOrder(outside, orderId);
    const moved = known.filter(({ customFields: { deliveryStatus } }) => (deliveryStatus ?? 'PENDING') !== 'PENDING');
    if (moved.length === 0) return;
    const found = await this.fulfillments.order(outside, orderId);
    if (found === null) return;
    await this.connection.withTransaction(await this.fulfillments.contextFor(found), async (ctx) => {
      for (const { id } of known) await this.fulfillments.lock(ctx, id);
      const order = (await this.fulfillments.order(ctx, orderId)) ?? found;
      for (const fulfillment of await this.fulfillments.ofOrder(ctx, orderId)) {
        const refusal = await this.follow(ctx, fulfillment, order);
        if (refusal !== null) throw new Error(refusal);
      }
    });
  }

  /**
   * Brings a fulfillment to where its delivery is known to be. While the order is being changed the driver goes on, and the
   * fulfillment waits. A failed delivery leaves it as it is: whether it is tried again or comes back is not known yet.
   * @returns why Vendure does not let it, or null
   */
  private async follow(ctx: RequestContext, fulfillment: Fulfillment, order: Order): Promise<string | null> {
    if (CHANGING.includes(order.state)) return null;
    switch (fulfillment.customFields.deliveryStatus) {
      case 'PICKED_UP':
      case 'IN_TRANSIT':
        return fulfillment.state === 'Pending' ? this.transition(ctx, fulfillment, 'Shipped') : null;
      case 'DELIVERED': {
        if (fulfillment.state !== 'Pending' && fulfillment.state !== 'Shipped') return null;
        // First the money: from `PaymentAuthorized` Vendure moves no order to `Delivered`.
        const unpaid = await this.settle(ctx, order, fulfillment);
        return unpaid ?? this.transition(ctx, fulfillment, 'Delivered');
      }
      // An administrator who has shipped it by hand wins over the cancellation that this makes of a delivery without driver.
      case 'CANCELLED':
        return fulfillment.state === 'Pending' ? this.transition(ctx, fulfillment, 'Cancelled') : null;
      case 'RETURNED':
        // Vendure would also cancel a delivered fulfillment.
        return fulfillment.state === 'Pending' || fulfillment.state === 'Shipped'
          ? this.transition(ctx, fulfillment, 'Cancelled')
          : null;
      default:
        return null;
    }
  }

  private async transition(
    ctx: RequestContext,
    fulfillment: Fulfillment,
    to: FulfillmentState,
  ): Promise<string | null> {
    const result = await this.fulfillmentService.transitionToState(ctx, fulfillment.id, to);
    if (isGraphQlErrorResult(result)) return result.transitionError;
    fulfillment.state = to;
    return null;
  }

  /**
   * Cash on delivery: paid at the door means settled, once the last parcel is handed over.
   * @returns why it could not be, or null
   */
  private async settle(ctx: RequestContext, order: Order, fulfillment: Fulfillment): Promise<string | null> {
    const due = unsettled(order, this.options);
    if (due.length === 0) return null;
    const others = (await this.fulfillments.ofOrder(ctx, order.id)).filter(
      ({ id }) => !idsAreEqual(id, fulfillment.id),
    );
    const handedOver = others.filter(({ state }) => state === 'Delivered');
    if (!isComplete(order, [...handedOver, fulfillment])) return null;
    for (const payment of due) {
      const result = await this.orderService.settlePayment(ctx, payment.id);
      if (isGraphQlErrorResult(result)) return result.message;
    }
    return null;
  }

  private newsOf(ctx: RequestContext, event: ServiceEvent, known: Known, trackingUrl: string | null) {
    const eta = this.etaOf(event, known);
    const { deliveryId, sellerOrderId, status, driver, occurredAt, data } = event;
    return {
      deliveryId,
      sellerOrderId,
      status,
      driver,
      occurredAt,
      eta,
      etaText: eta === null ? null : this.timeOfDay(ctx, eta),
      trackingUrl: trackingUrl ?? known.trackingUrl,
      ...reasonOf(event, known),
      proof: isRecord(data.proof) ? data.proof : null,
    };
  }

  /** An estimate: the driver's way to the pickup (where they are known to be), then the trip. Null without coordinates. */
  private etaOf({ kind, occurredAt, data }: ServiceEvent, { tripM, eta }: Known): Date | null {
    if (WITHOUT_ETA.includes(kind)) return null;
    if (tripM === null) return null;
    const { travel } = this.options;
    const approachM = typeof data.distanceM === 'number' ? data.distanceM : 0;
    if (kind === 'ASSIGNED')
      return minutesAfter(occurredAt, travelMinutes(approachM, travel) + travelMinutes(tripM, travel));
    if (kind === 'PICKED_UP') return minutesAfter(occurredAt, travelMinutes(tripM, travel));
    return eta;
  }

  /** As the customer's clock shows it. */
  private timeOfDay({ languageCode }: RequestContext, at: Date): string {
    const { timeZone } = this.options;
    return new Intl.DateTimeFormat(languageCode.replace('_', '-'), { timeStyle: 'short', timeZone }).format(at);
  }

  private trackingUrlOf(event: ServiceEvent, order: Order): string | null {
    const { trackingUrl: template } = this.options;
    if (event.trackingUrl !== null || template === null) return event.trackingUrl;
    return template
      .replaceAll('{deliveryId}', encodeURIComponent(event.deliveryId))
      .replaceAll('{orderCode}', encodeURIComponent(order.code));
  }
}

const WITHOUT_ETA: readonly string[] = ['CREATED', 'UNASSIGNED', 'EXHAUSTED', 'FAILED', 'RETURNED', 'REATTEMPTED'];

function fieldsOf(event: ServiceEvent, news: DeliveryNews, known: Known): Partial<Known> {
  const gone = event.kind === 'UNASSIGNED' || event.kind === 'EXHAUSTED' || event.status === 'PENDING';
  const over = event.kind === 'FAILED' || event.kind === 'RETURNED';
  return {
    deliveryId: event.deliveryId,
    deliveryStatus: event.status,
    deliverySequence: event.sequence,
    driverName: gone ? null : (event.driver?.name ?? known.driverName),
    driverPhone: gone ? null : (event.driver?.phone ?? known.driverPhone),
    eta: news.eta,
    trackingUrl: news.trackingUrl,
    proof: news.proof === null ? known.proof : JSON.stringify(news.proof),
    // What the driver said when it failed stays while it comes back, and goes when it is tried again.
    failureCode: over ? news.failureCode : null,
    failureNote: over ? news.note : null,
    deliveryError: null,
  };
}

/** Why: of goods that come back, why they could not be handed over, and not what was said when they came. */
function reasonOf({ kind, data }: ServiceEvent, known: Known): Pick<DeliveryNews, 'failureCode' | 'note'> {
  const said = {
    failureCode: typeof data.failureCode === 'string' ? data.failureCode : null,
    note: typeof data.note === 'string' ? data.note : null,
  };
  if (kind !== 'RETURNED') return said;
  return { failureCode: known.failureCode ?? said.failureCode, note: known.failureNote ?? said.note };
}

function minutesAfter(at: Date, minutes: number): Date {
  return new Date(at.getTime() + Math.round(minutes) * 60_000);
}
