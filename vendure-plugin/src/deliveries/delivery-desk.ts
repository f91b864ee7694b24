import { Inject, Injectable } from '@nestjs/common';
import { EventBus, type Fulfillment, type Order, type RequestContext } from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import { travelMinutes } from '../dispatch/geo';
import type { ResolvedOptions } from '../options';
import { DriverFulfillments } from '../orders/fulfillments';
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
import { FulfillmentFollower } from './follower';
import { isRecord, type ServiceEvent } from './news';
import { NotApplied } from './not-applied';
import { noteOf } from './notes';

/**
 * - `applied`: the shop shows it now
 * - `outdated`: something newer was applied before
 */
export type Applied = 'applied' | 'outdated';

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
    private readonly follower: FulfillmentFollower,
    private readonly eventBus: EventBus,
    private readonly settings: ShopSettingsStore,
  ) {}

  /**
   * Inside the caller's transaction. The same news twice is `outdated`; news in the wrong order never move back.
   * @throws NotApplied
   */
  async apply(ctx: RequestContext, fulfillment: Fulfillment, order: Order, event: ServiceEvent): Promise<Applied> {
    const known = fulfillment.customFields;
    if (known.deliveryId !== null && known.deliveryId !== event.deliveryId)
      throw new NotApplied('conflict', `${event.sellerOrderId} belongs to delivery ${known.deliveryId}`);
    if (known.deliverySequence !== null && event.sequence <= known.deliverySequence) return 'outdated';
    const tellCustomer = await this.settings.tells(ctx, event.kind);
    const news = { ...this.newsOf(ctx, event, known, this.trackingUrlOf(event, order)), tellCustomer };
    await this.fulfillments.save(ctx, fulfillment, fieldsOf(event, news, known));
    await this.follower.follow(ctx, fulfillment, order);
    const note = noteOf(event, news, fulfillment);
    if (note !== null) await this.fulfillments.note(ctx, order.id, note.text, note.isPublic);
    const Published = PUBLISHED[event.kind];
    if (Published) await this.eventBus.publish(new Published(ctx, order, fulfillment, news));
    return 'applied';
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

  /** As the service plans it; without a plan an estimate. Null: nothing is known. */
  private etaOf(event: ServiceEvent, known: Known): Date | null {
    const { kind, occurredAt, plannedDropoffAt } = event;
    if (WITHOUT_ETA.includes(kind)) return null;
    if (!ON_THE_WAY.includes(kind)) return known.eta;
    // A plan that is over by now was made before the driver was late.
    if (plannedDropoffAt !== null && plannedDropoffAt > occurredAt) return plannedDropoffAt;
    return kind === 'ASSIGNED' || kind === 'PICKED_UP' ? this.estimate(event, known.tripM) : known.eta;
  }

  /** The driver's way to the pickup (where they are known to be), then the trip. Null without coordinates. */
  private estimate({ kind, occurredAt, data }: ServiceEvent, tripM: number | null): Date | null {
    if (tripM === null) return null;
    const { travel } = this.options;
    const approachM = typeof data.distanceM === 'number' ? data.distanceM : 0;
    const approach = kind === 'ASSIGNED' ? travelMinutes(approachM, travel) : 0;
    return minutesAfter(occurredAt, approach + travelMinutes(tripM, travel));
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
/** News of these may bring another time; of what has come, or is called off, the last one stays. */
const ON_THE_WAY: readonly string[] = ['ASSIGNED', 'PICKED_UP', 'IN_TRANSIT', 'ETA_CHANGED'];

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
