import { expect, test } from 'vitest';
import type { ShopRow } from '../db/schema.ts';
import { changedColumns, orderDetails } from './delivery-columns.ts';

const bakery = { id: 's', pickup_lat: 1, pickup_lon: 2, pickup_address: { address: 'Bakery' }, proof_required: [] };
const shop = bakery as unknown as ShopRow;
const at = '2026-11-22T14:00:00.000Z';

test('an order that says little: collected at the shop, of size 1, for anybody, whenever', () => {
  expect(orderDetails(shop, { dropoff: { lat: 3, lon: 4, name: 'R. Meier' } })).toEqual({
    shop_id: 's',
    order_ref: null,
    channel_id: null,
    pickup_lat: 1,
    pickup_lon: 2,
    pickup: { address: 'Bakery' },
    pickup_ready_at: null,
    pickup_after: null,
    pickup_before: null,
    pickup_service_s: null,
    dropoff_lat: 3,
    dropoff_lon: 4,
    dropoff: { name: 'R. Meier' },
    dropoff_after: null,
    dropoff_before: null,
    dropoff_service_s: null,
    size: 1,
    requires: [],
    priority: 0,
    hard_windows: false,
    excluded_driver_ids: [],
    notes: null,
    pincode: null,
    proof_required: null,
    message_digest: null,
  });
});

test('an order without a code is given one where the shop asks for it, and keeps its own', () => {
  const asking = { ...shop, proof_required: ['photo', 'pin'] };
  expect(orderDetails(asking, { dropoff: {} }).pincode).toMatch(/^\d{4}$/);
  expect(orderDetails(asking, { dropoff: {}, pincode: '471100' }).pincode).toBe('471100');
});

test('windows, service times and what is asked of the driver have columns; the rest of an end is kept as it was said', () => {
  const details = orderDetails(shop, {
    pickup: { stockLocationId: 'l1', readyAt: at, after: at, before: at, serviceS: 0, phone: null },
    dropoff: { after: at, before: at, serviceS: 60 },
    size: 3,
    requires: ['cold'],
    priority: -1,
    hardWindows: true,
  });
  expect(details).toMatchObject({
    pickup: { stockLocationId: 'l1' },
    pickup_ready_at: at,
    pickup_after: at,
    pickup_before: at,
    pickup_service_s: 0,
    dropoff: {},
    dropoff_after: at,
    dropoff_before: at,
    dropoff_service_s: 60,
    size: 3,
    requires: ['cold'],
    priority: -1,
    hard_windows: true,
  });
});

test('of a change null takes the cash away, and nothing else; a new delivery has none', () => {
  expect(changedColumns({ dropoff: { cash: null, name: null } })).toEqual({ dropoff: { cash: null } });
  expect(changedColumns({ dropoff: { name: 'Ada' } })).toEqual({ dropoff: { name: 'Ada' } });
  expect(orderDetails(shop, { dropoff: { cash: null } })).toMatchObject({ dropoff: {} });
});

test('a change has the columns that it names and no others; an empty list is a change', () => {
  expect(changedColumns({ pickup: { before: at, notes: null }, requires: [], hardWindows: false, size: null })).toEqual(
    {
      pickup: {},
      pickup_before: at,
      requires: [],
      hard_windows: false,
    },
  );
});
