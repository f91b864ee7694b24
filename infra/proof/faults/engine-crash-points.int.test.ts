import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { openShopBook } from '#shared/composition/shop-book.ts';
import { openDb } from '#shared/db/open-db.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { createDelivery } from '#shared/db/statements/create-delivery.ts';
import { commitHold } from '#shared/db/statements/hold-delivery.ts';
import type { EngineDeps } from '#shared/dispatch/deps.ts';
import { openDispatch } from '#shared/dispatch/open-dispatch.ts';
import { planShop } from '#shared/dispatch/plan-shop.ts';
import { runRelay } from '#shared/flows/relay/run-relay.ts';
import { openSecretBox } from '#shared/secrets/secret-box.ts';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, buildShop, newOrder, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { relayDeps } from '#shared/testing/relay-deps.ts';
import { testDatabase, testRedis } from '#shared/testing/stores.ts';
import { Died, died, dying } from './dying.ts';
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts';

/*
 * The process that plans a shop dies at one exact point, and perhaps a store goes away with it. Another process, which
 * knows nothing but what is in the data, plans all that is due: soon after the last fault, and nothing twice.
 * (Design: dispatch.md, the engine.)
 */

/** The lease of the dead one, and what a busy machine needs. */
const SOON_MS = 10_000 + 4_000;

/** What the dead process worked with. */
let dead: TestDeps;
/** The same stores behind proxies that break them. */
let survivor: TestDeps;
let proxies: { postgres: FaultProxy; redis: FaultProxy };
let shop: ShopRow;
let orders: readonly string[];
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  const database = await testDatabase();
  const redis = testRedis();
  const behind = async (url: string): Promise<[FaultProxy, string]> => {
    const to = new URL(url);
    const proxy = await openFaultProxy(Number(to.port));
    to.port = String(proxy.port);
    return [proxy, to.href];
  };
  const [postgresProxy, postgresUrl] = await behind(database.url);
  const [redisProxy, redisUrl] = await behind(redis.url);
  proxies = { postgres: postgresProxy, redis: redisProxy };
  dead = openStores(database.url, redis);
  survivor = openStores(postgresUrl, { ...redis, url: redisUrl });
  closing.push(dead.close, survivor.close, postgresProxy.close, redisProxy.close, database.drop);
});
afterAll(async () => {
  for (const close of closing) await close();
});
beforeEach(async () => {
  shop = await shopOf(dead, await buildShop(dead.db, null));
  orders = [await order({}), await order({})];
  await project(dead, shop.id, await buildDrivers(dead.db, shop.id, [north(100), north(200)]));
});
afterEach(() => {
  for (const proxy of Object.values(proxies)) proxy.set({ kind: 'pass' });
});

function openStores(url: string, redis: { url: string; prefix: string }): TestDeps {
  const db = openDb({ url, pool: 10, prepare: true, sessionTimeouts: true });
  const availability = openAvailability(redis);
  const secretBox = openSecretBox({ secret: 'a token secret for the tests, 32+', previousSecret: null });
  const stores = { db, availability, shops: openShopBook(db), secretBox };
  const dispatch = openDispatch(stores, 'on');
  const close = async () => {
    await dispatch.close();
    await Promise.all([db.close(), availability.close()]);
  };
  return { ...stores, dispatch, close };
}

/** Stored, and due, by a process that told nobody. @returns its id */
async function order(rest: Parameters<typeof newOrder>[3]): Promise<string> {
  const ran = await createDelivery(dead.db, somebody(), newOrder(shop.id, null, [], { retry_in_ms: 0, ...rest }));
  if (ran.kind !== 'done' || ran.result.outcome !== 'created') throw new Error(ran.kind);
  return ran.result.delivery.id;
}

/** A process plans the shop, with stores that make it die. */
const planAndDie = (stores: Partial<EngineDeps>) =>
  expect(
    planShop({ ...dead, ...stores }, { holder: 'the dead', previous: new Map(), report: () => {} }, shop.id),
  ).rejects.toThrow(Died);

const statuses = async () =>
  (
    await dead.db.run<{ status: string }>('SELECT status FROM dispatch.delivery WHERE shop_id = $1 ORDER BY id', [
      shop.id,
    ])
  ).map(({ status }) => status);
const assignments = async () =>
  (
    await dead.db.run<{ delivery_id: string }>(
      `SELECT delivery_id FROM dispatch.delivery_event WHERE shop_id = $1 AND type = 'ASSIGNED' ORDER BY delivery_id`,
      [shop.id],
    )
  ).map((row) => row.delivery_id);
async function proposed(): Promise<readonly string[]> {
  const found = await dead.availability.search(shop.id, { center: north(0), radiusM: 1_000, limit: 10 });
  return found === 'COLD' ? ['unknown'] : found.map((each) => each.driverId);
}

