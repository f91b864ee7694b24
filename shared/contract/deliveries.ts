import * as v from 'valibot';
import {
  DELIVERY_STATUSES,
  DISPATCH_STATES,
  FAILED_PARCELS,
  FAILURE_CODES,
  REPORTED_STATUSES,
} from '../domain/delivery.ts';
import { AGES, PROOF_PARTS } from '../domain/proof.ts';
import { doorNotes, safePlace } from './customer.ts';
import { driverId, integer, lat, list, lon, page, pathTo, position, tags, text, time, webUrl } from './nouns.ts';
import { contactPhone, countryCode, withWholeNumber } from './phone.ts';
import { proofParts } from './proof-parts.ts';

/**
 * When somebody may stop there, and for how long. Without `after` and `before` at any time; late after `before`, which is
 * a cost, or a limit with `hardWindows`.
 */
export const visit = {
  after: v.optional(v.nullable(time)),
  before: v.optional(v.nullable(time)),
  /** Seconds at the door; as the shop's settings say, if absent. */
  serviceS: v.optional(v.nullable(integer(0, 14_400))),
};
interface Window {
  after?: string | null | undefined;
  before?: string | null | undefined;
}
/** Says of `before` that it is earlier than `after`. */
export function endsAfterItBegins<Place extends Window>() {
  return v.rawCheck<Place>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { after, before } = dataset.value;
    if (!after || !before || Date.parse(after) <= Date.parse(before)) return;
    addIssue({ message: 'must not be earlier than after', path: pathTo(dataset.value, 'before') });
  });
}

/** What a delivery asks of its driver. */
export const demands = {
  /** Units of a driver's capacity; 1, if absent. */
  size: v.optional(v.nullable(integer(1, 100))),
  /** Tags that its driver must have, all of them. */
  requires: v.optional(v.nullable(tags)),
  /** How much its waiting weighs beside that of others; 0, if absent, and two steps double it. */
  priority: v.optional(v.nullable(integer(-5, 5))),
  /** The windows are limits; else late is a cost. */
  hardWindows: v.optional(v.nullable(v.boolean('must be true or false'))),
};
const excludedDriverIds = v.optional(v.nullable(list(driverId, { max: 100 })));

/** A place to stop at. Without `lat` and `lon` the delivery waits as `needs_location`. */
const stop = {
  lat: v.optional(v.nullable(lat)),
  lon: v.optional(v.nullable(lon)),
  address: v.optional(v.nullable(text(500))),
  /** Of the address: `phone` is kept as the whole world writes it there (E.164). */
  countryCode: v.optional(v.nullable(countryCode)),
  name: v.optional(v.nullable(text(200))),
  phone: v.optional(v.nullable(contactPhone)),
  notes: v.optional(v.nullable(text(2_000))),
};
const bothOrNeither = 'lat and lon must be given together';
const paired = (place: { lat?: number | null | undefined; lon?: number | null | undefined }) =>
  (place.lat ?? null) === null ? (place.lon ?? null) === null : (place.lon ?? null) !== null;

/** What is in the parcel. */
const items = list(v.object({ name: text(200), quantity: integer(1, 100_000) }), { max: 100 });
/** What the driver is paid at the door, in the smallest unit of the currency: 730 EUR are 7.30 euros. */
const cash = v.object({
  amount: integer(1, 1_000_000_000),
  currency: v.pipe(v.string('must be a text'), v.regex(/^[A-Z]{3}$/, 'must be a currency of ISO 4217, such as EUR')),
});

const pickupStop = v.pipe(
  v.object({
    ...stop,
    ...visit,
    items: v.optional(v.nullable(items)),
    stockLocationId: v.optional(v.nullable(text(200))),
    readyAt: v.optional(v.nullable(time)),
  }),
  v.check((place) => paired(place), bothOrNeither),
  endsAfterItBegins(),
  v.transform(withWholeNumber),
);
const dropoffStop = v.pipe(
  v.object({
    ...stop,
    ...visit,
    /** As the customer may say them too, who is shown them with their tracking link. */
    doorNotes: v.optional(v.nullable(doorNotes)),
    safePlace: v.optional(v.nullable(safePlace)),
    cash: v.optional(v.nullable(cash)),
  }),
  v.check((place) => paired(place), bothOrNeither),
  endsAfterItBegins(),
  v.transform(withWholeNumber),
);
export type PickupStop = v.InferOutput<typeof pickupStop>;
export type DropoffStop = v.InferOutput<typeof dropoffStop>;

/** What its driver has to bring from the door, instead of what the shop asks for; an empty list: nothing. */
const proofRequired = v.optional(v.nullable(proofParts(PROOF_PARTS)));
const pincode = v.pipe(v.string(), v.regex(/^\d{4,8}$/, 'must be 4 to 8 digits'));

/** Null: handed over without one. */
export const pincodeChange = v.object({ pincode: v.nullable(pincode) });

