import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { NewDelivery } from '#shared/contract/deliveries.ts';
import type { DeliveryRow, ShopRow } from '#shared/db/schema.ts';
import { stopsOf } from '#shared/dispatch/stops.ts';
import type { Position } from '#shared/domain/geo.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { buildDrivers, buildShop, HERE, north } from './builders.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from './flow-deps.ts';

/** A shop whose orders and drivers a test makes as it needs them. */
export interface PlannedShop {
  deps: TestDeps;
  shop: ShopRow;
  /** Settings of the shop, from the next plan on. */
  choose(dispatch: Record<string, unknown>, policy?: string): Promise<void>;
  order(over?: Partial<NewDelivery>): Promise<DeliveryRow>;
  drivers(positions: readonly Position[], options?: Parameters<typeof buildDrivers>[3]): Promise<readonly string[]>;
  read(id: string): Promise<DeliveryRow>;
  /** Delivery and kind of each stop, in order. */
  routeOf(driverId: string): Promise<[string, string][]>;
}

/** For a file of tests: a database of its own, and in it a new shop for each test. `deps` and `shop` are there once the tests run. */
export function givenPlannedShop(): PlannedShop {
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
  return {
    get deps() {
      return deps;
    },
    get shop() {
      return shop;
    },
    async choose(dispatch, policy = 'planned') {
      await deps.db.run('UPDATE dispatch.shop SET dispatch = $2::text::json, policy = $3 WHERE id = $1', [
        shop.id,
        JSON.stringify(dispatch),
        policy,
      ]);
      deps.shops.forget(shop);
      shop = await shopOf(deps, shop.id);
    },
    async order(over = {}) {
      const ran = await createDelivery(deps, somebody(), shop, { pickup: HERE, dropoff: north(1_000), ...over });
      if (ran.kind !== 'done') throw new Error(ran.kind);
      return ran.result.delivery;
    },
    async drivers(positions, options) {
      const ids = await buildDrivers(deps.db, shop.id, positions, options);
      await project(deps, shop.id, ids);
      return ids;
    },
    async read(id) {
      return (await readDelivery(deps, shop.id, id, null))!.delivery;
    },
    async routeOf(driverId) {
      const rows = await deps.db.run<{ row: DeliveryRow }>(
        'SELECT row_to_json(x) AS row FROM dispatch.delivery x WHERE driver_id = $1 AND dropoff_rank IS NOT NULL',
        [driverId],
      );
      return stopsOf(rows.map(({ row }) => row as never)).map(({ deliveryId, kind }) => [deliveryId, kind]);
    },
  };
}
