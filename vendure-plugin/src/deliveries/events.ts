import { type Fulfillment, type Order, type RequestContext, VendureEvent } from '@vendure/core';

/** What the service said, in the shop's words. Times are when it happened, by the driver's clock. */
export interface DeliveryNews {
  deliveryId: string;
  sellerOrderId: string;
  status: string;
  driver: { id: string; name: string; phone: string | null; vehicle: string | null } | null;
  occurredAt: Date;
  eta: Date | null;
  /** `eta` as a clock where the customers live shows it. */
  etaText: string | null;
  trackingUrl: string | null;
  failureCode: string | null;
  note: string | null;
  proof: Record<string, unknown> | null;
  /** Whether customers are to be told of this, as the shop has set it: for the shop's own mails. */
  tellCustomer: boolean;
}

/**
 * Published inside the transaction that stores the news; `eventBus.ofType(…)` subscribers (e-mails) hear of it after the
 * commit. Subscribe to this class's children for one kind of news.
 */
export abstract class DeliveryEvent extends VendureEvent {
  constructor(
    public readonly ctx: RequestContext,
    /** With customer, lines, surcharges, shippingLines and payments. */
    public readonly order: Order,
    public readonly fulfillment: Fulfillment,
    public readonly delivery: DeliveryNews,
  ) {
    super();
  }
}

/** A driver has it: name and time of arrival are known. */
export class DeliveryAssignedEvent extends DeliveryEvent {}
/** The driver gave it back, or was taken off; another one is looked for. */
export class DeliveryUnassignedEvent extends DeliveryEvent {}
/** No driver could be found so far. */
export class DeliveryExhaustedEvent extends DeliveryEvent {}
export class DeliveryPickedUpEvent extends DeliveryEvent {}
export class DeliveryDeliveredEvent extends DeliveryEvent {}
/** This attempt has failed; the goods are where they were. It is tried again, or comes back. */
export class DeliveryFailedEvent extends DeliveryEvent {
  /** Why, as the service names it: `RECIPIENT_UNAVAILABLE`, `REFUSED` … */
  get code(): string | null {
    return this.delivery.failureCode;
  }
}
/** The goods of a failed delivery are back. */
export class DeliveryReturnedEvent extends DeliveryEvent {}
export class DeliveryCancelledEvent extends DeliveryEvent {}
