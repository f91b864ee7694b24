import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveryRow } from '#shared/db/schema.ts';
import { commitRoute } from '#shared/db/statements/arrange-route.ts';
import { createDelivery } from '#shared/db/statements/create-delivery.ts';
import { estimateS, STOP_S } from '#shared/domain/eta.ts';
import type { Position } from '#shared/domain/geo.ts';
import { buildDrivers, buildShop, HERE, newOrder, north } from '#shared/testing/builders.ts';
import { openTestDeps, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { arrivalOf, ratioOf } from './arrival.ts';
import { moveDelivery } from './move-delivery.ts';
import { readRoute } from './routes.ts';
import { statsSince } from './stats.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

const DOOR = north(1_000);

/** One driver HERE, and what they were given: from here to there, one after the other. */
async function given(...dropoffs: readonly (Position & { after?: string })[]) {
  const shopId = await buildShop(deps.db);
  const [driver] = await buildDrivers(deps.db, shopId, [HERE], { capacity: 5 });
  const rows: DeliveryRow[] = [];
  for (const { lat, lon, after = null } of dropoffs) {
    const place = { dropoff_lat: lat, dropoff_lon: lon, dropoff_after: after };
    const ran = await createDelivery(deps.db, somebody(), newOrder(shopId, null, [driver!], place));
    if (ran.kind !== 'done' || ran.result.outcome !== 'created') throw new Error(JSON.stringify(ran));
    rows.push(ran.result.delivery);
  }
  return { shopId, rows };
}
const wayS = (metres: number) => estimateS(HERE, north(metres), null);
const now = () => Date.now();

test('the routing server is asked first and named; without its word the straight line counts, and is named', async () => {
  const { rows } = await given(DOOR);
  const row = rows[0]!;
  const routing = (durationsS: () => Promise<number[] | null>) => ({
    ...deps,
    routing: { durationsS, tableS: async () => null },
  });
  // To the pickup, a service there, and to the door.
  const routed = await arrivalOf(
    routing(async () => [60, 300]),
    row,
    now(),
  );
  expect(routed).toEqual({ etaS: 360 + STOP_S, source: 'routing' });
  const estimate = await arrivalOf(
    routing(async () => null),
    row,
    now(),
  );
  expect(estimate?.source).toBe('estimate');
  expect(estimate?.etaS).toBeCloseTo(wayS(1_000) + STOP_S, -1);
});

test('every stop before it counts: its way, and one service for each visit', async () => {
  const { rows } = await given(DOOR, north(3_000), north(2_000));
  const eta = (place: number) => arrivalOf({ ...deps, routing: null }, rows[place]!, now());
  // There and back for each, as they were given one after the other.
  expect((await eta(0))!.etaS).toBeCloseTo(wayS(1_000) + STOP_S, -1);
  expect((await eta(1))!.etaS).toBeCloseTo(2 * wayS(1_000) + wayS(3_000) + 3 * STOP_S, -1);
  expect((await eta(2))!.etaS).toBeCloseTo(2 * wayS(1_000) + 2 * wayS(3_000) + wayS(2_000) + 5 * STOP_S, -1);
  const { shop_id, driver_id } = rows[0]!;
  const stops = [
    ...rows.map(({ id: delivery }) => ({ delivery, kind: 'pickup' as const, at: null })),
    ...[0, 2, 1].map((place) => ({ delivery: rows[place]!.id, kind: 'dropoff' as const, at: null })),
  ];
  const version = (await readRoute(deps, shop_id, driver_id!))!.version;
  await commitRoute(deps.db, somebody(), { shop_id, driver_id: driver_id!, version, fixed_stops: 6, stops });
  // All three are collected in one visit, and dropped off along the way.
  expect((await eta(0))!.etaS).toBeCloseTo(wayS(1_000) + STOP_S, -1);
  expect((await eta(2))!.etaS).toBeCloseTo(wayS(2_000) + 2 * STOP_S, -1);
  expect((await eta(1))!.etaS).toBeCloseTo(wayS(3_000) + 3 * STOP_S, -1);
});

test('nothing is handed over before its window opens, and whoever comes later waits as well', async () => {
  const opens = new Date(now() + 3_600_000).toISOString();
  const { rows } = await given({ ...DOOR, after: opens }, DOOR);
  const at = now();
  expect((await arrivalOf({ ...deps, routing: null }, rows[0]!, at))!.etaS).toBeCloseTo(
    (Date.parse(opens) - at) / 1000,
    -1,
  );
  expect((await arrivalOf({ ...deps, routing: null }, rows[1]!, at))!.etaS).toBeGreaterThan(3_600);
});

test('none for what has ended, or lacks a place, or whose driver nobody has seen', async () => {
  const { shopId, rows } = await given(DOOR, DOOR);
  const [first, second] = rows as [DeliveryRow, DeliveryRow];
  await deps.db.run('UPDATE dispatch.delivery SET dropoff_lat = NULL, dropoff_lon = NULL WHERE id = $1', [second.id]);
  expect(await arrivalOf({ ...deps, routing: null }, second, now())).toBeNull();
  expect(await arrivalOf({ ...deps, routing: null }, first, now())).toMatchObject({ source: 'estimate' });
  await moveDelivery(deps, somebody(), { shopId, driverId: null }, first.id, { status: 'PICKED_UP' });
  const ran = await moveDelivery(deps, somebody(), { shopId, driverId: null }, first.id, { status: 'DELIVERED' });
  if (ran.kind !== 'done' || ran.result.outcome !== 'moved') throw new Error(JSON.stringify(ran));
  expect(await arrivalOf({ ...deps, routing: null }, ran.result.delivery, now())).toBeNull();
  const lost = (await given(DOOR)).rows[0]!;
  await deps.db.run('UPDATE dispatch.driver_location SET lat = NULL, lon = NULL WHERE driver_id = $1', [
    lost.driver_id,
  ]);
  expect(await arrivalOf({ ...deps, routing: null }, lost, now())).toBeNull();
});

test('a shop’s finished deliveries teach its estimate, and make its numbers', async () => {
  const { shopId, rows } = await given(DOOR);
  const row = rows[0]!;
  await moveDelivery(deps, somebody(), { shopId, driverId: null }, row.id, { status: 'PICKED_UP' });
  await moveDelivery(deps, somebody(), { shopId, driverId: null }, row.id, { status: 'DELIVERED' });
  const tookS = estimateS(HERE, DOOR, null) * 2 + STOP_S;
  await deps.db.run(
    `INSERT INTO dispatch.delivery (shop_id, dispatch, version, status, driver_id, pickup, dropoff, pickup_lat, pickup_lon,
       dropoff_lat, dropoff_lon, created_at, assigned_at, picked_up_at, ended_at)
     SELECT $1, 'settled', 4, 'DELIVERED', $2, '{}', '{}', $3::float8, $4::float8, $5::float8, $6::float8,
       t.ended - interval '1 h', t.ended - interval '58 min', t.ended - $7::float8 * interval '1 s', t.ended
     FROM generate_series(0, 5) n CROSS JOIN LATERAL (SELECT now() - n * interval '10 min' AS ended) t`,
    [shopId, row.driver_id, HERE.lat, HERE.lon, DOOR.lat, DOOR.lon, tookS],
  );
  expect(await ratioOf(deps, shopId)).toBeCloseTo(2, 1);
  const numbers = await statsSince(deps, shopId, new Date(Date.now() - 7_200_000).toISOString());
  expect(numbers).toMatchObject({
    created: 7,
    delivered: 7,
    waiting: 0,
    onTheWay: 0,
    medianAssignS: 120,
    medianDeliverS: 3_600,
  });
  expect(numbers.hours.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(7);
  expect((await statsSince(deps, shopId, new Date(Date.now() + 60_000).toISOString())).created).toBe(0);
});
