import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveryRow } from '#shared/db/schema.ts';
import { estimateS, STOP_S } from '#shared/domain/eta.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { arrivalOf, ratioOf } from './arrival.ts';
import { createDelivery } from './create-delivery.ts';
import { moveDelivery } from './move-delivery.ts';
import { numbersSince } from './numbers.ts';
import { reportFixes } from './report-fixes.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

const DOOR = north(1_000);

async function assigned(): Promise<{ shopId: string; row: DeliveryRow }> {
  const shopId = await buildShop(deps.db);
  const [driver] = await buildDrivers(deps.db, shopId, [HERE]);
  await project(deps, shopId, [driver!]);
  const at = { driverId: driver!, position: HERE, recordedAtMs: Date.now() };
  await reportFixes(deps, somebody(), shopId, [at]);
  const ran = await createDelivery(deps, somebody(), await shopOf(deps, shopId), { pickup: HERE, dropoff: DOOR });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return { shopId, row: ran.result.delivery };
}

test('the routing server is asked first and named; without its word the straight line counts, and is named', async () => {
  const { row } = await assigned();
  const routing = (durationsS: () => Promise<number[] | null>) => ({ ...deps, routing: { durationsS } });
  expect(
    await arrivalOf(
      routing(async () => [60, 300]),
      row,
      'car',
    ),
  ).toEqual({ etaS: 360 + STOP_S, source: 'routing' });
  const estimate = await arrivalOf(
    routing(async () => null),
    row,
    'car',
  );
  expect(estimate?.source).toBe('estimate');
  expect(estimate?.etaS).toBeCloseTo(estimateS(HERE, DOOR, 'car') + STOP_S, -1);
  expect(await arrivalOf({ ...deps, routing: null }, { ...row, status: 'DELIVERED' }, 'car')).toBeNull();
  expect(
    await arrivalOf({ ...deps, routing: null }, { ...row, dropoff_lat: null, dropoff_lon: null }, 'car'),
  ).toBeNull();
});

test('a shop’s finished deliveries teach its estimate, and make its numbers', async () => {
  const { shopId, row } = await assigned();
  await moveDelivery(deps, somebody(), { shopId, driverId: null }, row.id, { status: 'PICKED_UP' });
  await moveDelivery(deps, somebody(), { shopId, driverId: null }, row.id, { status: 'DELIVERED' });
  const tookS = estimateS(HERE, DOOR, null) * 2 + STOP_S;
  await deps.db.run(
    `INSERT INTO dispatch.delivery (shop_id, dispatch, version, status, driver_id, pickup, dropoff, pickup_lat, pickup_lon,
       dropoff_lat, dropoff_lon, created_at, assigned_at, picked_up_at, ended_at)
     SELECT $1, 'settled', 4, 'DELIVERED', $2, '{}', '{}', $3::float8, $4::float8, $5::float8, $6::float8,
       now() - interval '1 h', now() - interval '58 min', now() - $7::float8 * interval '1 s', now()
     FROM generate_series(1, 6)`,
    [shopId, row.driver_id, HERE.lat, HERE.lon, DOOR.lat, DOOR.lon, tookS],
  );
  expect(await ratioOf(deps, shopId)).toBeCloseTo(2, 1);
  const numbers = await numbersSince(deps, shopId, new Date(Date.now() - 7_200_000).toISOString());
  expect(numbers).toMatchObject({
    created: 7,
    delivered: 7,
    waiting: 0,
    onTheWay: 0,
    medianAssignS: 120,
    medianDeliverS: 3_600,
  });
  expect(numbers.hours.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(7);
  expect((await numbersSince(deps, shopId, new Date(Date.now() + 60_000).toISOString())).created).toBe(0);
});
