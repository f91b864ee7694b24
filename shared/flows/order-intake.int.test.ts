import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDrivers, buildShop, HERE, newOrder } from '#shared/testing/builders.ts';
import { testDatabase } from '#shared/testing/stores.ts';
import { type Db, openDb } from '../db/open-db.ts';
import type { Ran, Who } from '../db/statements/run-command.ts';
import type { CreateResult } from '../db/statements/create-delivery.ts';
import { DependencyAway } from '../domain/away.ts';
import { openOrderIntake } from './order-intake.ts';

let db: Db;
let drop: () => Promise<void>;
let shop: string;

beforeAll(async () => {
  const database = await testDatabase();
  drop = database.drop;
  db = openDb({ url: database.url, pool: 8, prepare: true, sessionTimeouts: true });
  shop = await buildShop(db);
});
afterAll(async () => {
  await db.close();
  await drop();
});

const nobody: Who = { actor: 'test', idempotency: null };
const withKey = (key: string): Who => ({ actor: 'test', idempotency: { scope: 'intake', key, requestSha256: 'x' } });
const times = (count: number) => Array.from({ length: count }, (_, i) => i);
const drivers = (count: number, more: { capacity?: number } = {}) =>
  buildDrivers(
    db,
    shop,
    times(count).map(() => HERE),
    more,
  );

/** The same store, which counts what it is asked. */
function counted(): { db: Db; statements: () => number } {
  let statements = 0;
  const run: Db['run'] = (text, parameters) => {
    statements += 1;
    return db.run(text, parameters);
  };
  return { db: { run, close: async () => {} }, statements: () => statements };
}

function deliveryOf(ran: Ran<CreateResult>) {
  if (ran.kind !== 'done' || ran.result.outcome === 'lost') throw new Error(`not stored: ${JSON.stringify(ran)}`);
  return { outcome: ran.result.outcome, ...ran.result.delivery };
}

describe('orders that come together', () => {
  it('share statements, and each gets a driver of his own', async () => {
    const names = await drivers(30);
    const { db: watched, statements } = counted();
    const intake = openOrderIntake(watched);
    const orders = times(50).map((i) => intake.create(nobody, newOrder(shop, `T${i}`, names)));
    const stored = (await Promise.all(orders)).map(deliveryOf);
    expect(stored.map(({ order_ref }) => order_ref)).toEqual(times(50).map((i) => `T${i}`));
    const given = stored.flatMap(({ driver_id }) => driver_id ?? []);
    expect(new Set(given)).toEqual(new Set(names));
    expect(given).toHaveLength(30);
    expect(stored.filter(({ status }) => status === 'PENDING')).toHaveLength(20);
    expect(statements()).toBeLessThan(25);
    const [wrong] = await db.run<{ n: number }>(
      `SELECT count(*)::int AS n FROM dispatch.driver d WHERE shop_id = $1 AND load <> (SELECT count(*)
         FROM dispatch.delivery x WHERE x.driver_id = d.id)`,
      [shop],
    );
    expect(wrong?.n).toBe(0);
    const events = await db.run<{ types: string }>(
      `SELECT string_agg(type || ' ' || actor, ', ' ORDER BY seq) AS types FROM dispatch.delivery_event e
       JOIN dispatch.delivery x ON x.id = e.delivery_id WHERE x.order_ref LIKE 'T%' GROUP BY x.id`,
    );
    expect(new Set(events.map(({ types }) => types))).toEqual(new Set(['CREATED test, ASSIGNED test', 'CREATED test']));
  });

  it('do not lose on and on until their deadline: with patience at an end they are stored, and wait', async () => {
    const names = await drivers(200);
    await db.run(`UPDATE dispatch.driver SET duty = 'OFFLINE' WHERE id = ANY($1::uuid[])`, [`{${names.join(',')}}`]);
    const { db: watched, statements } = counted();
    const slow: Db = { ...watched, run: (text, given) => pause(60).then(() => watched.run(text, given)) };
    const stored = deliveryOf(await openOrderIntake(slow).create(nobody, newOrder(shop, 'P1', names)));
    expect(stored).toMatchObject({ outcome: 'created', status: 'PENDING' });
    expect(statements()).toBeGreaterThan(1);
    expect(statements()).toBeLessThan(200 / 8);
  });

  it('fill one driver up to his capacity, and no further', async () => {
    const [name = ''] = await drivers(1, { capacity: 3 });
    const intake = openOrderIntake(db);
    const stored = await Promise.all(times(8).map((i) => intake.create(nobody, newOrder(shop, `C${i}`, [name]))));
    expect(stored.map(deliveryOf).map(({ driver_id }) => driver_id)).toEqual([
      name,
      name,
      name,
      ...times(5).map(() => null),
    ]);
  });

  it('each get their own reasons, and only those', async () => {
    const [near = '', far = ''] = await drivers(2);
    const intake = openOrderIntake(db);
    const reasons = { [near]: { distanceM: 1 }, [far]: { distanceM: 2 } };
    await Promise.all(times(2).map((i) => intake.create(nobody, newOrder(shop, `R${i}`, [near, far], { reasons }))));
    const rows = await db.run<{ order_ref: string; driver_id: string; data: unknown }>(
      `SELECT x.order_ref, e.driver_id, e.data FROM dispatch.delivery x JOIN dispatch.delivery_event e ON e.delivery_id = x.id
       WHERE x.order_ref LIKE 'R%' AND e.type = 'ASSIGNED' ORDER BY x.order_ref`,
    );
    expect(rows).toEqual([
      { order_ref: 'R0', driver_id: near, data: { distanceM: 1 } },
      { order_ref: 'R1', driver_id: far, data: { distanceM: 2 } },
    ]);
  });

  it('are not harmed by one that cannot be stored', async () => {
    const names = await drivers(5);
    const intake = openOrderIntake(db);
    const orders = times(5).map((i) =>
      intake.create(nobody, newOrder(shop, `B${i}`, names, i === 2 ? { pickup_lat: 91 } : {})),
    );
    const [a, b, bad, c, d] = await Promise.allSettled(orders);
    expect(bad).toMatchObject({ status: 'rejected', reason: { constraint_name: 'delivery_pickup_lat' } });
    const stored = [a, b, c, d].map((each) => each?.status === 'fulfilled' && deliveryOf(each.value).driver_id);
    expect(new Set(stored).size).toBe(4);
    expect(stored.every((driverId) => typeof driverId === 'string')).toBe(true);
  });

  it('with one key: one is stored, and what it came to is kept', async () => {
    const intake = openOrderIntake(db);
    const copies = await Promise.all(times(20).map(() => intake.create(withKey('K'), newOrder(shop, 'K'))));
    const made = copies.filter((ran) => ran.kind === 'done' && ran.result.outcome === 'created');
    expect(made).toHaveLength(1);
    // A copy that met the first between its snapshot and its insert is `lost`: asked again, it finds it.
    const again = await intake.create(withKey('K'), newOrder(shop, 'K'));
    expect(again).toEqual({ ...made[0], kind: 'replayed', drivers: [] });
  });

  it('of one order: one delivery', async () => {
    const names = await drivers(20);
    const intake = openOrderIntake(db);
    const copies = await Promise.all(times(20).map((i) => intake.create(withKey(`O${i}`), newOrder(shop, 'O', names))));
    const made = copies.filter((ran) => ran.kind === 'done' && ran.result.outcome === 'created');
    expect(made).toHaveLength(1);
    const [busy] = await db.run<{ n: number }>(
      'SELECT count(*)::int AS n FROM dispatch.driver WHERE id = ANY($1::uuid[]) AND load > 0',
      [`{${names.join(',')}}`],
    );
    expect(busy?.n).toBe(1);
  });
});

