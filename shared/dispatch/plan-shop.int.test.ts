import { describe, expect, test } from 'vitest';
import { commitPlan } from '#shared/db/statements/commit-plan.ts';
import { endLease } from '#shared/db/statements/dispatch-lease.ts';
import { exhaustDeliveries } from '#shared/db/statements/exhaust-deliveries.ts';
import { readWaiting } from '#shared/db/statements/read-snapshot.ts';
import { assignNamed } from '#shared/flows/assign-named.ts';
import { changeDelivery, readDelivery } from '#shared/flows/deliveries.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { driverState, somebody } from '#shared/testing/flow-deps.ts';
import { planFor } from '#shared/testing/plan-rows.ts';
import { givenPlannedShop } from '#shared/testing/planned-shop.ts';

const given = givenPlannedShop();
const { choose, order, drivers, read, routeOf } = given;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function typesOf(id: string): Promise<string[]> {
  return (await readDelivery(given.deps, given.shop.id, id, null))!.events.map(({ type }) => type);
}
const decisionsOf = (id: string) =>
  given.deps.db.run<{ outcome: string; reason: string; driver_id: string | null }>(
    'SELECT outcome, reason, driver_id FROM dispatch.dispatch_decision WHERE delivery_id = $1 ORDER BY id',
    [id],
  );
const due = (id: string) =>
  given.deps.db.run('UPDATE dispatch.delivery SET next_dispatch_at = now() WHERE id = $1', [id]);

