import { expect, test } from 'vitest';
import { DELIVERY_EVENT_TYPES, isPublished, PUBLISHED_EVENTS } from './events.ts';

test('the names on the wire, written out: shops depend on every letter', () => {
  expect(Object.values(PUBLISHED_EVENTS).sort()).toEqual([
    'DELIVERY_ASSIGNED_V1',
    'DELIVERY_CANCELLED_V1',
    'DELIVERY_CHANGED_V1',
    'DELIVERY_CREATED_V1',
    'DELIVERY_DELIVERED_V1',
    'DELIVERY_ETA_CHANGED_V1',
    'DELIVERY_EXHAUSTED_V1',
    'DELIVERY_FAILED_V1',
    'DELIVERY_IN_TRANSIT_V1',
    'DELIVERY_OFFERED_V1',
    'DELIVERY_OFFER_DECLINED_V1',
    'DELIVERY_OFFER_EXPIRED_V1',
    'DELIVERY_PICKED_UP_V1',
    'DELIVERY_PIN_LOCKED_V1',
    'DELIVERY_RATED_V1',
    'DELIVERY_REATTEMPTED_V1',
    'DELIVERY_RETURNED_V1',
    'DELIVERY_UNASSIGNED_V1',
  ]);
});

test('milestones and holds are not sent', () => {
  expect(DELIVERY_EVENT_TYPES.filter((type) => !isPublished(type))).toEqual([
    'HELD',
    'RELEASED',
    'SEARCHING',
    'PLANNED',
    'ARRIVED_AT_PICKUP',
    'ARRIVED_AT_DROPOFF',
    'DRIVER_NEAR',
    'DRIVER_UNREACHABLE',
    'DRIVER_REACHABLE',
    'UPDATED',
    'PIN_MISSED',
  ]);
});