it('counts as rivals the other orders of the shop whose turn it is', async () => {
  const intake = openOrderIntake(db);
  const seen = await intake.inTurn('a', () =>
    intake.inTurn('b', () =>
      intake.inTurn('a', () => intake.inTurn('a', async () => ['a', 'b', 'c'].map((each) => intake.rivals(each)))),
    ),
  );
  expect(seen).toEqual([2, 0, 0]);
  expect(intake.rivals('a')).toBe(0);
});

it('tries all candidates before it says that nobody is to be had', async () => {
  const names = await drivers(20);
  await db.run(`UPDATE dispatch.driver SET duty = 'BUSY' WHERE id = ANY($1::uuid[])`, [
    `{${names.slice(0, 19).join(',')}}`,
  ]);
  const { db: watched, statements } = counted();
  const ran = await openOrderIntake(watched).create(nobody, newOrder(shop, 'LAST', names));
  expect(deliveryOf(ran)).toMatchObject({ outcome: 'created', driver_id: names[19] });
  expect(statements()).toBe(3);
});

it('says `lost` only where the caller has more windows to come', async () => {
  const [busy = ''] = await drivers(1);
  await db.run(`UPDATE dispatch.driver SET duty = 'BUSY' WHERE id = $1`, [busy]);
  const intake = openOrderIntake(db);
  expect(await intake.create(nobody, newOrder(shop, 'MORE', [busy], { final: false }))).toMatchObject({
    result: { outcome: 'lost' },
  });
  expect(deliveryOf(await intake.create(nobody, newOrder(shop, 'MORE', [busy])))).toMatchObject({
    outcome: 'created',
    status: 'PENDING',
  });
});

it('does not let orders wait behind statements that hang', async () => {
  const hung: (() => void)[] = [];
  const run: Db['run'] = () =>
    new Promise((_, reject) => hung.push(() => reject(new DependencyAway('postgres', new Error('cut')))));
  const intake = openOrderIntake({ run, close: async () => {} });
  const orders = times(40).map((i) => intake.create(nobody, newOrder(shop, `H${i}`)).catch((error: unknown) => error));
  // Two statements of 16 were sent; the other 8 are refused after half a second.
  const refused = await Promise.all(orders.slice(32));
  expect(refused.every((error) => error instanceof DependencyAway)).toBe(true);
  expect(hung).toHaveLength(2);
  for (const end of hung) end();
  expect((await Promise.all(orders)).every((error) => error instanceof DependencyAway)).toBe(true);
});
