import { expect, test } from 'vitest';
import { planShopsAnew } from '#shared/flows/relay/plan-due.ts';
import { north } from '#shared/testing/builders.ts';
import { project } from '#shared/testing/flow-deps.ts';
import { givenPlannedShop } from '#shared/testing/planned-shop.ts';
import { planRoutes } from './plan-routes.ts';
import { MOST_DRIVERS } from './snapshot.ts';

const given = givenPlannedShop();

/** So many drivers who were told of an order each, from next to them to a kilometre on, without planned times. */
async function underWay(count: number): Promise<void> {
  const ids = await given.drivers(Array.from({ length: count }, (_, n) => north(n)));
  await given.deps.db.run(
    `WITH d AS (UPDATE dispatch.driver SET load = 1, version = version + 1 WHERE id = ANY ($2::uuid[]) RETURNING id)
     INSERT INTO dispatch.delivery (shop_id, order_ref, status, dispatch, version, driver_id, pinned, pickup_lat, pickup_lon, pickup,
       dropoff_lat, dropoff_lon, dropoff, assigned_at, pickup_rank, dropoff_rank)
     SELECT $1, 'HELD-' || id, 'ASSIGNED', 'settled', 2, id, true, 52.5291, 13.4013, '{}', 52.54, 13.4013, '{}', now(), 1, 2 FROM d`,
    [given.shop.id, `{${ids.join(',')}}`],
  );
  await project(given.deps, given.shop.id, ids);
}

async function withoutTimes(): Promise<number> {
  const rows = await given.deps.db.run(
    'SELECT 1 FROM dispatch.delivery WHERE shop_id = $1 AND driver_id IS NOT NULL AND planned_dropoff_at IS NULL',
    [given.shop.id],
  );
  return rows.length;
}

test('the routes of all drivers are planned anew, as many of them at a time as one plan takes', async () => {
  await underWay(5);
  const memory = { previous: new Map(), report: () => {} };
  await planRoutes(given.deps, memory, given.shop.id, 2);
  expect(await withoutTimes()).toBe(0);
});

test.each(['nothing', 'something'])(
  'each minute none is left out, however many there are, while %s waits',
  async (waits) => {
    await underWay(MOST_DRIVERS + 5);
    if (waits === 'something') await given.order({ requires: ['wings'] });
    await planShopsAnew(given.deps);
    expect(await withoutTimes()).toBe(0);
  },
);
