import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { NewDelivery } from '#shared/contract/deliveries.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { assignNamed } from './assign-named.ts';
import { createDelivery } from './create-delivery.ts';
import { moveDelivery } from './move-delivery.ts';
import { trackDelivery } from './tracking.ts';

let deps: TestDeps;
let shop: ShopRow;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = await shopOf(deps, await buildShop(deps.db));
});

async function ordered(dropoff: NewDelivery['dropoff'] = north(500)): Promise<string> {
  const ran = await createDelivery(deps, somebody(), shop, { pickup: HERE, dropoff });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result.delivery.id;
}
const shown = async (id: string) => (await trackDelivery({ ...deps, routing: null }, id))!.view;
const move = (id: string, status: 'PICKED_UP' | 'DELIVERED') =>
  moveDelivery(deps, somebody(), { shopId: shop.id, driverId: null }, id, { status });

test('before anybody is told: when it is planned, or as it was ordered, or nothing', async () => {
  const [after, before] = ['2040-01-01T18:00:00.000Z', '2040-01-01T19:00:00.000Z'];
  expect(await shown(await ordered())).toMatchObject({
    status: 'PENDING',
    expected: null,
    eta: null,
    stopsBefore: null,
  });
  const windowed = await ordered({ ...north(500), after, before });
  await deps.db.run('UPDATE dispatch.delivery SET planned_dropoff_at = NULL WHERE id = $1', [windowed]);
  expect((await shown(windowed)).expected).toEqual({ from: after, to: before });
  await deps.db.run('UPDATE dispatch.delivery SET planned_dropoff_at = $2 WHERE id = $1', [windowed, after]);
  expect((await shown(windowed)).expected).toEqual({ from: after, to: '2040-01-01T18:15:00.000Z' });
});

test('on the way: the arrival, and how many stops come before', async () => {
  const [driverId] = await buildDrivers(deps.db, shop.id, [HERE], { capacity: 2 });
  await project(deps, shop.id, [driverId!]);
  const ids = [await ordered(), await ordered(north(1_500))] as const;
  for (const id of ids) await assignNamed(deps, somebody(), shop.id, id, { driverId: driverId! });
  for (const id of ids) await move(id, 'PICKED_UP');
  const [first, second] = [await shown(ids[0]), await shown(ids[1])];
  expect(first).toMatchObject({ stopsBefore: 0, expected: null, eta: { source: 'estimate' } });
  expect(second).toMatchObject({ stopsBefore: 1, expected: null });
  expect(Date.parse(second.eta!.at)).toBeGreaterThan(Date.parse(first.eta!.at));
  await move(ids[0], 'DELIVERED');
  expect(await shown(ids[0])).toMatchObject({ status: 'DELIVERED', eta: null, stopsBefore: null });
  expect(await shown(ids[1])).toMatchObject({ stopsBefore: 0 });
});
