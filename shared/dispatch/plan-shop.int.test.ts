import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NewDelivery } from '#shared/contract/deliveries.ts';
import type { DeliveryRow, ShopRow } from '#shared/db/schema.ts';
import { commitPlan } from '#shared/db/statements/commit-plan.ts';
import { endLease } from '#shared/db/statements/dispatch-lease.ts';
import { exhaustDeliveries } from '#shared/db/statements/exhaust-deliveries.ts';
import { readWaiting } from '#shared/db/statements/read-snapshot.ts';
import type { Position } from '#shared/domain/geo.ts';
import { assignNamed } from '#shared/flows/assign-named.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { changeDelivery, readDelivery } from '#shared/flows/deliveries.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { driverState, openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { planFor } from '#shared/testing/plan-rows.ts';
import { stopsOf } from './stops.ts';

let deps: TestDeps;
let shop: ShopRow;

beforeAll(async () => {
  deps = await openTestDeps(10);
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = await shopOf(deps, await buildShop(deps.db));
  await deps.availability.markWarm(shop.id);
});
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Settings of the shop, from the next plan on. */
async function choose(dispatch: Record<string, unknown>, policy = 'planned') {
  await deps.db.run('UPDATE dispatch.shop SET dispatch = $2::text::json, policy = $3 WHERE id = $1', [
    shop.id,
    JSON.stringify(dispatch),
    policy,
  ]);
  deps.shops.forget(shop);
  shop = await shopOf(deps, shop.id);
}
async function order(over: Partial<NewDelivery> = {}): Promise<DeliveryRow> {
  const ran = await createDelivery(deps, somebody(), shop, { pickup: HERE, dropoff: north(1_000), ...over });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result.delivery;
}
async function drivers(positions: readonly Position[], options?: Parameters<typeof buildDrivers>[3]) {
  const ids = await buildDrivers(deps.db, shop.id, positions, options);
  await project(deps, shop.id, ids);
  return ids;
}
async function read(id: string): Promise<DeliveryRow> {
  return (await readDelivery(deps, shop.id, id, null))!.delivery;
}
async function typesOf(id: string): Promise<string[]> {
  return (await readDelivery(deps, shop.id, id, null))!.events.map(({ type }) => type);
}
async function routeOf(driverId: string) {
  const rows = await deps.db.run<{ row: DeliveryRow }>(
    'SELECT row_to_json(x) AS row FROM dispatch.delivery x WHERE driver_id = $1 AND dropoff_rank IS NOT NULL',
    [driverId],
  );
  return stopsOf(rows.map(({ row }) => row as never)).map(({ deliveryId, kind }) => [deliveryId, kind]);
}
const decisionsOf = (id: string) =>
  deps.db.run<{ outcome: string; reason: string; driver_id: string | null }>(
    'SELECT outcome, reason, driver_id FROM dispatch.dispatch_decision WHERE delivery_id = $1 ORDER BY id',
    [id],
  );
const due = (id: string) => deps.db.run('UPDATE dispatch.delivery SET next_dispatch_at = now() WHERE id = $1', [id]);

