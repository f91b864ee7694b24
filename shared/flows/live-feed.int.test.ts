import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { openDb } from '#shared/db/open-db.ts';
import { readChanges } from '#shared/db/statements/changes.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { openDispatch } from '../dispatch/open-dispatch.ts';
import { changesSince } from './changes.ts';
import { createDelivery } from './create-delivery.ts';
import { type FeedMessage, openLiveFeed } from './live-feed.ts';
import { cancelDelivery } from './move-delivery.ts';
import { reportFixes } from './report-fixes.ts';
import { openShopBook } from './shop-book.ts';

let database: TestDatabase;
let deps: TestDeps;
beforeAll(async () => {
  database = await testDatabase();
  const db = openDb({ url: database.url, pool: 4, prepare: true, sessionTimeouts: true });
  const availability = openAvailability({ ...testRedis(), commandTimeoutMs: 5_000 });
  const close = async () => void (await Promise.all([db.close(), availability.close()]));
  const stores = { db, availability, shops: openShopBook(db) };
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
  };
}

test('what commits late is not lost, although what began later was read before', async () => {
  const shopId = await buildShop(deps.db);
  const waiting = await order(shopId);
  const { cursor } = await changesSince(deps, shopId, null);
  const sql = postgres(database.url, { max: 1 });
  let after = cursor;
  await sql.begin(async (slow) => {
    await slow`INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
      VALUES (${waiting}, 2, ${shopId}, 'UPDATED', 'PENDING', now(), 'test')`;
    const fast = await order(shopId);
    const between = await readChanges(deps.db, [shopId], cursor);
    expect(between.deliveries.map(({ delivery }) => delivery.id)).toEqual([fast]);
    after = between.horizon;
  });
  await sql.end();
  const late = await readChanges(deps.db, [shopId], after);
  expect(late.deliveries.map(({ delivery }) => delivery.id)).toContain(waiting);
  expect((await readChanges(deps.db, [shopId], late.horizon)).deliveries).toEqual([]);
});

test('a watcher hears of his shop only, once of each change, and goes on where he was', async () => {
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

test('a cursor that is not of this database begins anew', async () => {
  const shopId = await buildShop(deps.db);
  const id = await order(shopId);
  const changes = await changesSince(deps, shopId, '18446744073709551615');
  expect(changes.full).toBe(true);
  expect(changes.deliveries.map((delivery) => delivery.id)).toEqual([id]);
});
