import * as v from 'valibot';
import { DELIVERY_STATUSES, type DeliveryStatus, DISPATCH_STATES, FAILURE_CODES } from '../domain/delivery.ts';
import { driverId, lat, lon, page, position, text, time, webUrl } from './nouns.ts';

/** A place to stop at. Without `lat` and `lon` the delivery waits as `needs_location`. */
const stop = {
  lat: v.optional(v.nullable(lat)),
  lon: v.optional(v.nullable(lon)),
  address: v.optional(v.nullable(text(500))),
  name: v.optional(v.nullable(text(200))),
  phone: v.optional(v.nullable(text(40))),
  notes: v.optional(v.nullable(text(2_000))),
};
const bothOrNeither = 'lat and lon must be given together';
const paired = (place: { lat?: number | null | undefined; lon?: number | null | undefined }) =>
  (place.lat ?? null) === null ? (place.lon ?? null) === null : (place.lon ?? null) !== null;

const pickupStop = v.pipe(
  v.object({ ...stop, stockLocationId: v.optional(v.nullable(text(200))), readyAt: v.optional(v.nullable(time)) }),
  v.check((place) => paired(place), bothOrNeither),
);
const dropoffStop = v.pipe(
  v.object({ ...stop, before: v.optional(v.nullable(time)) }),
  v.check((place) => paired(place), bothOrNeither),
);
export type PickupStop = v.InferOutput<typeof pickupStop>;
export type DropoffStop = v.InferOutput<typeof dropoffStop>;

const pincode = v.pipe(v.string(), v.regex(/^\d{4,8}$/, 'must be 4 to 8 digits'));

export const newDelivery = v.object({
  /** The shop's order; one delivery for each, for ever. */
  sellerOrderId: v.optional(v.nullable(text(200))),
  channelId: v.optional(v.nullable(text(200))),
  /** The shop's default pickup point, if absent. */
  pickup: v.optional(pickupStop),
  dropoff: dropoffStop,
  notes: v.optional(v.nullable(text(2_000))),
  pincode: v.optional(v.nullable(pincode)),
});
export type NewDelivery = v.InferOutput<typeof newDelivery>;

export const deliveryChange = v.pipe(
  v.partial(v.object({ pickup: pickupStop, dropoff: dropoffStop, notes: text(2_000), pincode })),
  v.check((change) => Object.keys(change).length > 0, 'must change at least one of pickup, dropoff, notes, pincode'),
);
export type DeliveryChange = v.InferOutput<typeof deliveryChange>;

/** A named driver, or whoever is nearest if absent. */
export const assignment = v.object({ driverId: v.optional(driverId) });
const failureCode = v.picklist(FAILURE_CODES, `must be one of ${FAILURE_CODES.join(', ')}`);
export const unassignment = v.object({
  reason: v.optional(failureCode),
  note: v.optional(text(2_000)),
  /** Propose the driver again; by default he is left out. */
  keepDriver: v.optional(v.boolean(), false),
});
export const cancellation = v.object({ note: v.optional(text(2_000)) });

const MOVES = [
  'PICKED_UP',
  'IN_TRANSIT',
  'DELIVERED',
  'FAILED',
  'RETURNED',
] as const satisfies readonly DeliveryStatus[];
export const deliveryMove = v.pipe(
  v.object({
    status: v.picklist(
      MOVES,
      `must be one of ${MOVES.join(', ')} (to cancel or unassign there are endpoints of their own)`,
    ),
    /** When it happened, by the driver's clock. */
    occurredAt: v.optional(time),
    position: v.optional(position),
    proof: v.optional(
      v.object({
        photoUrl: v.optional(webUrl),
        signatureUrl: v.optional(webUrl),
        receivedBy: v.optional(text(200)),
        note: v.optional(text(2_000)),
      }),
    ),
    pincode: v.optional(pincode),
    failureCode: v.optional(failureCode),
    note: v.optional(text(2_000)),
  }),
  v.forward(
    v.check(
      (move) => move.status !== 'FAILED' || move.failureCode !== undefined,
      `is needed with FAILED: one of ${FAILURE_CODES.join(', ')}`,
    ),
    ['failureCode'],
  ),
);
export type DeliveryMove = v.InferOutput<typeof deliveryMove>;

export const deliveryQuery = v.object({
  ...page,
  status: v.optional(v.picklist(DELIVERY_STATUSES, `must be one of ${DELIVERY_STATUSES.join(', ')}`)),
  dispatch: v.optional(v.picklist(DISPATCH_STATES, `must be one of ${DISPATCH_STATES.join(', ')}`)),
  driverId: v.optional(driverId),
  sellerOrderId: v.optional(text(200)),
});

export type { DeliveryEventView, DeliveryView } from './answers.ts';
