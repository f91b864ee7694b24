import { REPORTED_STATUSES } from './delivery.ts';

/** What can happen to a delivery: one row of `delivery_event` each, numbered 1..n per delivery. */
export const DELIVERY_EVENT_TYPES = [
  'CREATED',
  'ASSIGNED',
  'UNASSIGNED',
  ...REPORTED_STATUSES,
  'CANCELLED',
  'EXHAUSTED',
  'HELD',
  'RELEASED',
  'SEARCHING',
  'OFFERED',
  'OFFER_DECLINED',
  'OFFER_EXPIRED',
  'PLANNED',
  'ETA_CHANGED',
  'ARRIVED_AT_PICKUP',
  'ARRIVED_AT_DROPOFF',
  'DRIVER_NEAR',
  'DRIVER_UNREACHABLE',
  'DRIVER_REACHABLE',
  'UPDATED',
  'CHANGED',
  'REATTEMPTED',
  'PIN_MISSED',
  'PIN_LOCKED',
  'RATED',
] as const;
export type DeliveryEventType = (typeof DELIVERY_EVENT_TYPES)[number];

/**
 * The events that leave by webhook, and their names on the wire: a promise to shops, never renamed. What is missing
 * here are milestones, shown with the delivery but not sent. IN_TRANSIT, ETA_CHANGED, RATED and those of offers are sent only
 * where the shop asks for them.
 */
export const PUBLISHED_EVENTS = {
  CREATED: 'DELIVERY_CREATED_V1',
  ASSIGNED: 'DELIVERY_ASSIGNED_V1',
  UNASSIGNED: 'DELIVERY_UNASSIGNED_V1',
  ...named(REPORTED_STATUSES),
  CANCELLED: 'DELIVERY_CANCELLED_V1',
  EXHAUSTED: 'DELIVERY_EXHAUSTED_V1',
  ETA_CHANGED: 'DELIVERY_ETA_CHANGED_V1',
  OFFERED: 'DELIVERY_OFFERED_V1',
  OFFER_DECLINED: 'DELIVERY_OFFER_DECLINED_V1',
  OFFER_EXPIRED: 'DELIVERY_OFFER_EXPIRED_V1',
  CHANGED: 'DELIVERY_CHANGED_V1',
  REATTEMPTED: 'DELIVERY_REATTEMPTED_V1',
  PIN_LOCKED: 'DELIVERY_PIN_LOCKED_V1',
  RATED: 'DELIVERY_RATED_V1',
} as const satisfies { [Type in DeliveryEventType]?: WireName<Type> };
type WireName<Type extends string> = `DELIVERY_${Type}_V1`;
export type PublishedEventType = keyof typeof PUBLISHED_EVENTS;

/** Whether events of this type leave by webhook; then `PUBLISHED_EVENTS[type]` is their name. */
export function isPublished(type: DeliveryEventType): type is PublishedEventType {
  return Object.hasOwn(PUBLISHED_EVENTS, type);
}

function named<Type extends string>(types: readonly Type[]) {
  return Object.fromEntries(types.map((type) => [type, `DELIVERY_${type}_V1`])) as { [Each in Type]: WireName<Each> };
}
