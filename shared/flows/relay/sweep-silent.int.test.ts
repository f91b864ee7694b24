import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Availability } from '#shared/availability/availability.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { driverState, hearing, openTestDeps, project, shopOf, type TestDeps } from '#shared/testing/flow-deps.ts';
import { createOrder } from '#shared/testing/relay-deps.ts';
import { openSweep } from './sweep-silent.ts';

/* Who is judged: silence of those who could be heard. */

let deps: TestDeps;
let shop: ShopRow;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = await shopOf(deps, await buildShop(deps.db, null));
  await deps.availability.markWarm(shop.id);
  await hearing(deps.db);
});

const fleet = (count: number, silentForS: number) =>
  buildDrivers(deps.db, shop.id, Array(count).fill(HERE), { silentForS });
const statuses = async (ids: readonly string[]) => {
  const states = await Promise.all(ids.map((id) => driverState(deps.db, id)));
  return [...new Set(states.map(({ status }) => status))];
};
/** As if so many seconds had passed for everybody. */
const pass = async (seconds: number) => {
  const ago = `- ${seconds} * interval '1 s'`;
  await deps.db.run(`UPDATE dispatch.hearing SET since = since ${ago}, renewed_at = renewed_at ${ago}`);
  await deps.db.run(`UPDATE dispatch.driver_location SET seen_at = seen_at ${ago} WHERE shop_id = $1`, [shop.id]);
};

test('after an outage of Postgres nobody is OFFLINE for it; who stays silent after it, is', async () => {
  const drivers = await fleet(20, 0);
  const sweep = openSweep(deps);
  await sweep();
  await pass(120);
  await sweep();
  expect(await statuses(drivers)).toEqual(['AVAILABLE']);
  for (let s = 0; s < 80; s += 10) {
    await pass(10);
    await sweep();
  }
  expect(await statuses(drivers)).toEqual(['AVAILABLE']);
  await pass(10);
  await sweep();
  expect(await statuses(drivers)).toEqual(['OFFLINE']);
});

test('where nobody has looked yet, or not for a while, nobody is judged', async () => {
  const drivers = await fleet(1, 100);
  await deps.db.run('DELETE FROM dispatch.hearing');
  expect(await openSweep(deps)()).toMatchObject({ offline: 0 });
  await hearing(deps.db, { renewedS: 21 });
  expect(await openSweep(deps)()).toMatchObject({ offline: 0 });
  await hearing(deps.db, { renewedS: 12 });
  expect(await openSweep(deps)()).toMatchObject({ offline: 1 });
  expect(await statuses(drivers)).toEqual(['OFFLINE']);
});

test('after an outage no delivery counts as unreachable for it', async () => {
  const [carrier = ''] = await fleet(1, 0);
  await project(deps, shop.id, [carrier]);
  const { id } = await createOrder(deps, shop);
  await pass(120);
  await openSweep(deps)();
  expect((await readDelivery(deps, shop.id, id, null))?.delivery.unreachable_since).toBeNull();
});

test('whom Redis has heard is not silent, though Postgres was not told yet', async () => {
  const [driver = '', silent = ''] = await fleet(2, 85);
  await project(deps, shop.id, [driver, silent]);
  await deps.availability.heartbeat(shop.id, [{ driverId: driver }]);
  await deps.availability.saved(shop.id, [], true);
  await pass(10);
  expect(await openSweep(deps)()).toMatchObject({ offline: 1 });
  expect(await statuses([driver])).toEqual(['AVAILABLE']);
  expect(await statuses([silent])).toEqual(['OFFLINE']);
});

test('when Redis goes away with what it has heard, nobody is judged for a while; after it, without Redis', async () => {
  const drivers = await fleet(1, 100);
  const gone = async () => {
    throw new DependencyAway('redis', new Error('away'));
  };
  const availability: Availability = { ...deps.availability, unsaved: gone, project: gone };
  const sweep = openSweep({ ...deps, availability });
  expect(await sweep()).toMatchObject({ offline: 0 });
  for (let s = 0; s < 90; s += 10) {
    await pass(10);
    await sweep();
  }
  expect(await statuses(drivers)).toEqual(['OFFLINE']);
});