describe('an order for later', () => {
  test('for tomorrow is scheduled, holds nobody, is not exhausted, and is planned when its time comes', async () => {
    const [driver] = await drivers([north(100)]);
    const after = inMs(24 * HOUR);
    const delivery = await order({ dropoff: { ...north(1_000), after, before: inMs(26 * HOUR) } });
    expect(delivery).toMatchObject({ status: 'PENDING', dispatch: 'scheduled', held_reason: 'scheduled' });
    expect(Date.parse(delivery.held_until!)).toBeGreaterThan(Date.now() + 20 * HOUR);
    expect(Date.parse(delivery.held_until!)).toBeLessThan(Date.parse(after));
    expect(await driverState(deps.db, driver!)).toMatchObject({ status: 'AVAILABLE', load: 0 });
    expect(await typesOf(delivery.id)).toEqual(['CREATED', 'HELD']);
    await deps.db.run(`UPDATE dispatch.delivery SET due_at = now() - interval '5 h' WHERE id = $1`, [delivery.id]);
    expect(await exhaustDeliveries(deps.db)).toBe(0);
    // Its time has come: the door opens in a quarter of an hour.
    await deps.db.run(
      'UPDATE dispatch.delivery SET dropoff_after = $2, dropoff_before = $3, next_dispatch_at = now() WHERE id = $1',
      [delivery.id, inMs(15 * MINUTE), inMs(45 * MINUTE)],
    );
    await deps.dispatch.plan(shop.id);
    expect(await read(delivery.id)).not.toMatchObject({ dispatch: 'scheduled' });
    expect((await decisionsOf(delivery.id)).map(({ outcome }) => outcome)[0]).toBe('held');
  });

  test('a change of its window moves it', async () => {
    await drivers([north(100)]);
    const delivery = await order({ dropoff: { ...north(1_000), after: inMs(24 * HOUR), before: inMs(26 * HOUR) } });
    const which = { shopId: shop.id, deliveryId: delivery.id, orderRef: null };
    await changeDelivery(deps, somebody(), which, { dropoff: { after: inMs(48 * HOUR), before: inMs(50 * HOUR) } });
    const later = await read(delivery.id);
    expect(later).toMatchObject({ dispatch: 'scheduled' });
    expect(Date.parse(later.held_until!)).toBeGreaterThan(Date.now() + 40 * HOUR);
    await changeDelivery(deps, somebody(), which, { dropoff: { after: inMs(-HOUR), before: inMs(5 * MINUTE) } });
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED' });
  });

  test('whose goods are not ready is held with its expected times, and told when somebody has to leave for it', async () => {
    const [driver] = await drivers([north(100)]);
    const delivery = await order({ pickup: { ...HERE, readyAt: inMs(20 * MINUTE) } });
    expect(delivery).toMatchObject({ dispatch: 'held', held_reason: 'not_ready', driver_id: null });
    expect(Date.parse(delivery.planned_pickup_at!)).toBeGreaterThanOrEqual(Date.now() + 19 * MINUTE);
    expect(Date.parse(delivery.planned_dropoff_at!)).toBeGreaterThan(Date.parse(delivery.planned_pickup_at!));
    await deps.db.run('UPDATE dispatch.delivery SET pickup_ready_at = now(), next_dispatch_at = now() WHERE id = $1', [
      delivery.id,
    ]);
    await deps.dispatch.plan(shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED', driver_id: driver, held_until: null });
    expect((await decisionsOf(delivery.id)).map(({ outcome }) => outcome)).toEqual(['held', 'assigned']);
  });
});

describe('routes', () => {
  test('several orders of one shop make one trip: collected together, load is the sum of sizes', async () => {
    const [driver] = await drivers([HERE], { capacity: 6 });
    await setDuty(deps, somebody(), { shopId: shop.id, driverId: driver! }, { status: 'BUSY' }, false);
    const far = await order({ dropoff: north(2_000), size: 2 });
    const near = await order({ dropoff: north(1_000) });
    await setDuty(deps, somebody(), { shopId: shop.id, driverId: driver! }, { status: 'AVAILABLE' }, true);
    const route = await routeOf(driver!);
    expect(route.map(([, kind]) => kind)).toEqual(['pickup', 'pickup', 'dropoff', 'dropoff']);
    expect(route.slice(2)).toEqual([
      [near.id, 'dropoff'],
      [far.id, 'dropoff'],
    ]);
    expect(await driverState(deps.db, driver!)).toMatchObject({ load: 3 });
    expect(await brokenRoutes(deps.db)).toEqual([]);
  });

  test('what fails on its way goes back: its place is kept by a return, and free when it is back', async () => {
    const [driver] = await drivers([HERE]);
    const delivery = await order();
    const by = { shopId: shop.id, driverId: driver! };
    await moveDelivery(deps, somebody(), by, delivery.id, { status: 'PICKED_UP' });
    await moveDelivery(deps, somebody(), by, delivery.id, { status: 'FAILED', failureCode: 'REFUSED' });
    expect(await routeOf(driver!)).toEqual([[delivery.id, 'return']]);
    expect(await driverState(deps.db, driver!)).toMatchObject({ load: 1, status: 'BUSY' });
    expect(await order()).toMatchObject({ status: 'PENDING' });
    await moveDelivery(deps, somebody(), by, delivery.id, { status: 'RETURNED' });
    expect(await driverState(deps.db, driver!)).toMatchObject({ load: 1, status: 'BUSY' });
    expect((await routeOf(driver!)).map(([, kind]) => kind)).toEqual(['pickup', 'dropoff']);
  });

  test('a driver gets no stop after the end of the shift', async () => {
    const [driver] = await drivers([HERE]);
    await deps.db.run(`UPDATE dispatch.driver SET shift_ends_at = now() + interval '1 min' WHERE id = $1`, [driver]);
    const delivery = await order({ dropoff: north(5_000) });
    await deps.dispatch.plan(shop.id);
    const now = await read(delivery.id);
    expect(now).toMatchObject({ status: 'PENDING', dispatch: 'searching', held_reason: 'shift_end' });
    expect(await decisionsOf(delivery.id)).toMatchObject([{ outcome: 'unplanned', reason: 'shift_end' }]);
  });

  test('tags: only a driver who has them', async () => {
    const [near, cold] = await drivers([north(10), north(900)]);
    await deps.db.run(`UPDATE dispatch.driver SET tags = '{cold}' WHERE id = $1`, [cold]);
    const delivery = await order({ requires: ['cold'] });
    await deps.dispatch.plan(shop.id);
    expect(await read(delivery.id)).toMatchObject({ driver_id: cold });
    expect(await driverState(deps.db, near!)).toMatchObject({ load: 0 });
  });
});

describe('policy nearest', () => {
  test('is the old rule: at once, to the nearest with a place, whatever is said of readiness', async () => {
    await choose({}, 'nearest');
    const [driver] = await drivers([HERE], { capacity: 3 });
    const first = await order({ pickup: { ...HERE, readyAt: inMs(20 * MINUTE) } });
    const second = await order();
    expect([first, second]).toMatchObject([{ driver_id: driver }, { driver_id: driver }]);
    expect(await routeOf(driver!)).toEqual([
      [first.id, 'pickup'],
      [first.id, 'dropoff'],
      [second.id, 'pickup'],
      [second.id, 'dropoff'],
    ]);
  });

  test('still schedules what is for tomorrow', async () => {
    await choose({}, 'nearest');
    await drivers([HERE]);
    const delivery = await order({ dropoff: { ...north(1_000), after: inMs(24 * HOUR) } });
    expect(delivery).toMatchObject({ status: 'PENDING', dispatch: 'scheduled' });
  });
});

describe('the world moves on', () => {
  test('a plan for an older version changes nothing', async () => {
    const delivery = await order();
    const [driver] = await drivers([north(100)], { duty: 'BUSY' });
    const plan = await planFor(deps.db, shop.id, [{ driver: driver!, gets: [delivery.id] }]);
    await setDuty(deps, somebody(), { shopId: shop.id, driverId: driver! }, { status: 'OFFLINE' }, true);
    const before = await read(delivery.id);
    const ran = await commitPlan(deps.db, somebody(), plan);
    expect(ran).toMatchObject({ result: { rows: [{ won: false, why: 'version' }] }, drivers: [] });
    expect(before.status).toBe('PENDING');
    expect(await read(delivery.id)).toEqual(before);
  });

  test('another planner has the shop: this one leaves it alone, and comes when the lease has run out', async () => {
    const delivery = await order();
    await drivers([north(100)]);
    await deps.db.run(
      `INSERT INTO dispatch.dispatch_lease VALUES ($1, 'another', now() + interval '1 h')
       ON CONFLICT (shop_id) DO UPDATE SET holder = 'another', until = excluded.until`,
      [shop.id],
    );
    await due(delivery.id);
    await deps.dispatch.mark(shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'PENDING' });
    await deps.db.run(`UPDATE dispatch.dispatch_lease SET until = now() - interval '1 s' WHERE shop_id = $1`, [
      shop.id,
    ]);
    await deps.dispatch.mark(shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED' });
  });

  test('a shop rests after a plan that was much work, from all planners; what is marked meanwhile is planned after it', async () => {
    const delivery = await order();
    await drivers([north(100)]);
    await deps.db.run(
      `INSERT INTO dispatch.dispatch_lease VALUES ($1, 'another', now() + interval '1 h')
       ON CONFLICT (shop_id) DO UPDATE SET holder = 'another', until = excluded.until`,
      [shop.id],
    );
    await endLease(deps.db, shop.id, 'another', 3_600_000);
    await due(delivery.id);
    await deps.dispatch.mark(shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'PENDING' });
    expect(await readWaiting(deps.db, shop.id, 'another')).toMatchObject({ leased: false, waits: true, waiting: [] });
    await endLease(deps.db, shop.id, 'another', 0);
    await deps.dispatch.mark(shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED' });
  });

  test('what may join a trip is held no longer than maxHeldS, and then told with what there is', async () => {
    await choose({ maxHeldS: 300 });
    const [driver] = await drivers([north(100)]);
    const roomy = { dropoff: { ...north(1_000), after: inMs(-HOUR), before: inMs(5 * HOUR) } };
    const delivery = await read((await order(roomy)).id);
    if (delivery.status === 'PENDING') {
      expect(Date.parse(delivery.held_until!)).toBeLessThanOrEqual(Date.now() + 301_000);
      await deps.db.run(`UPDATE dispatch.delivery SET due_at = now() - interval '301 s' WHERE id = $1`, [delivery.id]);
      await due(delivery.id);
      await deps.dispatch.plan(shop.id);
    }
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED', driver_id: driver });
  });
});

test('who was given something without coordinates is left alone by plans, and the others are planned', async () => {
  const [driver, other] = await drivers([north(10), north(900)], { capacity: 3 });
  const unknown = await order({ dropoff: { address: 'somewhere' } });
  const choice = { driverId: driver! };
  const ran = await assignNamed(deps, somebody(), shop.id, unknown.id, choice);
  expect(ran).toMatchObject({ result: { outcome: 'assigned', delivery: { driver_id: driver, pinned: true } } });
  const next = await order();
  await deps.dispatch.plan(shop.id, true);
  expect(await read(next.id)).toMatchObject({ status: 'ASSIGNED', driver_id: other });
  expect(await routeOf(driver!)).toHaveLength(2);
});
