import { describe, expect, test } from 'vitest';
import type { DeliveryRow } from '#shared/db/schema.ts';
import { exhaustDeliveries } from '#shared/db/statements/exhaust-deliveries.ts';
import type { Position } from '#shared/domain/geo.ts';
import { assignNamed } from '#shared/flows/assign-named.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import { planShopsAnew } from '#shared/flows/relay/plan-due.ts';
import { openSweep } from '#shared/flows/relay/sweep-silent.ts';
import { changeShop } from '#shared/flows/shops.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { hearing, project, somebody } from '#shared/testing/flow-deps.ts';
import { givenPlannedShop } from '#shared/testing/planned-shop.ts';
import { readFinishedTrips } from '../db/statements/stats.ts';

/* What a dispatcher would be angry about: an order that waits beside somebody who could bring it, or goes to the wrong one. */

const given = givenPlannedShop();
const { choose, order, drivers, read, routeOf } = given;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const MINUTE = 60_000;

const duty = (driverId: string, status: 'AVAILABLE' | 'BUSY') =>
  setDuty(given.deps, somebody(), { shopId: given.shop.id, driverId }, { status }, status === 'AVAILABLE');
const name = (delivery: DeliveryRow, driverId: string, override?: string[]) =>
  assignNamed(given.deps, somebody(), given.shop.id, delivery.id, { driverId, override });
const step = (delivery: DeliveryRow, driverId: string, body: Parameters<typeof moveDelivery>[4]) =>
  moveDelivery(given.deps, somebody(), { shopId: given.shop.id, driverId }, delivery.id, body);
const set = (id: string, columns: string) =>
  given.deps.db.run(`UPDATE dispatch.delivery SET ${columns} WHERE id = $1`, [id]);
const put = async (driverId: string, { lat, lon }: Position) => {
  await given.deps.db.run('UPDATE dispatch.driver_location SET lat = $2, lon = $3 WHERE driver_id = $1', [
    driverId,
    lat,
    lon,
  ]);
  await project(given.deps, given.shop.id, [driverId]);
};
const within = async (maxRadiusM: number) => {
  await changeShop(given.deps, somebody(), given.shop.id, { dispatch: { maxRadiusM } });
  await choose({});
};
const plan = (always = false) => given.deps.dispatch.plan(given.shop.id, always);

test('nobody waits for room for longer than maxHeldS beside somebody idle, however much better they were', async () => {
  await choose({ maxHeldS: 300 });
  const [forgetful = '', idle = ''] = await drivers([north(50), north(4_000)]);
  const first = await order({ dropoff: north(60) });
  expect(first.driver_id).toBe(forgetful);
  await step(first, forgetful, { status: 'PICKED_UP' });
  await duty(idle, 'BUSY');
  const second = await order();
  await duty(idle, 'AVAILABLE');
  expect(await read(second.id)).toMatchObject({ dispatch: 'held', held_reason: 'no_room_yet' });
  await set(second.id, `due_at = now() - interval '301 s', next_dispatch_at = now()`);
  await plan();
  expect(await read(second.id)).toMatchObject({ status: 'ASSIGNED', driver_id: idle });
});

describe('the next stop of a driver is not fixed', () => {
  test('where it is the way back of what could not be handed over: who waits comes first', async () => {
    const [driver = ''] = await drivers([HERE], { capacity: 3 });
    const failed = await order({ dropoff: north(2_000) });
    const kept = await order({ dropoff: north(2_500) });
    for (const each of [failed, kept]) await name(each, driver);
    for (const each of [failed, kept]) await step(each, driver, { status: 'PICKED_UP' });
    await put(driver, north(2_000));
    await step(failed, driver, { status: 'FAILED', failureCode: 'REFUSED', parcel: 'keep' });
    await plan(true);
    expect(await routeOf(driver)).toEqual([
      [kept.id, 'dropoff'],
      [failed.id, 'return'],
    ]);
  });

  test('where its window opens only in hours: something that can be brought before is', async () => {
    const [driver = ''] = await drivers([HERE], { capacity: 3 });
    const evening = await order({
      dropoff: { ...north(1_000), after: inMs(150 * MINUTE), before: inMs(200 * MINUTE) },
    });
    await name(evening, driver);
    await step(evening, driver, { status: 'PICKED_UP' });
    const express = await order({ pickup: north(300), dropoff: north(900) });
    await plan(true);
    expect((await routeOf(driver)).map(([id]) => id)).toEqual([express.id, express.id, evening.id]);
  });
});

