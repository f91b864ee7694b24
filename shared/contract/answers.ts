import * as v from 'valibot';
import { DELIVERY_STATUSES, DISPATCH_STATES, FAILURE_CODES } from '../domain/delivery.ts';
import { DRIVER_STATUSES } from '../domain/driver.ts';
import { FAILURE_PROOF_PARTS, PROOF_PARTS } from '../domain/proof.ts';
import { count, id, pageOf, position, record, time } from './answer-parts.ts';
import { offerView } from './offers.ts';

/*
 * What the endpoints answer, as schemas: the types of the views come from here, and so do the answers in the OpenAPI
 * document. Endpoints and views import the types only, so that no function's bundle carries a schema that is never run.
 */

export const driverView = v.object({
  id,
  name: v.string(),
  phone: v.nullable(v.string()),
  vehicle: v.nullable(v.string()),
  externalRef: v.nullable(v.string()),
  status: v.picklist(DRIVER_STATUSES),
  load: count,
  capacity: count,
  tags: v.array(v.string()),
  shiftEndsAt: v.nullable(time),
  /** On a break until then, and AVAILABLE after it by themselves; null: on none whose end is known. */
  breakUntil: v.nullable(time),
  /** What they have in hand, or the next trip if that is nothing, is their last; then they are OFFLINE. */
  lastOne: v.boolean(),
  version: count,
  active: v.boolean(),
  createdAt: time,
});
export type DriverView = v.InferOutput<typeof driverView>;
export const driverPage = pageOf(driverView);

export const driverStatusView = v.object({
  driverId: id,
  status: v.picklist(DRIVER_STATUSES),
  load: count,
  capacity: count,
  /** As in `Driver`. */
  breakUntil: v.nullable(time),
  lastOne: v.boolean(),
  version: count,
  position: v.nullable(position),
  /** When they were there; older than `lastSeenAt` where they have been heard from since without a newer place. */
  positionAt: v.nullable(time),
  lastSeenAt: v.nullable(time),
});

export const tokenView = v.object({ driverId: id, token: v.string(), expiresAt: time });

/** `path` is for the phone's browser, at the address of this service. */
export const pairingView = v.object({ driverId: id, code: v.string(), path: v.string(), expiresAt: time });
export const pairedView = v.object({ driverId: id, deviceId: id, token: v.string(), expiresAt: time });
export const deviceView = v.object({
  id,
  name: v.string(),
  createdAt: time,
  expiresAt: time,
  withdrawnAt: v.nullable(time),
});
export type DeviceView = v.InferOutput<typeof deviceView>;
export const deviceList = v.object({ items: v.array(deviceView) });

/** Base64url: what a browser's `pushManager.subscribe` takes as `applicationServerKey`. */
export const pushKeyView = v.object({ publicKey: v.string() });

/**
 * `underWay`: left as they are; to be asked again once they have ended. `next`: there was no time for all of them; the same
 * is to be asked again with `cursor` set to it. Null: that was all.
 */
export const erasureView = v.object({ erased: v.array(id), underWay: v.array(id), next: v.nullable(id) });

const OUTCOMES = ['accepted', 'outdated', 'unknown', 'invalid'] as const;
export const fixView = v.object({ outcome: v.picklist(['accepted', 'outdated']) });
export const fixesView = v.object({
  accepted: count,
  outdated: count,
  unknown: count,
  /** Not what a fix has to be: these had no effect, and the others did. */
  invalid: count,
  /** One for each fix, in their order; `driverId` is null where it was not said as it has to be. */
  results: v.exactOptional(v.array(v.object({ driverId: v.nullable(id), outcome: v.picklist(OUTCOMES) }))),
});
export const keptFixesView = v.object({ accepted: count, outdated: count, invalid: count });
export const nearestView = v.object({
  drivers: v.array(v.object({ driverId: id, distanceM: v.pipe(v.number(), v.minValue(0)), position })),
});

