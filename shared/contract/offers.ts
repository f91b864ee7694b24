import * as v from 'valibot';
import { DECLINE_REASONS, OFFER_STATES } from '../domain/offer.ts';
import { id } from './nouns.ts';

/* What drivers are asked, and what they say. */

export const offerId = id('OfferId');

export const decline = v.object({
  reason: v.optional(v.picklist(DECLINE_REASONS, `must be one of ${DECLINE_REASONS.join(', ')}`), 'other'),
});

const uuid = v.pipe(v.string(), v.uuid());
const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const place = v.object({ lat: v.nullable(v.number()), lon: v.nullable(v.number()), address: v.nullable(v.string()) });

export const offerView = v.object({
  id: uuid,
  driverId: uuid,
  state: v.picklist(OFFER_STATES),
  /** Of a declined one: what the driver said; of a withdrawn one: `taken`, `delivery`, `driver` or `by_hand`. */
  reason: v.nullable(v.string()),
  /** Nobody else is asked meanwhile. */
  exclusive: v.boolean(),
  wave: count,
  deliveryIds: v.array(uuid),
  /** Units of the driver's capacity, all deliveries together. */
  size: count,
  createdAt: time,
  expiresAt: time,
});
export type OfferView = v.InferOutput<typeof offerView>;

/** What a driver has to know to say yes or no; who gets it, and their phone, come with the yes. */
const offeredDelivery = v.object({
  deliveryId: uuid,
  sellerOrderId: v.nullable(v.string()),
  pickup: place,
  dropoff: place,
  size: count,
  plannedPickupAt: v.nullable(time),
  plannedDropoffAt: v.nullable(time),
  dropoffAfter: v.nullable(time),
  dropoffBefore: v.nullable(time),
});
const openOffer = v.object({
  ...offerView.entries,
  /** Seconds to answer from now on, by the service's clock. */
  expiresInS: v.number(),
  deliveries: v.array(offeredDelivery),
});
export type OpenOfferView = v.InferOutput<typeof openOffer>;
export const openOffers = v.object({ items: v.array(openOffer) });
