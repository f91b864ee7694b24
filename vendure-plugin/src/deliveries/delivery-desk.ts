import { Inject, Injectable } from '@nestjs/common';
import {
  EventBus,
  type Fulfillment,
  FulfillmentService,
  type FulfillmentState,
  idsAreEqual,
  isGraphQlErrorResult,
  Logger,
  type Order,
  OrderService,
  type RequestContext,
} from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, loggerCtx } from '../constants';
import { travelMinutes } from '../dispatch/geo';
import type { ResolvedOptions } from '../options';
import { isComplete, unsettled } from '../orders/cash';
import { DriverFulfillments } from '../orders/fulfillments';
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
    private readonly fulfillments: DriverFulfillments,
    private readonly fulfillmentService: FulfillmentService,
    private readonly orderService: OrderService,
    private readonly eventBus: EventBus,
  ) {}

  /** Inside the caller's transaction. The same news twice is `outdated`; news in the wrong order never move back. */
  async apply(ctx: RequestContext, fulfillment: Fulfillment, order: Order, event: ServiceEvent): Promise<Applied> {
    const known = fulfillment.customFields;
    if (known.deliveryId !== null && known.deliveryId !== event.deliveryId) return 'conflict';
    if (known.deliverySequence !== null && event.sequence <= known.deliverySequence) return 'outdated';
    const news = this.newsOf(ctx, event, known, this.trackingUrlOf(event, order));
    await this.fulfillments.save(ctx, fulfillment, fieldsOf(event, news, known));
    const refusal = await this.move(ctx, fulfillment, order, event);
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

  private async move(
    ctx: RequestContext,
    fulfillment: Fulfillment,
    order: Order,
    { kind }: ServiceEvent,
  ): Promise<string | null> {
    switch (kind) {
      case 'PICKED_UP':
      case 'IN_TRANSIT':
        return fulfillment.state === 'Pending' ? this.transition(ctx, fulfillment, 'Shipped') : null;
      case 'DELIVERED': {
        if (fulfillment.state !== 'Pending' && fulfillment.state !== 'Shipped') return null;
        // First the money: from `PaymentAuthorized` Vendure moves no order to `Delivered`.
        const unpaid = await this.settle(ctx, order, fulfillment);
        return unpaid ?? this.transition(ctx, fulfillment, 'Delivered');
      }
      case 'FAILED':
      case 'RETURNED':
      case 'CANCELLED':
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

  private newsOf(ctx: RequestContext, event: ServiceEvent, known: Known, trackingUrl: string | null): DeliveryNews {
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
      failureCode: typeof data.failureCode === 'string' ? data.failureCode : null,
      note: typeof data.note === 'string' ? data.note : null,
      proof: isRecord(data.proof) ? data.proof : null,
    };
  }

  /** An estimate: the driver's way to the pickup (where they are known to be), then the trip. Null without coordinates. */
  private etaOf({ kind, occurredAt, data }: ServiceEvent, { tripM, eta }: Known): Date | null {
    if (kind === 'CREATED' || kind === 'UNASSIGNED' || kind === 'EXHAUSTED') return null;
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

function fieldsOf(event: ServiceEvent, news: DeliveryNews, known: Known): Partial<Known> {
  const gone = event.kind === 'UNASSIGNED' || event.kind === 'EXHAUSTED';
  return {
    deliveryId: event.deliveryId,
    deliveryStatus: event.status,
    deliverySequence: event.sequence,
    driverName: gone ? null : (event.driver?.name ?? known.driverName),
    driverPhone: gone ? null : (event.driver?.phone ?? known.driverPhone),
    eta: news.eta,
    trackingUrl: news.trackingUrl,
    proof: news.proof === null ? known.proof : JSON.stringify(news.proof),
    deliveryError: null,
  };
}

function minutesAfter(at: Date, minutes: number): Date {
  return new Date(at.getTime() + Math.round(minutes) * 60_000);
}

/** What the order's history says of it: the first word is the customer's, the rest the administrator's. */
function noteOf(
  event: ServiceEvent,
  news: DeliveryNews,
  fulfillment: Fulfillment,
): { text: string; isPublic: boolean } | null {
  const which = `Delivery ${event.sellerOrderId}`;
  const why = [news.failureCode, news.note].filter(Boolean).join(': ') || 'no reason given';
  switch (event.kind) {
    case 'ASSIGNED': {
      const when = news.etaText === null ? '' : ` Expected at ${news.etaText}.`;
      return { text: `Your delivery is with ${event.driver?.name ?? 'a driver'}.${when}`, isPublic: true };
    }
    case 'UNASSIGNED':
      return { text: `${which} was given back (${why}); another driver is looked for.`, isPublic: false };
    case 'EXHAUSTED':
      return { text: `${which} has no driver: none is in range. Assign one by hand.`, isPublic: false };
    case 'FAILED':
      return { text: `${which} failed (${why}). The goods are with the driver.`, isPublic: false };
    case 'RETURNED':
      return { text: `${which} is back in the shop (${why}).`, isPublic: false };
    case 'CANCELLED':
      return { text: `${which} is cancelled.`, isPublic: false };
    case 'DELIVERED':
      return fulfillment.state === 'Delivered'
        ? null
        : { text: `${which} was delivered although its fulfillment is ${fulfillment.state}.`, isPublic: false };
    case 'PICKED_UP':
      return fulfillment.state === 'Cancelled'
        ? { text: `${which} was picked up although its fulfillment is Cancelled.`, isPublic: false }
        : null;
    default:
      return null;
  }
}