test('what was told to somebody far away goes to who comes on duty next door, within the minute', async () => {
  const [far = '', near = ''] = await drivers([north(9_000), north(100)]);
  await duty(near, 'BUSY');
  const delivery = await order();
  await plan();
  expect(await read(delivery.id)).toMatchObject({ driver_id: far });
  await duty(near, 'AVAILABLE');
  await planShopsAnew(given.deps);
  expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED', driver_id: near });
});

test('in a mixed fleet an order goes to who is quickest to the door, at once', async () => {
  const [onFoot = '', car = ''] = await drivers([north(600), north(900)]);
  await given.deps.db.run(
    `UPDATE dispatch.driver SET vehicle = CASE WHEN id = $1 THEN 'foot' ELSE 'car' END
    WHERE shop_id = $2`,
    [onFoot, given.shop.id],
  );
  expect(await order({ dropoff: north(-4_000) })).toMatchObject({ status: 'ASSIGNED', driver_id: car });
});

test('with work to be shared, an order is decided by who knows how much everybody did today', async () => {
  await choose({ fairness: 1 });
  const [near = '', far = ''] = await drivers([north(100), north(110)]);
  for (let n = 0; n < 3; n += 1) {
    const done = await order();
    await plan();
    await name(done, near);
    for (const status of ['PICKED_UP', 'DELIVERED'] as const) await step(done, near, { status });
  }
  const next = await order();
  await plan();
  expect(await read(next.id)).toMatchObject({ driver_id: far });
});

test('what waits far away is looked for there, though much that is older waits here', async () => {
  const kitchens = Array.from({ length: 31 }, (_, n) => north(-40_000 - 10 * n));
  for (const pickup of kitchens) await order({ pickup, dropoff: north(500, pickup) });
  const urgent = await order({ priority: 5 });
  await drivers([north(200)]);
  await plan();
  expect(await read(urgent.id)).toMatchObject({ status: 'ASSIGNED' });
});

test('the one who may have it is found behind many nearer ones who may not', async () => {
  const kitchens = Array.from({ length: 20 }, (_, n) => north(-40_000 - 10 * n));
  for (const pickup of kitchens) await order({ pickup, dropoff: north(500, pickup) });
  const many = await drivers(Array.from({ length: 60 }, (_, n) => north(10 * (n + 1))));
  const [cold = ''] = await drivers([north(2_000)]);
  await given.deps.db.run(`UPDATE dispatch.driver SET tags = '{cold}' WHERE id = $1`, [cold]);
  const delivery = await order({ requires: ['cold'] });
  await plan();
  expect(many).not.toContain((await read(delivery.id)).driver_id);
  expect(await read(delivery.id)).toMatchObject({ driver_id: cold });
});

test('what nobody may have keeps nobody from the rest: who is idle behind those on their way is found', async () => {
  const elsewhere = north(-40_000);
  await order({ pickup: elsewhere, dropoff: north(500, elsewhere), requires: ['wings'] });
  await drivers(Array.from({ length: 9 }, (_, n) => north(n, elsewhere)));
  const onTheirWay = await drivers(
    Array.from({ length: 90 }, (_, n) => north(n + 1)),
    { capacity: 2 },
  );
  await given.deps.db.run(
    `WITH d AS (UPDATE dispatch.driver SET load = 1, version = version + 1 WHERE id = ANY ($2::uuid[]) RETURNING id)
     INSERT INTO dispatch.delivery (shop_id, order_ref, status, dispatch, version, driver_id, pickup_lat, pickup_lon, pickup,
       dropoff_lat, dropoff_lon, dropoff, assigned_at, pickup_rank, dropoff_rank)
     SELECT $1, 'HELD-' || id, 'ASSIGNED', 'settled', 2, id, 52.5291, 13.4013, '{}', 52.54, 13.4013, '{}', now(), 1, 2 FROM d`,
    [given.shop.id, `{${onTheirWay.join(',')}}`],
  );
  await project(given.deps, given.shop.id, onTheirWay);
  const [idle = ''] = await drivers([north(1_000)], { capacity: 2 });
  const large = await order({ size: 2 });
  await plan();
  expect(await read(large.id)).toMatchObject({ status: 'ASSIGNED', driver_id: idle });
});

