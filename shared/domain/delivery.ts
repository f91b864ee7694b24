// PURE before a list below: a bundle that does not ask for the list leaves it out.
export const DELIVERY_STATUSES = [
  'PENDING',
  'ASSIGNED',
  'PICKED_UP',
  'IN_TRANSIT',
  'DELIVERED',
  'FAILED',
  'RETURNED',
  'CANCELLED',
] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * Why a PENDING delivery waits; `settled` for every other status. `scheduled`: nothing to do before its time; `held`:
 * planned, and no driver told yet; `paused`: a person holds it.
 */
export const DISPATCH_STATES = [
  'needs_location',
  'scheduled',
  'searching',
  'held',
  'offered',
  'paused',
  'exhausted',
  'settled',
] as const;
export type DispatchState = (typeof DISPATCH_STATES)[number];

export const FAILURE_CODES = [
  'DRIVER_REJECTED',
  'DRIVER_OFFLINE',
  'PICKUP_FAILED',
  'DELIVERY_FAILED',
  'TIMEOUT',
  'MANUAL_CANCEL',
  'RECIPIENT_UNAVAILABLE',
  'REFUSED',
  'BAD_ADDRESS',
  'DAMAGED',
  'UNSAFE',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** What a driver does with a parcel that failed on the way: brings it back next, or keeps it for another attempt. */
export const FAILED_PARCELS = ['return', 'keep'] as const;
export type FailedParcel = (typeof FAILED_PARCELS)[number];

const NEXT = {
  PENDING: ['ASSIGNED', 'CANCELLED'],
  ASSIGNED: ['PENDING', 'PICKED_UP', 'FAILED', 'CANCELLED'],
  PICKED_UP: ['IN_TRANSIT', 'DELIVERED', 'FAILED'],
  IN_TRANSIT: ['DELIVERED', 'FAILED'],
  DELIVERED: [],
  FAILED: ['RETURNED'],
  RETURNED: [],
  CANCELLED: [],
} as const satisfies Record<DeliveryStatus, readonly DeliveryStatus[]>;

/** With a driver who has still to bring it somewhere. */
export const ACTIVE_STATUSES = ['ASSIGNED', 'PICKED_UP', 'IN_TRANSIT'] as const satisfies readonly DeliveryStatus[];
/** In the vehicle. (A failed one whose `dropoff_rank` is not null still is, too.) */
export const ON_THE_WAY_STATUSES = ['PICKED_UP', 'IN_TRANSIT'] as const satisfies readonly DeliveryStatus[];
/** Nothing more happens to it by itself. */
export const ENDED_STATUSES = [
  'DELIVERED',
  'FAILED',
  'RETURNED',
  'CANCELLED',
] as const satisfies readonly DeliveryStatus[];

/** Failed, wherever its parcel is now. */
export const FAILED_STATUSES = ['FAILED', 'RETURNED'] as const satisfies readonly DeliveryStatus[];

/** Reached by an endpoint of their own: unassign, assign, cancel. */
type AskedStatus = 'PENDING' | 'ASSIGNED' | 'CANCELLED';
type ReportedStatus = Exclude<DeliveryStatus, AskedStatus>;
/** What a driver, or the shop for them, says that a delivery has become: a step. */
export const REPORTED_STATUSES = /* @__PURE__ */ DELIVERY_STATUSES.filter(
  (status): status is ReportedStatus => status !== 'PENDING' && status !== 'ASSIGNED' && status !== 'CANCELLED',
);
/** Always of a driver; the others are of none (PENDING), or may be. */
export const DRIVEN_STATUSES: readonly DeliveryStatus[] = /* @__PURE__ */ DELIVERY_STATUSES.filter(
  (status) => status !== 'PENDING' && status !== 'CANCELLED',
);
/** No step leads out of them. */
export const FINAL_STATUSES: readonly DeliveryStatus[] = /* @__PURE__ */ DELIVERY_STATUSES.filter(
  (from) => NEXT[from].length === 0,
);

/** The statuses a delivery may move to from `status`; empty for a final one. */
export function allowedNext(status: DeliveryStatus): readonly DeliveryStatus[] {
  return NEXT[status];
}

/** The statuses from which a delivery may move to `to`: the WHERE of the guarded statement. */
export function allowedFrom(to: DeliveryStatus): readonly DeliveryStatus[] {
  return DELIVERY_STATUSES.filter((from) => allowedNext(from).includes(to));
}

/** The statuses in which a delivery ends, at the time it comes to them. What comes after an end leaves that time as it is. */
export const ENDING_STATUSES: readonly DeliveryStatus[] = /* @__PURE__ */ ENDED_STATUSES.filter((to) =>
  allowedFrom(to).some((from) => !hasEnded(from)),
);

/**
 * From these a delivery is tried again when somebody asks for it, as its next attempt. It becomes PICKED_UP where its
 * parcel failed on the way and is still aboard, else PENDING: no step of its own accord leads out of them.
 */
export const REDELIVERED_FROM = ['FAILED', 'RETURNED', 'CANCELLED'] as const satisfies readonly DeliveryStatus[];

/** Whether another attempt of what is `from` may begin as `to`. */
export function mayBeRedelivered(from: DeliveryStatus, to: DeliveryStatus): boolean {
  const froms: readonly DeliveryStatus[] = to === 'PENDING' ? REDELIVERED_FROM : to === 'PICKED_UP' ? ['FAILED'] : [];
  return froms.includes(from);
}

/** A driver carries it, or is to: it counts towards their load. */
export function isActive(status: DeliveryStatus): boolean {
  return isOneOf(ACTIVE_STATUSES, status);
}

/** In the vehicle. */
export function isOnTheWay(status: DeliveryStatus): boolean {
  return isOneOf(ON_THE_WAY_STATUSES, status);
}

/** Nothing more happens to it by itself. */
export function hasEnded(status: DeliveryStatus): boolean {
  return isOneOf(ENDED_STATUSES, status);
}

/** It failed, wherever its parcel is now. */
export function hasFailed(status: DeliveryStatus): boolean {
  return isOneOf(FAILED_STATUSES, status);
}

function isOneOf(statuses: readonly DeliveryStatus[], status: DeliveryStatus): boolean {
  return statuses.includes(status);
}

/** Wrong codes at the door until the shop has to say what is to be done: of 10,000 codes a guesser finds one in 2,000. */
export const PINCODE_TRIES = 5;
