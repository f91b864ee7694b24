import * as v from 'valibot';
import { DELIVERY_STATUSES } from '../domain/delivery.ts';

const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const position = v.object({ lat: v.number(), lon: v.number() });

/** Of a customer's link (flows/tracking-links.ts). */
export const trackingToken = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));

/** All that the holder of a tracking link may know. No names but the driver's first one, no notes but those for the door, no prices. */
export const trackingView = v.object({
  shop: v.string(),
  reference: v.nullable(v.string()),
  status: v.picklist(DELIVERY_STATUSES),
  /** What has happened so far; null: not yet. */
  steps: v.object({
    orderedAt: time,
    assignedAt: v.nullable(time),
    pickedUpAt: v.nullable(time),
    endedAt: v.nullable(time),
  }),
  /** Only while they have the parcel. */
  driver: v.nullable(
    v.object({
      firstName: v.string(),
      vehicle: v.nullable(v.string()),
      /** Only where the shop lets its customers call them. */
      phone: v.nullable(v.string()),
      position: v.nullable(position),
      seenAt: v.nullable(time),
    }),
  ),
  dropoff: v.nullable(position),
  eta: v.nullable(v.object({ at: time, source: v.picklist(['routing', 'estimate']) })),
  /** When it will probably come, before a driver is told of it: as it is planned, or as it was ordered. */
  expected: v.nullable(v.object({ from: v.nullable(time), to: v.nullable(time) })),
  /** Stops that the driver makes before the next one for this delivery; null: no driver is on the way for it. */
  stopsBefore: v.nullable(count),
  /** How the shop shows itself: a colour `#rrggbb`, the https address of a picture, a number to call. */
  page: v.object({
    color: v.nullable(v.string()),
    logoUrl: v.nullable(v.string()),
    phone: v.nullable(v.string()),
  }),
  /** To be told to the driver at the door, where one is asked for; from the pickup until the hand-over. */
  pincode: v.nullable(v.string()),
  /** What the customer has said of it; may be said, and said otherwise, once it is DELIVERED. */
  rating: v.nullable(v.object({ stars: count, note: v.nullable(v.string()) })),
  /** What the driver is told of the door, and where they may leave it; `changeable` until it has been handed over. */
  instructions: v.object({
    doorNotes: v.nullable(v.string()),
    safePlace: v.nullable(v.string()),
    changeable: v.boolean(),
  }),
  proof: v.nullable(v.object({ receivedBy: v.nullable(v.string()), hasPhoto: v.boolean() })),
});
export type TrackingView = v.InferOutput<typeof trackingView>;