const stop = {
  lat: v.nullable(v.number()),
  lon: v.nullable(v.number()),
  address: v.exactOptional(v.string()),
  countryCode: v.exactOptional(v.string()),
  name: v.exactOptional(v.string()),
  phone: v.exactOptional(v.string()),
  notes: v.exactOptional(v.string()),
  after: v.exactOptional(time),
  before: v.exactOptional(time),
  serviceS: v.exactOptional(count),
};
export const deliveryView = v.object({
  id,
  sellerOrderId: v.nullable(v.string()),
  channelId: v.nullable(v.string()),
  status: v.picklist(DELIVERY_STATUSES),
  dispatch: v.picklist(DISPATCH_STATES),
  version: count,
  attempt: count,
  driverId: v.nullable(id),
  pickup: v.object({
    ...stop,
    stockLocationId: v.exactOptional(v.string()),
    readyAt: v.exactOptional(time),
    /** What is in the parcel. */
    items: v.exactOptional(v.array(v.object({ name: v.string(), quantity: count }))),
  }),
  dropoff: v.object({
    ...stop,
    /** What the customer says of the door, and where it may be left. */
    doorNotes: v.exactOptional(v.string()),
    safePlace: v.exactOptional(v.string()),
    /** Paid at the door, in the smallest unit of the currency. */
    cash: v.exactOptional(v.object({ amount: count, currency: v.string() })),
  }),
  size: count,
  requires: v.array(v.string()),
  priority: v.pipe(v.number(), v.integer()),
  hardWindows: v.boolean(),
  /** When it is expected to be collected and handed over; known also before a driver is told. */
  plannedPickupAt: v.nullable(time),
  plannedDropoffAt: v.nullable(time),
  /** Until when it is scheduled, held or paused, and why; `paused` may be without end. */
  heldUntil: v.nullable(time),
  heldReason: v.nullable(v.string()),
  /** A person gave it to its driver: no plan takes it away. */
  pinned: v.boolean(),
  notes: v.nullable(v.string()),
  /** Shown to the shop, never to the driver; as is `pincode`. */
  excludedDriverIds: v.exactOptional(v.array(id)),
  pincode: v.exactOptional(v.nullable(v.string())),
  pincodeRequired: v.boolean(),
  /** Wrong codes that are still taken; 0: locked, until the shop sets another code or does without. Null: none is asked. */
  pincodeTriesLeft: v.nullable(count),
  /** What its driver has to bring from the door; null: what the shop asks for. */
  proofRequired: v.nullable(v.array(v.picklist(PROOF_PARTS))),
  proof: v.nullable(record),
  /** What the customer said of it, once it was handed over. Shown to the shop, never to the driver. */
  rating: v.exactOptional(
    v.nullable(
      v.object({ stars: v.pipe(count, v.minValue(1), v.maxValue(5)), note: v.nullable(v.string()), at: time }),
    ),
  ),
  failureCode: v.nullable(v.picklist(FAILURE_CODES)),
  failureNote: v.nullable(v.string()),
  unreachableSince: v.nullable(time),
  createdAt: time,
  assignedAt: v.nullable(time),
  pickedUpAt: v.nullable(time),
  endedAt: v.nullable(time),
  updatedAt: time,
});
export type DeliveryView = v.InferOutput<typeof deliveryView>;
const listedDelivery = v.object({
  ...deliveryView.entries,
  /** Stops that its driver makes before the next one for it; null: no driver is on the way for it. */
  stopsBefore: v.nullable(count),
});
export const deliveryPage = pageOf(listedDelivery);

export const deliveryEventView = v.object({
  sequence: v.pipe(v.number(), v.integer(), v.minValue(1)),
  type: v.string(),
  status: v.picklist(DELIVERY_STATUSES),
  occurredAt: time,
  recordedAt: time,
  actor: v.string(),
  driverId: v.nullable(id),
  driverVersion: v.nullable(count),
  position: v.nullable(position),
  data: v.nullable(record),
});
export type DeliveryEventView = v.InferOutput<typeof deliveryEventView>;
export const deliveryWithEvents = v.object({
  ...listedDelivery.entries,
  /** For the customer; shown to the shop. Null where no PUBLIC_URL is set. */
  trackingUrl: v.exactOptional(v.nullable(v.string())),
  /** What its driver is asked for besides a PIN code: with a hand-over, and with a failure. */
  proofAsked: v.object({
    delivered: v.array(v.picklist(PROOF_PARTS)),
    failed: v.array(v.picklist(FAILURE_PROOF_PARTS)),
  }),
  events: v.array(deliveryEventView),
});

/** Everything that is kept of one driver. */
export const driverExport = v.object({
  driver: driverView,
  position: v.nullable(position),
  lastSeenAt: v.nullable(time),
  history: v.array(
    v.object({
      version: count,
      type: v.string(),
      status: v.string(),
      load: count,
      capacity: count,
      deliveryId: v.nullable(id),
      actor: v.string(),
      recordedAt: time,
    }),
  ),
  deliveries: v.array(
    v.object({
      deliveryId: id,
      sellerOrderId: v.nullable(v.string()),
      status: v.string(),
      events: v.array(deliveryEventView),
    }),
  ),
  /** What they were asked, and what they said. */
  offers: v.array(offerView),
  devices: v.array(deviceView),
  /** Where the browsers of their phones are told that something has changed. */
  pushEndpoints: v.array(v.string()),
});
export type DriverExport = v.InferOutput<typeof driverExport>;

export const receivedView = v.object({
  status: v.picklist([...DELIVERY_STATUSES, 'IGNORED']),
  deliveryId: v.nullable(id),
  message: v.string(),
  /** Of a ping: whether the shop's own endpoint took what was signed with its secrets, and what it said. */
  callback: v.exactOptional(v.object({ taken: v.boolean(), detail: v.string() })),
});

const check = v.object({
  status: v.picklist(['up', 'down', 'off']),
  latencyMs: v.nullable(v.number()),
  /** It answers, and has not the tables of this version. */
  why: v.exactOptional(v.literal('unmigrated')),
});
export const healthView = v.object({
  status: v.picklist(['ok', 'degraded', 'down']),
  checks: v.object({ postgres: check, redis: check }),
});
export const liveView = v.object({ status: v.literal('ok') });
