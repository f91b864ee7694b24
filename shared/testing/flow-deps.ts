import type { Availability } from '#shared/availability/availability.ts';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { openShopBook } from '#shared/composition/shop-book.ts';
import { type Db, openDb } from '#shared/db/open-db.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { readProjected } from '#shared/db/statements/projection.ts';
import { openDispatch } from '#shared/dispatch/open-dispatch.ts';
import { projectDrivers } from '#shared/dispatch/project-drivers.ts';
import type { Caller } from '#shared/domain/command.ts';
import { type FlowDeps, relayCaller } from '#shared/flows/deps.ts';
import { openSecretBox } from '#shared/secrets/secret-box.ts';
import { testDatabase, testRedis } from './stores.ts';

export interface TestDeps extends FlowDeps {
  availability: Availability;
  close(): Promise<void>;
}

/**
 * The flows' dependencies on real stores: a database and a key prefix of one's own, and as many connections as a test
 * asks for at once (whoever waits for one longer than 0.5 s is refused).
 */
export async function openTestDeps(pool = 50): Promise<TestDeps> {
  const database = await testDatabase();
  const db = openDb({ url: database.url, pool, prepare: true, sessionTimeouts: true });
  // A busy machine must not look like a Redis that is away: what happens then has tests of its own.
  const availability = openAvailability({ ...testRedis(), commandTimeoutMs: 5_000 });
  const secretBox = openSecretBox({ secret: 'a token secret for the tests, 32+', previousSecret: null });
  const stores = { db, availability, shops: openShopBook(db), secretBox };
  // A plan is made before the call that caused it returns: a test sees what came of it.
  const dispatch = openDispatch(stores, 'per request');
  return {
    ...stores,
    dispatch,
    close: async () => {
      await dispatch.close();
      await Promise.all([db.close(), availability.close()]);
      await database.drop();
    },
  };
}

/** Drivers could be heard for long enough: their silence means something. */
export async function hearing(db: Db, { sinceS = 3_600, renewedS = 0 } = {}): Promise<void> {
  await db.run(
    `INSERT INTO dispatch.hearing AS h (since, renewed_at) VALUES (now() - $1::int * interval '1 s', now() - $2::int * interval '1 s')
     ON CONFLICT (one) DO UPDATE SET since = excluded.since, renewed_at = excluded.renewed_at`,
    [sinceS, renewedS],
  );
}

/** Shows drivers who were built straight in the database to Redis, and lets searches of this shop be answered there. */
export async function project(deps: TestDeps, shopId: string, driverIds: readonly string[]): Promise<void> {
  await projectDrivers(deps, relayCaller(), await readProjected(deps.db, shopId, driverIds));
  await deps.availability.markWarm(shopId);
}

export async function shopOf(deps: Pick<FlowDeps, 'shops'>, id: string): Promise<ShopRow> {
  const shop = await deps.shops.byId(id);
  if (shop === null) throw new Error(`no shop ${id}`);
  return shop;
}

/** Somebody of the shop, without a key. */
export function somebody(idempotencyKey?: string): Caller {
  const idempotency = idempotencyKey === undefined ? null : { scope: 'test', key: idempotencyKey, requestSha256: 'x' };
  return { actor: 'shop:test', idempotency, degraded: new Set() };
}

export async function driverState(db: Db, id: string): Promise<{ status: string; load: number; version: number }> {
  const [row] = await db.run<{ status: string; load: number; version: number }>(
    'SELECT status, load, version::int AS version FROM dispatch.driver WHERE id = $1',
    [id],
  );
  if (row === undefined) throw new Error(`no driver ${id}`);
  return row;
}