export const newDelivery = v.object({
  /** The shop's order; one delivery for each, for ever. */
  sellerOrderId: v.optional(v.nullable(text(200))),
  channelId: v.optional(v.nullable(text(200))),
  /** The shop's default pickup point, if absent. */
  pickup: v.optional(pickupStop),
  dropoff: dropoffStop,
  ...demands,
  /** Not these drivers. */
  excludedDriverIds,
  notes: v.optional(v.nullable(text(2_000))),
  /** Made by the service, if absent, where the shop asks for one. */
  pincode: v.optional(v.nullable(pincode)),
  proofRequired,
});
export type NewDelivery = v.InferOutput<typeof newDelivery>;

const changeable = v.partial(
  v.object({
    pickup: pickupStop,
    dropoff: dropoffStop,
    ...demands,
    excludedDriverIds,
    notes: text(2_000),
    pincode,
    proofRequired,
  }),
);
/** What is absent or null stays, but for the cash, which null takes away; a list replaces the one before. */
export const deliveryChange = v.pipe(
  changeable,
  v.check(
    (change) => Object.keys(change).length > 0,
    `must change at least one of ${Object.keys(changeable.entries).join(', ')}`,
  ),
);
export type DeliveryChange = v.InferOutput<typeof deliveryChange>;

/** Another attempt, and what is to be otherwise with it. */
export const redelivery = v.object({ ...changeable.entries, note: v.optional(v.nullable(text(2_000))) });
export type Redelivery = v.InferOutput<typeof redelivery>;

/** What may speak against a driver and a person may set aside. */
export const OVERRIDES = ['silent', 'radius', 'on_break', 'off_shift', 'excluded'] as const;
const forNamed = 'is for a driver who is named in driverId';
/** A named driver, or whoever is best if absent. */
export const assignment = v.pipe(
  v.object({
    driverId: v.optional(driverId),
    override: v.optional(
      list(v.picklist(OVERRIDES, `must be one of ${OVERRIDES.join(', ')}`), { max: OVERRIDES.length }),
    ),
    /** No plan takes it away again. */
    pinned: v.optional(v.boolean('must be true or false')),
  }),
  v.forward(
    v.check(({ driverId, override }) => driverId !== undefined || override === undefined, forNamed),
    ['override'],
  ),
  v.forward(
    v.check(({ driverId, pinned }) => driverId !== undefined || pinned === undefined, forNamed),
    ['pinned'],
  ),
);
const failureCode = v.picklist(FAILURE_CODES, `must be one of ${FAILURE_CODES.join(', ')}`);
export const unassignment = v.object({
  reason: v.optional(failureCode),
  note: v.optional(text(2_000)),
  /** Propose the driver again; by default they are left out. */
  keepDriver: v.optional(v.boolean(), false),
});
export const cancellation = v.object({ note: v.optional(text(2_000)) });

/** Anywhere; or, where this installation has no address of its own (PUBLIC_URL), the path of a photograph kept here. */
const photoUrl = v.union(
  [v.pipe(v.string(), v.regex(/^\/v1\/deliveries\/[0-9a-f-]{36}\/proof$/)), webUrl],
  'must be an http or https URL without credentials',
);
/** As it was written on the glass: strokes in a box of 300 by 150, as the data of an SVG path. */
const signature = v.pipe(
  text(8_000),
  v.regex(
    /^(?:M\d{1,3} \d{1,3}(?:L\d{1,3} \d{1,3})+)+$/,
    'must be strokes such as M10 20L30 40, in whole numbers of a box of 300 by 150',
  ),
);
export const deliveryMove = v.pipe(
  v.object({
    status: v.picklist(
      REPORTED_STATUSES,
      `must be one of ${REPORTED_STATUSES.join(', ')} (to cancel or unassign there are endpoints of their own)`,
    ),
    /** When it happened, by the driver's clock. */
    occurredAt: v.optional(time),
    position: v.optional(position),
    proof: v.optional(
      v.object({
        photoUrl: v.optional(photoUrl),
        signatureUrl: v.optional(webUrl),
        signature: v.optional(signature),
        receivedBy: v.optional(text(200)),
        note: v.optional(text(2_000)),
        /** Years of age that the driver has checked, by sight or by a document; which, is not kept. */
        ageChecked: v.optional(v.picklist(AGES, `must be one of ${AGES.join(', ')}`)),
      }),
    ),
    pincode: v.optional(pincode),
    failureCode: v.optional(failureCode),
    note: v.optional(text(2_000)),
    /** With FAILED of a parcel aboard. `return`: back next, whatever a plan would have first; `keep`: for another attempt. */
    parcel: v.optional(v.picklist(FAILED_PARCELS, `must be one of ${FAILED_PARCELS.join(', ')}`)),
  }),
  v.forward(
    v.check((move) => move.status === 'FAILED' || move.parcel === undefined, 'is for FAILED'),
    ['parcel'],
  ),
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