describe('exhausted', () => {
  test('is nothing that could not have been brought yet', async () => {
    const early = await order({ pickup: { ...HERE, readyAt: inMs(5 * MINUTE) } });
    await set(
      early.id,
      `dispatch = 'searching', due_at = now() - interval '2 h', held_until = NULL, held_reason = NULL`,
    );
    expect(await exhaustDeliveries(given.deps.db)).toBe(0);
    await set(early.id, `pickup_ready_at = now() - interval '31 min'`);
    expect(await exhaustDeliveries(given.deps.db)).toBe(1);
  });

  test('ends when a driver has come near, and when the shop looks further', async () => {
    await within(1_000);
    const [driver = ''] = await drivers([north(3_000)]);
    const [near, wide] = [await order(), await order({ pickup: north(-5_000), dropoff: north(-6_000) })];
    for (const each of [near, wide])
      await set(each.id, `dispatch = 'exhausted', next_dispatch_at = NULL, due_at = now() - interval '2 h'`);
    await planShopsAnew(given.deps);
    expect(await read(near.id)).toMatchObject({ dispatch: 'exhausted' });
    await put(driver, north(500));
    await planShopsAnew(given.deps);
    expect(await read(near.id)).toMatchObject({ status: 'ASSIGNED', driver_id: driver });
    const [other = ''] = await drivers([north(-2_000)]);
    await within(8_000);
    expect(await read(wide.id)).toMatchObject({ status: 'ASSIGNED', driver_id: other });
  });
});

describe('a person’s word', () => {
  test('stands though the driver they gave it to is silent', async () => {
    const [driver = ''] = await drivers([north(100)]);
    const [free = ''] = await drivers([north(200)]);
    await duty(free, 'BUSY');
    await given.deps.db.run(
      `UPDATE dispatch.driver_location SET seen_at = now() - interval '20 min' WHERE driver_id = $1`,
      [driver],
    );
    const delivery = await order();
    expect(await name(delivery, driver, ['silent'])).toMatchObject({ result: { outcome: 'assigned' } });
    await duty(free, 'AVAILABLE');
    await hearing(given.deps.db);
    const sweep = openSweep(given.deps);
    expect(await sweep()).toMatchObject({ unreachable: 1 });
    await set(delivery.id, `unreachable_since = now() - interval '1 h'`);
    expect(await sweep()).toMatchObject({ redispatched: 0 });
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED', driver_id: driver });
  });

  test('“assign now” is carried out by who has room now', async () => {
    const [full = '', idle = ''] = await drivers([north(50), north(4_000)]);
    const first = await order({ dropoff: north(60) });
    expect(first.driver_id).toBe(full);
    await step(first, full, { status: 'PICKED_UP' });
    await duty(idle, 'BUSY');
    const second = await order();
    await duty(idle, 'AVAILABLE');
    expect(await read(second.id)).toMatchObject({ dispatch: 'held', held_reason: 'no_room_yet' });
    const ran = await given.deps.dispatch.assignBest(somebody(), given.shop, second.id);
    expect(ran).toMatchObject({ result: { outcome: 'assigned', delivery: { driver_id: idle } } });
  });

  test('“assign now” is carried out by who is being asked about it, whose place is kept for just that', async () => {
    await choose({ mode: 'offer' });
    const [asked = ''] = await drivers([north(50)]);
    const delivery = await order();
    await plan();
    expect(await read(delivery.id)).toMatchObject({ dispatch: 'offered' });
    const ran = await given.deps.dispatch.assignBest(somebody(), given.shop, delivery.id);
    expect(ran).toMatchObject({ result: { outcome: 'assigned', delivery: { driver_id: asked } } });
  });

  test('is followed by a plan: what they gave stands where it fits, with its times', async () => {
    const [driver = ''] = await drivers([HERE], { capacity: 3 });
    await duty(driver, 'BUSY');
    const [far, near] = [await order({ dropoff: north(3_000) }), await order({ dropoff: north(500) })];
    for (const each of [far, near]) await set(each.id, `dispatch = 'paused', next_dispatch_at = NULL`);
    await duty(driver, 'AVAILABLE');
    for (const each of [far, near]) await name(each, driver);
    expect((await routeOf(driver)).map(([, kind]) => kind)).toEqual(['pickup', 'pickup', 'dropoff', 'dropoff']);
    expect(await read(near.id)).toMatchObject({ planned_dropoff_at: expect.any(String) });
  });
});

test('whose trip had several doors says nothing about how long a way takes', async () => {
  const [driver = ''] = await drivers([HERE], { capacity: 4 });
  const ended = async (pickedUp: string, handedOver: string) =>
    set(
      (await order()).id,
      `status = 'DELIVERED', dispatch = 'settled', driver_id = '${driver}', pickup_rank = NULL, dropoff_rank = NULL, held_until = NULL,
       held_reason = NULL, next_dispatch_at = NULL, assigned_at = now() - interval '3 h', picked_up_at = now() - interval '${pickedUp}',
       ended_at = now() - interval '${handedOver}'`,
    );
  await duty(driver, 'BUSY');
  await ended('50 min', '40 min');
  await ended('50 min', '30 min');
  await ended('35 min', '20 min');
  await ended('15 min', '10 min');
  const alone = await readFinishedTrips(given.deps.db, given.shop.id);
  expect(alone.map(({ took_s }) => Math.round(took_s))).toEqual([300]);
});