/** Lets a relay work until all are assigned and no driver is proposed any more. @param meanwhile what is broken until then */
async function untilPlanned(meanwhile: () => Promise<void>): Promise<void> {
  const ending = new AbortController();
  const running = runRelay(
    { ...relayDeps(survivor), report: (event) => void said.push(event) },
    { intervalMs: 100, signal: ending.signal },
  );
  said.length = 0;
  try {
    await meanwhile();
    const done = async () => (await statuses()).every((status) => status === 'ASSIGNED');
    await eventually(done, { timeoutMs: SOON_MS });
    await eventually(async () => (await proposed()).length === 0, { timeoutMs: SOON_MS });
  } finally {
    ending.abort();
    await running;
  }
}
const said: string[] = [];

async function expectEachOnce(): Promise<void> {
  expect(await assignments()).toEqual([...orders].sort());
  expect(await brokenRoutes(dead.db)).toEqual([]);
}

const LEASE = /INSERT INTO dispatch\.dispatch_lease/;
const COMMIT = /row_asked AS MATERIALIZED/;

const POINTS: readonly [string, () => Partial<EngineDeps>, string][] = [
  ['after it took the lease', () => ({ db: dying(dead.db, 'after', LEASE) }), 'PENDING'],
  ['after the plan, before its commit', () => ({ db: dying(dead.db, 'before', COMMIT) }), 'PENDING'],
  ['with its commit, unanswered', () => ({ db: dying(dead.db, 'after', COMMIT) }), 'ASSIGNED'],
  [
    'after the commit, before the projection',
    () => ({ availability: { ...dead.availability, project: async () => died() } }),
    'ASSIGNED',
  ],
];

/** Waited for in one case of each kind; in the others its time is made to be over. */
const leaseRunsOut = () =>
  dead.db.run(`UPDATE dispatch.dispatch_lease SET until = now() - interval '1 s' WHERE shop_id = $1`, [shop.id]);

const FAULTS: readonly [string, () => Promise<void>][] = [
  ['nothing else', async () => {}],
  [
    'Postgres refuses',
    async () => {
      proxies.postgres.set({ kind: 'refuse' });
      await leaseRunsOut();
      await eventually(() => said.filter((event) => event === 'relay_waits').length > 3);
      proxies.postgres.set({ kind: 'pass' });
    },
  ],
  [
    'Redis is silent',
    async () => {
      proxies.redis.set({ kind: 'blackhole' });
      await leaseRunsOut();
      await eventually(async () => (await statuses()).every((status) => status === 'ASSIGNED'), { timeoutMs: SOON_MS });
      proxies.redis.reset();
      proxies.redis.set({ kind: 'pass' });
    },
  ],
];

describe.each(POINTS)('the engine dies %s', (_, broken, left) => {
  test.each(FAULTS)(
    'and %s: everything is planned, once',
    async (_what, breaks) => {
      await planAndDie(broken());
      expect(await statuses()).toEqual([left, left]);
      await untilPlanned(breaks);
      await expectEachOnce();
    },
    60_000,
  );
});

describe.each(FAULTS)('whoever stored an order for later dies, and %s', (_, breaks) => {
  const LATER_MS = 2_000;
  const later = () => new Date(Date.now() + LATER_MS).toISOString();

  test.each([
    [
      'scheduled',
      async () => order({ hold: { state: 'scheduled', until: later(), reason: 'scheduled', ...NO_TIMES } }),
    ],
    ['held', async () => order({ hold: { state: 'held', until: later(), reason: 'not_ready', ...NO_TIMES } })],
    [
      'paused by a person until then',
      async () => {
        const id = await order({});
        const which = { shop_id: shop.id, delivery_id: id };
        await commitHold(dead.db, somebody(), { ...which, until: later(), note: null });
        return id;
      },
    ],
  ])(
    '%s: planned when its time has come',
    async (_state, store) => {
      orders = [...orders, await store()];
      const [driver = ''] = await buildDrivers(dead.db, shop.id, [north(300)]);
      await project(dead, shop.id, [driver]);
      await untilPlanned(breaks);
      await expectEachOnce();
    },
    60_000,
  );
});

const NO_TIMES = { pickup_at: null, dropoff_at: null };

test('the holder of the lease is stopped with a plan in its hands: when it goes on, it changes nothing', async () => {
  let go = () => {};
  const stopped = new Promise<void>((resolve) => {
    go = resolve;
  });
  let isAsleep = false;
  const db: TestDeps['db'] = {
    ...dead.db,
    run: async <Row>(text: string, parameters?: readonly unknown[]) => {
      if (COMMIT.test(text)) {
        isAsleep = true;
        await stopped;
      }
      return dead.db.run<Row>(text, parameters);
    },
  };
  const sleeper = planShop({ ...dead, db }, { holder: 'asleep', previous: new Map(), report: () => {} }, shop.id);
  await eventually(() => isAsleep);
  await untilPlanned(async () => void (await leaseRunsOut()));
  const versions = () =>
    dead.db.run('SELECT id, version FROM dispatch.driver WHERE shop_id = $1 ORDER BY id', [shop.id]);
  const before = await versions();
  go();
  await sleeper;
  expect(await versions()).toEqual(before);
  await expectEachOnce();
}, 60_000);