describe('an order for later', () => {
  test('for tomorrow is scheduled, holds nobody, is not exhausted, and is planned when its time comes', async () => {
    const [driver] = await drivers([north(100)]);
    const after = inMs(24 * HOUR);
    const delivery = await order({ dropoff: { ...north(1_000), after, before: inMs(26 * HOUR) } });
    expect(delivery).toMatchObject({ status: 'PENDING', dispatch: 'scheduled', held_reason: 'scheduled' });
    expect(Date.parse(delivery.held_until!)).toBeGreaterThan(Date.now() + 20 * HOUR);
    expect(Date.parse(delivery.held_until!)).toBeLessThan(Date.parse(after));
    expect(await driverState(given.deps.db, driver!)).toMatchObject({ status: 'AVAILABLE', load: 0 });
    expect(await typesOf(delivery.id)).toEqual(['CREATED', 'HELD']);
    await given.deps.db.run(`UPDATE dispatch.delivery SET due_at = now() - interval '5 h' WHERE id = $1`, [
      delivery.id,
    ]);
    expect(await exhaustDeliveries(given.deps.db)).toBe(0);
    // Its time has come: the door opens in a quarter of an hour.
    await given.deps.db.run(
      'UPDATE dispatch.delivery SET dropoff_after = $2, dropoff_before = $3, next_dispatch_at = now() WHERE id = $1',
      [delivery.id, inMs(15 * MINUTE), inMs(45 * MINUTE)],
    );
    await given.deps.dispatch.plan(given.shop.id);
    expect(await read(delivery.id)).not.toMatchObject({ dispatch: 'scheduled' });
    expect((await decisionsOf(delivery.id)).map(({ outcome }) => outcome)[0]).toBe('held');
  });

  test('a change of its window moves it', async () => {
    await drivers([north(100)]);
    const delivery = await order({ dropoff: { ...north(1_000), after: inMs(24 * HOUR), before: inMs(26 * HOUR) } });
    const which = { shopId: given.shop.id, deliveryId: delivery.id, orderRef: null };
    await changeDelivery(given.deps, somebody(), which, {
      dropoff: { after: inMs(48 * HOUR), before: inMs(50 * HOUR) },
    });
    const later = await read(delivery.id);
    expect(later).toMatchObject({ dispatch: 'scheduled' });
    expect(Date.parse(later.held_until!)).toBeGreaterThan(Date.now() + 40 * HOUR);
    await changeDelivery(given.deps, somebody(), which, { dropoff: { after: inMs(-HOUR), before: inMs(5 * MINUTE) } });
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED' });
  });

  test('whose goods are not ready is held with its expected times, and told when somebody has to leave for it', async () => {
    const [driver] = await drivers([north(100)]);
    const delivery = await order({ pickup: { ...HERE, readyAt: inMs(20 * MINUTE) } });
    expect(delivery).toMatchObject({ dispatch: 'held', held_reason: 'not_ready', driver_id: null });
    expect(Date.parse(delivery.planned_pickup_at!)).toBeGreaterThanOrEqual(Date.now() + 19 * MINUTE);
    expect(Date.parse(delivery.planned_dropoff_at!)).toBeGreaterThan(Date.parse(delivery.planned_pickup_at!));
    await given.deps.db.run(
      'UPDATE dispatch.delivery SET pickup_ready_at = now(), next_dispatch_at = now() WHERE id = $1',
      [delivery.id],
    );
    await given.deps.dispatch.plan(given.shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED', driver_id: driver, held_until: null });
    expect((await decisionsOf(delivery.id)).map(({ outcome }) => outcome)).toEqual(['held', 'assigned']);
  });
});

describe('routes', () => {
  test('several orders of one shop make one trip: collected together, load is the sum of sizes', async () => {
    const [driver] = await drivers([HERE], { capacity: 6 });
    await setDuty(given.deps, somebody(), { shopId: given.shop.id, driverId: driver! }, { status: 'BUSY' }, false);
    const far = await order({ dropoff: north(2_000), size: 2 });
    const near = await order({ dropoff: north(1_000) });
    await setDuty(given.deps, somebody(), { shopId: given.shop.id, driverId: driver! }, { status: 'AVAILABLE' }, true);
    const route = await routeOf(driver!);
    expect(route.map(([, kind]) => kind)).toEqual(['pickup', 'pickup', 'dropoff', 'dropoff']);
    expect(route.slice(2)).toEqual([
      [near.id, 'dropoff'],
      [far.id, 'dropoff'],
    ]);
    expect(await driverState(given.deps.db, driver!)).toMatchObject({ load: 3 });
    expect(await brokenRoutes(given.deps.db)).toEqual([]);
  });

  test('what fails on its way goes back: its place is kept by a return, and free when it is back', async () => {
    const [driver] = await drivers([HERE]);
    const delivery = await order();
    const by = { shopId: given.shop.id, driverId: driver! };
    await moveDelivery(given.deps, somebody(), by, delivery.id, { status: 'PICKED_UP' });
    await moveDelivery(given.deps, somebody(), by, delivery.id, { status: 'FAILED', failureCode: 'REFUSED' });
    expect(await routeOf(driver!)).toEqual([[delivery.id, 'return']]);
    expect(await driverState(given.deps.db, driver!)).toMatchObject({ load: 1, status: 'BUSY' });
    expect(await order()).toMatchObject({ status: 'PENDING' });
    await moveDelivery(given.deps, somebody(), by, delivery.id, { status: 'RETURNED' });
    expect(await driverState(given.deps.db, driver!)).toMatchObject({ load: 1, status: 'BUSY' });
    expect((await routeOf(driver!)).map(([, kind]) => kind)).toEqual(['pickup', 'dropoff']);
  });

  test('a driver gets no stop after the end of the shift', async () => {
    const [driver] = await drivers([HERE]);
    await given.deps.db.run(`UPDATE dispatch.driver SET shift_ends_at = now() + interval '1 min' WHERE id = $1`, [
      driver,
    ]);
    const delivery = await order({ dropoff: north(5_000) });
    await given.deps.dispatch.plan(given.shop.id);
    const now = await read(delivery.id);
    expect(now).toMatchObject({ status: 'PENDING', dispatch: 'searching', held_reason: 'shift_end' });
    expect(await decisionsOf(delivery.id)).toMatchObject([{ outcome: 'unplanned', reason: 'shift_end' }]);
  });

  test('tags: only a driver who has them', async () => {
    const [near, cold] = await drivers([north(10), north(900)]);
    await given.deps.db.run(`UPDATE dispatch.driver SET tags = '{cold}' WHERE id = $1`, [cold]);
    const delivery = await order({ requires: ['cold'] });
    await given.deps.dispatch.plan(given.shop.id);
    expect(await read(delivery.id)).toMatchObject({ driver_id: cold });
    expect(await driverState(given.deps.db, near!)).toMatchObject({ load: 0 });
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
    const plan = await planFor(given.deps.db, given.shop.id, [{ driver: driver!, gets: [delivery.id] }]);
    await setDuty(given.deps, somebody(), { shopId: given.shop.id, driverId: driver! }, { status: 'OFFLINE' }, true);
    const before = await read(delivery.id);
    const ran = await commitPlan(given.deps.db, somebody(), plan);
    expect(ran).toMatchObject({ result: { rows: [{ won: false, why: 'version' }] }, drivers: [] });
    expect(before.status).toBe('PENDING');
    expect(await read(delivery.id)).toEqual(before);
  });

  test('another planner has the shop: this one leaves it alone, and comes when the lease has run out', async () => {
    const delivery = await order();
    await drivers([north(100)]);
    await given.deps.db.run(
      `INSERT INTO dispatch.dispatch_lease VALUES ($1, 'another', now() + interval '1 h')
       ON CONFLICT (shop_id) DO UPDATE SET holder = 'another', until = excluded.until`,
      [given.shop.id],
    );
    await due(delivery.id);
    await given.deps.dispatch.mark(given.shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'PENDING' });
    await given.deps.db.run(`UPDATE dispatch.dispatch_lease SET until = now() - interval '1 s' WHERE shop_id = $1`, [
      given.shop.id,
    ]);
    await given.deps.dispatch.mark(given.shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED' });
  });

  test('a shop rests after a plan that was much work, from all planners; what is marked meanwhile is planned after it', async () => {
    const delivery = await order();
    await drivers([north(100)]);
    await given.deps.db.run(
      `INSERT INTO dispatch.dispatch_lease VALUES ($1, 'another', now() + interval '1 h')
       ON CONFLICT (shop_id) DO UPDATE SET holder = 'another', until = excluded.until`,
      [given.shop.id],
    );
    await endLease(given.deps.db, given.shop.id, 'another', 3_600_000);
    await due(delivery.id);
    await given.deps.dispatch.mark(given.shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'PENDING' });
    expect(await readWaiting(given.deps.db, given.shop.id, 'another')).toMatchObject({
      leased: false,
      waits: true,
      waiting: [],
    });
    await endLease(given.deps.db, given.shop.id, 'another', 0);
    await given.deps.dispatch.mark(given.shop.id);
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED' });
  });

  test('what may join a trip is held no longer than maxHeldS, and then told with what there is', async () => {
    await choose({ maxHeldS: 300 });
    const [driver] = await drivers([north(100)]);
    const roomy = { dropoff: { ...north(1_000), after: inMs(-HOUR), before: inMs(5 * HOUR) } };
    const delivery = await read((await order(roomy)).id);
    if (delivery.status === 'PENDING') {
      expect(Date.parse(delivery.held_until!)).toBeLessThanOrEqual(Date.now() + 301_000);
      await given.deps.db.run(`UPDATE dispatch.delivery SET due_at = now() - interval '301 s' WHERE id = $1`, [
        delivery.id,
      ]);
      await due(delivery.id);
      await given.deps.dispatch.plan(given.shop.id);
    }
    expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED', driver_id: driver });
  });
});

test('who was given something without coordinates is left alone by plans, and the others are planned', async () => {
  const [driver, other] = await drivers([north(10), north(900)], { capacity: 3 });
  const unknown = await order({ dropoff: { address: 'somewhere' } });
  const choice = { driverId: driver! };
  const ran = await assignNamed(given.deps, somebody(), given.shop.id, unknown.id, choice);
  expect(ran).toMatchObject({ result: { outcome: 'assigned', delivery: { driver_id: driver, pinned: true } } });
  const next = await order();
  await given.deps.dispatch.plan(given.shop.id, true);
  expect(await read(next.id)).toMatchObject({ status: 'ASSIGNED', driver_id: other });
  expect(await routeOf(driver!)).toHaveLength(2);
});
