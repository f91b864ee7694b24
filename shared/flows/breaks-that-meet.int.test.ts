import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShopRow } from '#shared/db/schema.ts';
import { endBreaks } from '#shared/db/statements/end-breaks.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { createDelivery } from './create-delivery.ts';
import { setDuty } from './drivers.ts';

let deps: TestDeps;
let shop: ShopRow;
beforeAll(async () => {
  deps = await openTestDeps();
  shop = await shopOf(deps, await buildShop(deps.db));
});
afterAll(() => deps.close());

/** How many places were filled of drivers who had last said, or of whom had been said, what. */
async function given(): Promise<readonly { said: string; places: number }[]> {
  return deps.db.run(
    `SELECT said, sum(more)::int AS places FROM (
       SELECT e.load - lag(e.load, 1, 0::smallint) OVER own AS more,
         (SELECT s.type FROM dispatch.driver_event s WHERE s.driver_id = e.driver_id AND s.version < e.version
           AND s.type LIKE 'DUTY_%' ORDER BY s.version DESC LIMIT 1) AS said
       FROM dispatch.driver_event e WHERE e.shop_id = $1 WINDOW own AS (PARTITION BY e.driver_id ORDER BY e.version)) t
     WHERE more > 0 GROUP BY said ORDER BY said`,
    [shop.id],
  );
}

test('whoever is on a break is given nothing by the engine, whatever meets: orders, plans, breaks that begin and end', async () => {
  const crew = await buildDrivers(
    deps.db,
    shop.id,
    Array.from({ length: 12 }, (_, n) => north(50 * n)),
    { capacity: 20, duty: 'OFFLINE' },
  );
  const say = (driverId: string, onBreak: boolean, toRedis: boolean) =>
    setDuty(
      // What Redis has not been told it goes on proposing.
      toRedis ? deps : { ...deps, availability: null },
      somebody(),
      { shopId: shop.id, driverId },
      onBreak ? { status: 'BUSY', breakS: 3_600 } : { status: 'AVAILABLE' },
      true,
    );
  await project(deps, shop.id, crew);
  await Promise.all(crew.map((driverId) => say(driverId, false, true)));

  const order = () => createDelivery(deps, somebody(), shop, { pickup: HERE, dropoff: north(900) });
  const flap = async (n: number) => {
    const driverId = crew[n % crew.length]!;
    await say(driverId, true, n % 2 === 0);
    await order();
    if (n % 3 === 0) {
      await deps.db.run('UPDATE dispatch.driver SET break_until = now() WHERE id = $1', [driverId]);
      await endBreaks(deps.db, null, 'relay');
    } else await say(driverId, false, n % 4 < 2);
  };
  for (let round = 0; round < 5; round += 1)
    await Promise.all(
      Array.from({ length: 12 }, (_, n) => Promise.all([flap(round * 12 + n), deps.dispatch.plan(shop.id)])),
    );
  // All but one on a break, and Redis knows of none: of all that it proposes one may be had.
  for (const driverId of crew.slice(1)) await say(driverId, true, false);
  for (let n = 0; n < 5; n += 1) await order();

  const told = await given();
  expect(told.map(({ said }) => said)).toEqual(['DUTY_AVAILABLE']);
  expect(told[0]!.places).toBeGreaterThan(30);
}, 60_000);
