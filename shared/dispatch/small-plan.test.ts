import { expect, test } from 'vitest';
import { HERE, newOrder, north } from '#shared/testing/builders.ts';
import type { Position } from '../domain/geo.ts';
import { dispatchSettingsOf } from './settings-of-shop.ts';
import { planOrders } from './small-plan.ts';

const NOW = { nowMs: Date.UTC(2026, 0, 15, 12), ratio: 1, vehicleOf: () => null };
const settings = dispatchSettingsOf({ policy: 'planned', max_radius_m: 10_000, dispatch: {} });

/** So many drivers one behind the other to the north of a pickup, the nearest first. */
function lineOf(count: number, pickup: Position, name = 'd') {
  return Array.from({ length: count }, (_, n) => ({
    driverId: `${name}${String(n).padStart(2, '0')}`,
    position: north(100 * (n + 1), pickup),
    idleSinceMs: 0,
  }));
}
function orderAt({ lat, lon }: Position) {
  const to = north(2_000, { lat, lon });
  return {
    ...newOrder('shop', null),
    pickup_lat: lat,
    pickup_lon: lon,
    dropoff_lat: to.lat,
    dropoff_lon: to.lon,
  };
}

test('one order names the nearest, then the next best; the times are of the one that is planned', () => {
  const [decided] = planOrders([{ details: orderAt(HERE), found: lineOf(12, HERE) }], settings, NOW);
  expect(decided!.candidates).toEqual(['d00', 'd01', 'd02', 'd03', 'd04', 'd05', 'd06', 'd07']);
  expect(decided!.told!.d00).toMatchObject({ data: { reason: 'must_leave', distanceM: 100 } });
  expect(Date.parse(decided!.told!.d00!.pickup_at!)).toBeGreaterThan(NOW.nowMs);
  expect(decided!.told!.d01).toEqual({
    pickup_at: null,
    dropoff_at: null,
    data: { reason: 'next_best', distanceM: 200 },
  });
  expect(decided!.decision!.data).toMatchObject({ deliveries: 1, drivers: 8 });
});

test('orders of one kitchen have a driver each, and those that are behind the first eight take part', () => {
  const found = lineOf(8 + 15, HERE);
  const decided = planOrders(
    Array.from({ length: 16 }, () => ({ details: orderAt(HERE), found })),
    settings,
    NOW,
  );
  expect(new Set(decided.map(({ candidates }) => candidates[0])).size).toBe(16);
  expect(decided[0]!.decision!.data).toMatchObject({ deliveries: 16, drivers: 23 });
});

test('orders of many kitchens are planned with the drivers nearest to each: a longer list only costs', () => {
  const kitchens = Array.from({ length: 16 }, (_, n) => north(20_000 * n));
  const decided = planOrders(
    kitchens.map((kitchen, n) => ({ details: orderAt(kitchen), found: lineOf(23, kitchen, `k${n}-`) })),
    settings,
    NOW,
  );
  expect(decided.map(({ candidates }) => candidates[0])).toEqual(kitchens.map((_, n) => `k${n}-00`));
  expect(decided[0]!.decision!.data).toMatchObject({ deliveries: 16, drivers: 16 * 8 });
});

test('who is excluded is not named, and nobody found leaves it to the engine', () => {
  const details = { ...orderAt(HERE), excluded_driver_ids: ['d00', 'd02'] };
  const [decided] = planOrders([{ details, found: lineOf(4, HERE) }], settings, NOW);
  expect(decided!.candidates).toEqual(['d01', 'd03']);
  expect(planOrders([{ details, found: [] }], settings, NOW)).toEqual([
    { candidates: [], told: null, hold: null, decision: null },
  ]);
});

test('an order for this evening is scheduled, with its expected window, and names nobody', () => {
  const evening = new Date(NOW.nowMs + 8 * 3_600_000).toISOString();
  const details = { ...orderAt(HERE), dropoff_after: evening };
  const [decided] = planOrders([{ details, found: lineOf(4, HERE) }], settings, NOW);
  expect(decided).toMatchObject({ candidates: [], told: null, hold: { state: 'scheduled', reason: 'scheduled' } });
  expect(Date.parse(decided!.hold!.until)).toBeGreaterThan(NOW.nowMs);
});

test('who is quickest to the door gets it, and is next: a driver on foot who is nearer is neither', () => {
  const found = lineOf(4, HERE);
  const onFoot = new Set(['d00', 'd02']);
  const vehicleOf = (driverId: string) => (onFoot.has(driverId) ? 'foot' : 'car');
  const [decided] = planOrders([{ details: orderAt(HERE), found }], settings, { ...NOW, vehicleOf });
  expect(decided!.candidates).toEqual(['d01', 'd03', 'd00', 'd02']);
  // 2.2 km of straight line at 7 m/s, and a service at each end.
  expect(Date.parse(decided!.told!.d01!.dropoff_at!) - NOW.nowMs).toBeLessThan(12 * 60_000);
});
