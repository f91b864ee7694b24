import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAvailability } from '#shared/availability/open-availability.ts';
import type { ChangesView } from '#shared/contract/live.ts';
import { openDb } from '#shared/db/open-db.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { openDispatch } from '../dispatch/open-dispatch.ts';
import { changesSince } from '../flows/changes.ts';
import { createDelivery } from '../flows/create-delivery.ts';
import { cancelDelivery } from '../flows/move-delivery.ts';
import { reportFixes } from '../flows/report-fixes.ts';
import { openSecretBox } from '../secrets/secret-box.ts';
import { type FeedMessage, openLiveFeed } from './live-feed.ts';
import { openShopBook } from './shop-book.ts';

let database: TestDatabase;
let deps: TestDeps;
beforeAll(async () => {
  database = await testDatabase();
  const db = openDb({ url: database.url, pool: 4, prepare: true, sessionTimeouts: true });
  const availability = openAvailability({ ...testRedis(), commandTimeoutMs: 5_000 });
  const close = async () => void (await Promise.all([db.close(), availability.close()]));
  const secretBox = openSecretBox({ secret: 'a token secret for the tests, 32+', previousSecret: null });
  const stores = { db, availability, shops: openShopBook(db), secretBox };
  deps = { ...stores, dispatch: openDispatch(stores, 'per request'), close };
});
afterAll(async () => {
  await deps.close();
  await database.drop();
});

async function order(shopId: string): Promise<string> {
  const stops = { pickup: { ...HERE }, dropoff: north(500) };
  const ran = await createDelivery(deps, somebody(), await shopOf(deps, shopId), stops);
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result.delivery.id;
}

function record() {
  const messages: FeedMessage[] = [];
  return {
    messages,
    send: (message: FeedMessage) => void messages.push(message),
    statuses: (id: string) =>
      messages.flatMap((each) =>
        each.kind === 'changes'
          ? each.changes.deliveries.filter((delivery) => delivery.id === id).map((d) => d.status)
          : [],
      ),
    /** How often everything came. */
    fulls: () => messages.filter((each) => each.kind === 'changes' && each.changes.full).length,
  };
}

const idsOf = ({ deliveries }: Pick<ChangesView, 'deliveries'>) => deliveries.map(({ id }) => id);

/** Something that happens to a delivery, written by somebody else's transaction. */
const touch = (sql: postgres.Sql | postgres.TransactionSql, shopId: string, id: string, count = 1) =>
  sql`INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
    SELECT ${id}, (SELECT max(seq) FROM dispatch.delivery_event WHERE delivery_id = ${id}) + n, ${shopId}, 'UPDATED',
      'PENDING', now(), 'test' FROM generate_series(1, ${count}::int) n`;

test('what commits late is not lost, although what began later was read before; and nothing comes twice', async () => {
  const shopId = await buildShop(deps.db);
  const waiting = await order(shopId);
  let { cursor } = await changesSince(deps, shopId, null);
  const told = async () => {
    const changes = await changesSince(deps, shopId, cursor);
    expect(changes.full).toBe(false);
    cursor = changes.cursor;
    return idsOf(changes);
  };
  const sql = postgres(database.url, { max: 1 });
  await sql.begin(async (slow) => {
    await touch(slow, shopId, waiting);
    const fast = await order(shopId);
    expect(await told()).toEqual([fast]);
    expect(await told()).toEqual([]);
  });
  await sql.end();
  expect(await told()).toEqual([waiting]);
  expect(await told()).toEqual([]);
});

test('while a transaction of another database stays open a watcher still hears of each change once, and of no board', async () => {
  const shopId = await buildShop(deps.db);
  const id = await order(shopId);
  const stranger = postgres(new URL('/postgres', database.url).href, { max: 1 });
  const sql = postgres(database.url, { max: 1 });
  const feed = openLiveFeed(deps, (error) => expect.unreachable(String(error)));
  const heard = record();
  try {
    await stranger.begin(async (open) => {
      await open`SELECT pg_current_xact_id()`;
      const leave = await feed.watch(shopId, null, heard.send);
      for (const round of [1, 2, 3, 4]) {
        await touch(sql, shopId, id, 1_000);
        await eventually(() => heard.statuses(id).length === 1 + round);
      }
      const last = await order(shopId);
      await eventually(() => heard.statuses(last).length === 1);
      expect(heard.statuses(id)).toHaveLength(5);
      expect(heard.fulls()).toBe(1);
      leave();
    });
  } finally {
    feed.close();
    await Promise.all([sql.end(), stranger.end()]);
  }
});

test('who has missed more than a board is worth gets the board', async () => {
  const shopId = await buildShop(deps.db);
  const id = await order(shopId);
  const { cursor } = await changesSince(deps, shopId, null);
  const sql = postgres(database.url, { max: 1 });
  await touch(sql, shopId, id, 2_001);
  await sql.end();
  const changes = await changesSince(deps, shopId, cursor);
  expect(changes).toMatchObject({ full: true });
  expect(await changesSince(deps, shopId, changes.cursor)).toMatchObject({ full: false, deliveries: [], drivers: [] });
});

