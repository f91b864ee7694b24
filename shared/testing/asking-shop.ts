import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import type { Db } from '#shared/db/open-db.ts';
import type { Endpoint } from '#shared/http/endpoint.ts';
import type { DriverPrincipal, ShopPrincipal } from '#shared/http/principal.ts';
import { type Ask, openAsk } from './ask.ts';
import { buildDrivers, buildShop, HERE, north } from './builders.ts';
import { openTestDeps, project, type TestDeps } from './flow-deps.ts';

/** The body of an order for somebody 300 m away. */
export const order = { pickup: HERE, dropoff: north(300) };

export const key = (value: string) => ({ headers: { 'idempotency-key': value } });

interface AskingShop {
  shop: ShopPrincipal;
  ask: Ask;
  /** A driver of the shop, on duty at `position`. */
  driverAt(position?: typeof HERE): Promise<DriverPrincipal>;
}

/**
 * For a file of tests: a database of its own, and in it for each test a new shop, which may do all a shop may and asks
 * the endpoints unless a test says who else does. `ask` and `driverAt` may be taken out; `deps` and `shop` are there once
 * the tests run.
 */
export function givenAskingShop(endpoints: readonly Endpoint<ServiceDeps>[]): AskingShop & { deps: TestDeps } {
  let deps: TestDeps;
  let asking: AskingShop;
  beforeAll(async () => {
    deps = await openTestDeps();
  });
  afterAll(() => deps.close());
  beforeEach(async () => {
    asking = await openAskingShop(endpoints, deps);
  });
  return {
    get deps() {
      return deps;
    },
    get shop() {
      return asking.shop;
    },
    ask: (...question) => asking.ask(...question),
    driverAt: (position) => asking.driverAt(position),
  };
}

async function openAskingShop(endpoints: readonly Endpoint<ServiceDeps>[], deps: TestDeps): Promise<AskingShop> {
  const shopId = await buildShop(deps.db);
  await deps.availability.markWarm(shopId);
  const shop: ShopPrincipal = { kind: 'shop', shopId, keyId: 'k', scopes: ['admin', 'dispatch', 'read'] };
  return {
    shop,
    ask: openAsk(endpoints, deps, shop),
    async driverAt(position = HERE) {
      const [driverId] = await buildDrivers(deps.db, shopId, [position]);
      await project(deps, shopId, [driverId!]);
      return { kind: 'driver', shopId, driverId: driverId! };
    },
  };
}

/** How much there is of everything in the database: equal before and after whatever must have no effect. */
export async function rowCounts(db: Db): Promise<Record<string, number>> {
  const [row] = await db.run<{ counts: Record<string, number> }>(
    `SELECT json_build_object('delivery', (SELECT count(*) FROM dispatch.delivery), 'event', (SELECT count(*) FROM dispatch.delivery_event),
      'driver', (SELECT count(*) FROM dispatch.driver), 'driver_event', (SELECT count(*) FROM dispatch.driver_event),
      'shop', (SELECT count(*) FROM dispatch.shop), 'location', (SELECT count(*) FROM dispatch.driver_location),
      'outbox', (SELECT count(*) FROM dispatch.outbox), 'results', (SELECT count(*) FROM dispatch.kept_result),
      'versions', (SELECT sum(version) FROM dispatch.delivery), 'loads', (SELECT sum(load) FROM dispatch.driver)) AS counts`,
  );
  return row!.counts;
}
