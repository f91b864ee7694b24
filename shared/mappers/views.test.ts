import * as v from 'valibot';
import { expect, test } from 'vitest';
import * as shopAnswers from '../contract/shop-answers.ts';
import type { DeliveryRow, DriverRow, ShopRow } from '../db/schema.ts';
import { deliveryView, driverView, shopView } from './views.ts';

const at = '2026-11-22T14:00:00+00:00';
const utc = '2026-11-22T14:00:00.000Z';

/* Results that were kept under an idempotency key by the version before: rows without the newest columns. */

test('a delivery that was kept before it had windows, sizes and plans is shown without them', () => {
  const old = { id: 'd', pickup: {}, dropoff: {}, pincode: null, created_at: at, updated_at: at };
  const shown = deliveryView(old as unknown as DeliveryRow);
  expect(shown).toMatchObject({ id: 'd', createdAt: utc, plannedPickupAt: null, heldUntil: null });
  expect(JSON.parse(JSON.stringify(shown))).not.toHaveProperty('size');
});

test('a driver and a shop that were kept before they had tags and settings are shown', () => {
  expect(driverView({ id: 'w', created_at: at } as unknown as DriverRow)).toMatchObject({ id: 'w', shiftEndsAt: null });
  const old = {
    id: '0199f0a0-0000-7000-8000-000000000001',
    slug: 's',
    name: 'S',
    policy: 'nearest',
    max_radius_m: 500,
  };
  const none = { pickup_lat: null, pickup_lon: null, webhook_url: null, created_at: at };
  const shown = shopView({ ...old, ...none } as unknown as ShopRow);
  expect(v.parse(shopAnswers.shopView, shown)).toEqual(shown);
  expect(shown.dispatch).toMatchObject({ policy: 'nearest', maxRadiusM: 500 });
});
