import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ShopRow } from '#shared/db/schema.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { holdDelivery } from '#shared/flows/hold-delivery.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import {
  driverState,
  hearing,
  openTestDeps,
  project,
  shopOf,
  somebody,
  type TestDeps,
} from '#shared/testing/flow-deps.ts';
import { createOrder, planDueShops } from '#shared/testing/relay-deps.ts';
import { nobody } from '#shared/testing/shop-commands.ts';
import { commitDuty } from '../../db/statements/change-driver.ts';
import { exhaustDeliveries } from '../../db/statements/exhaust-deliveries.ts';
import { drainDirty } from './drain-dirty.ts';
import { openSweep } from './sweep-silent.ts';

let deps: TestDeps;
let shop: ShopRow;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

describe('waiting and silence', () => {
  beforeEach(async () => {
    shop = await shopOf(deps, await buildShop(deps.db, null));
    await deps.availability.markWarm(shop.id);
    await hearing(deps.db);
  });
  const due = (id: string) => deps.db.run('UPDATE dispatch.delivery SET next_dispatch_at = now() WHERE id = $1', [id]);

  test('a waiting delivery is tried again on its schedule', async () => {
    const { id } = await createOrder(deps, shop);
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    await due(id);
    await planDueShops(deps);
    expect((await readDelivery(deps, shop.id, id, null))?.delivery).toMatchObject({ driver_id: driver });
  });

  test('what a person held is planned when its time has come, and not before', async () => {
    const { id } = await createOrder(deps, shop);
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    const which = { shopId: shop.id, deliveryId: id };
    const read = async () => (await readDelivery(deps, shop.id, id, null))!;
    await holdDelivery(deps, somebody(), which, { until: '2040-01-01T12:00:00Z', note: null });
    await planDueShops(deps);
    expect((await read()).delivery).toMatchObject({ dispatch: 'paused', driver_id: null });
    await due(id);
    await planDueShops(deps);
    const { delivery, events } = await read();
    expect(delivery).toMatchObject({ status: 'ASSIGNED', driver_id: driver });
    expect(events.map(({ type }) => type)).toEqual(['CREATED', 'SEARCHING', 'HELD', 'RELEASED', 'ASSIGNED']);
  });

  test('each try comes later than the one before', async () => {
    const { id } = await createOrder(deps, shop);
    const waits: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await due(id);
      await planDueShops(deps);
      const [row] = await deps.db.run<{ s: number }>(
        'SELECT extract(epoch from next_dispatch_at - now())::float8 AS s FROM dispatch.delivery WHERE id = $1',
        [id],
      );
      waits.push(row!.s);
    }
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    expect(waits.at(-1)).toBeGreaterThan(8);
  });

  test('searched for too long, the shop is told once', async () => {
    const { id } = await createOrder(deps, shop);
    await deps.db.run(`UPDATE dispatch.delivery SET due_at = now() - interval '31 min' WHERE id = $1`, [id]);
    expect(await exhaustDeliveries(deps.db)).toBe(1);
    expect(await exhaustDeliveries(deps.db)).toBe(0);
    const read = await readDelivery(deps, shop.id, id, null);
    expect(read?.delivery).toMatchObject({ status: 'PENDING', dispatch: 'exhausted' });
    expect(read?.events.map((event) => event.type)).toEqual(['CREATED', 'SEARCHING', 'EXHAUSTED']);
  });

  // Whether or not the process that took it lived to show them: Postgres knew them as AVAILABLE all the time.
  test('who was silent and says AVAILABLE again has changed, and is shown to the search though nothing else did', async () => {
    const [driver = ''] = await buildDrivers(deps.db, shop.id, [HERE], { silentForS: 70 });
    await project(deps, shop.id, [driver]);
    const found = () => deps.availability.search(shop.id, { center: HERE, radiusM: 1_000, limit: 5 });
    expect(await found()).toEqual([]);
    const say = () =>
      commitDuty(deps.db, nobody, { shop_id: shop.id, driver_id: driver, duty: 'AVAILABLE', contact: true });
    expect(await say()).toMatchObject({ result: { outcome: 'changed' } });
    await drainDirty(deps);
    expect(await found()).toMatchObject([{ driverId: driver }]);
    expect(await say()).toMatchObject({ result: { outcome: 'unchanged' } });
  });

  test('silent for 90 s: OFFLINE; with a delivery in hand BUSY, marked, and after 5 minutes given to another', async () => {
    const [idle] = await buildDrivers(deps.db, shop.id, [HERE], { silentForS: 91 });
    await openSweep(deps)();
    expect(await driverState(deps.db, idle!)).toMatchObject({ status: 'OFFLINE', version: 2 });

    const [carrier] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [carrier!]);
    const { id } = await createOrder(deps, shop);
    await deps.db.run(`UPDATE dispatch.driver_location SET seen_at = now() - interval '91 s' WHERE driver_id = $1`, [
      carrier,
    ]);
    await openSweep(deps)();
    expect(await driverState(deps.db, carrier!)).toMatchObject({ status: 'BUSY', load: 1 });
    const marked = await readDelivery(deps, shop.id, id, null);
    expect(marked?.delivery).toMatchObject({ status: 'ASSIGNED', unreachable_since: expect.any(String) });

    await deps.db.run(`UPDATE dispatch.delivery SET unreachable_since = now() - interval '301 s' WHERE id = $1`, [id]);
    await openSweep(deps)();
    const taken = await readDelivery(deps, shop.id, id, null);
    expect(taken?.delivery).toMatchObject({
      status: 'PENDING',
      excluded_driver_ids: [carrier],
      failure_code: 'DRIVER_OFFLINE',
    });
    expect(await driverState(deps.db, carrier!)).toMatchObject({ load: 0 });
  });

  test('heard from again: the mark goes', async () => {
    const [carrier] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [carrier!]);
    const { id } = await createOrder(deps, shop);
    await deps.db.run('UPDATE dispatch.delivery SET unreachable_since = now() WHERE id = $1', [id]);
    await openSweep(deps)();
    expect((await readDelivery(deps, shop.id, id, null))?.delivery.unreachable_since).toBeNull();
  });
});
