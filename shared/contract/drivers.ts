import * as v from 'valibot';
import { DRIVER_STATUSES } from '../domain/driver.ts';
import { integer, page, tags, text, time } from './nouns.ts';
import { phone } from './phone.ts';

export const VEHICLES = ['bicycle', 'cargo_bike', 'scooter', 'car', 'van', 'truck', 'foot'] as const;

export const newDriver = v.object({
  name: text(200),
  phone: v.optional(v.nullable(phone), null),
  vehicle: v.optional(v.nullable(v.picklist(VEHICLES, `must be one of ${VEHICLES.join(', ')}`)), null),
  /** Units of size that fit; with deliveries of size 1, which they have unless said otherwise, deliveries at a time. */
  capacity: v.optional(integer(1, 100), 1),
  /** What they have that a delivery may require. */
  tags: v.optional(tags, []),
  /** Nothing is planned after this; null: no end known. */
  shiftEndsAt: v.optional(v.nullable(time), null),
  /** The shop's own id for this driver; unique in the shop. */
  externalRef: v.optional(v.nullable(text(200)), null),
});
export type NewDriver = v.InferOutput<typeof newDriver>;

const changeable = v.partial(
  v.object({
    ...newDriver.entries,
    phone: v.nullable(phone),
    capacity: integer(1, 100),
    tags,
    shiftEndsAt: v.nullable(time),
    externalRef: v.nullable(text(200)),
    vehicle: v.nullable(v.picklist(VEHICLES, `must be one of ${VEHICLES.join(', ')}`)),
  }),
);
export const driverChange = v.pipe(
  changeable,
  v.check(
    (change) => Object.keys(change).length > 0,
    `must change at least one of ${Object.keys(changeable.entries).join(', ')}`,
  ),
);
export type DriverChange = v.InferOutput<typeof driverChange>;

const status = v.picklist(DRIVER_STATUSES, `must be one of ${DRIVER_STATUSES.join(', ')}`);
/** Longer is no break. */
const MOST_BREAK_S = 4 * 3_600;

export const driverStatusChange = v.pipe(
  v.object({
    status,
    /** With BUSY: a break of so many seconds, after which they are AVAILABLE again by themselves. */
    breakS: v.optional(integer(1, MOST_BREAK_S)),
    /** With AVAILABLE: what they have in hand, or the next trip if that is nothing, is their last; then they are OFFLINE. */
    lastOne: v.optional(v.boolean()),
  }),
  v.forward(
    v.check((said) => said.breakS === undefined || said.status === 'BUSY', 'is for those who are BUSY'),
    ['breakS'],
  ),
  v.forward(
    v.check((said) => !said.lastOne || said.status === 'AVAILABLE', 'is for those who are AVAILABLE'),
    ['lastOne'],
  ),
);
export type DriverStatusChange = v.InferOutput<typeof driverStatusChange>;
export const driverQuery = v.object({
  ...page,
  status: v.optional(status),
  retired: v.optional(v.picklist(['true', 'false'])),
});

export const MOST_TOKEN_DAYS = 90;
/** 30 days unless asked for. */
const tokenLifeS = v.optional(integer(60, MOST_TOKEN_DAYS * 86_400), 30 * 86_400);
export const newToken = v.object({
  expiresInS: tokenLifeS,
  /** Withdraw every earlier token of this driver. */
  revokePrevious: v.optional(v.boolean(), false),
});

/** `expiresInS`: how long the phone is the driver's. */
export const newPairing = v.object({ expiresInS: tokenLifeS });
export const pairingCode = v.object({
  code: text(40),
  /** By which people know the phone in a list. */
  deviceName: v.optional(text(100), 'Phone'),
});

export type { DriverView } from './answers.ts';