test('a driver whose event was written without a shop, by the version before, is told too', async () => {
  const shopId = await buildShop(deps.db);
  const [driver] = await buildDrivers(deps.db, shopId, [HERE]);
  const { cursor } = await changesSince(deps, shopId, null);
  await deps.db.run(
    `INSERT INTO dispatch.driver_event (driver_id, version, type, status, load, capacity, actor)
     VALUES ($1, 2, 'CHANGED', 'AVAILABLE', 0, 1, 'test')`,
    [driver],
  );
  expect((await changesSince(deps, shopId, cursor)).drivers.map(({ id }) => id)).toEqual([driver]);
});

test('two who watch a shop, and one who watches another, are each told of their own', async () => {
  const [mine, other] = [await buildShop(deps.db), await buildShop(deps.db)];
  const feed = openLiveFeed(deps, (error) => expect.unreachable(String(error)));
  const heard = [record(), record(), record()];
  const early = await feed.watch(mine, null, heard[0]!.send);
  const first = await order(mine);
  const late = await feed.watch(mine, null, heard[1]!.send);
  const elsewhere = await feed.watch(other, null, heard[2]!.send);
  const [second, foreign] = [await order(mine), await order(other)];
  await eventually(() => heard[0]!.statuses(second).length + heard[1]!.statuses(second).length === 2);
  await eventually(() => heard[2]!.statuses(foreign).length === 1);
  expect(heard.map(({ statuses }) => [first, second, foreign].map((id) => statuses(id).length))).toEqual([
    [1, 1, 0],
    [1, 1, 0],
    [0, 0, 1],
  ]);
  for (const leave of [early, late, elsewhere]) leave();
  feed.close();
});

test('a watcher hears of their shop only, once of each change, and goes on where they were', async () => {
  const [mine, other] = [await buildShop(deps.db), await buildShop(deps.db)];
  const feed = openLiveFeed(deps, (error) => expect.unreachable(String(error)));
  const [first, second] = [record(), record()];
  const leave = await feed.watch(mine, null, first.send);
  const foreign = await order(other);
  const id = await order(mine);
  await eventually(() => first.statuses(id).length === 1);
  const cursor = first.messages.flatMap((each) => (each.kind === 'changes' ? [each.changes.cursor] : [])).at(-1)!;
  leave();
  const missed = await order(mine);
  await cancelDelivery(deps, somebody(), { shop_id: mine, delivery_id: id, order_ref: null, driver_id: null }, null);
  const leaveAgain = await feed.watch(mine, cursor, second.send);
  expect(second.statuses(id)).toEqual(['CANCELLED']);
  expect(second.statuses(missed)).toEqual(['PENDING']);
  expect(second.messages[0]).toMatchObject({ kind: 'changes', changes: { full: false } });
  await cancelDelivery(
    deps,
    somebody(),
    { shop_id: mine, delivery_id: missed, order_ref: null, driver_id: null },
    null,
  );
  await eventually(() => second.statuses(missed).includes('CANCELLED'));
  expect(first.statuses(missed)).toEqual([]);
  expect([...first.statuses(foreign), ...second.statuses(foreign)]).toEqual([]);
  leaveAgain();
  feed.close();
});

test('drivers who move are told in batches, those who do not are not, and the silent are named', async () => {
  const shopId = await buildShop(deps.db);
  const [mover, stander] = (await buildDrivers(deps.db, shopId, [HERE, north(100)])) as [string, string];
  await project(deps, shopId, [mover, stander]);
  const at = (driverId: string, metres: number) => ({ driverId, position: north(metres), recordedAtMs: Date.now() });
  await reportFixes(deps, somebody(), shopId, [at(mover, 0), at(stander, 100)]);
  const feed = openLiveFeed(deps, (error) => expect.unreachable(String(error)));
  const heard = record();
  const leave = await feed.watch(shopId, null, heard.send);
  const batches = () => heard.messages.flatMap((each) => (each.kind === 'positions' ? [each] : []));
  expect(
    batches()[0]
      ?.positions.map(([driverId]) => driverId)
      .sort(),
  ).toEqual([mover, stander].sort());
  await eventually(() => batches().length >= 2);
  await reportFixes(deps, somebody(), shopId, [at(mover, 50)]);
  await eventually(() => batches().length >= 3);
  expect(batches()[2]?.positions.map(([driverId]) => driverId)).toEqual([mover]);
  await deps.availability.forget(shopId, [stander]);
  await eventually(() => batches().at(-1)?.silent.includes(stander) === true);
  leave();
  feed.close();
});

test.each(['4711', '1mp.5', 'no.cursor.at.all'])(
  'a cursor that is not of this server begins anew: %s',
  async (after) => {
    const shopId = await buildShop(deps.db);
    const id = await order(shopId);
    const changes = await changesSince(deps, shopId, after);
    expect(changes.full).toBe(true);
    expect(idsOf(changes)).toEqual([id]);
  },
);
