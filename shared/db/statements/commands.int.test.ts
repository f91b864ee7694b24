import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allowedFrom, type DeliveryStatus } from '#shared/domain/delivery.ts';
import { buildDrivers, buildShop, HERE, newOrder, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { testDatabase } from '#shared/testing/stores.ts';
import { type Db, openDb } from '../open-db.ts';
import { assignDelivery } from './assign-delivery.ts';
import { buryOrder } from './bury-order.ts';
import { changeDelivery } from './change-delivery.ts';
import { changeDriver, createDriver, grantToken, retireDriver, setDuty } from './change-driver.ts';
import type { IdempotencyClaim } from './command.ts';
import { createDeliveries, createDelivery, type NewDelivery } from './create-delivery.ts';
import { type Move, moveDelivery } from './move-delivery.ts';
import { readDelivery } from './reads.ts';

let db: Db;
let url: string;
let drop: () => Promise<void>;
let shop: string;

beforeAll(async () => {
  const database = await testDatabase();
  drop = database.drop;
  url = database.url;
  db = openDb({ url: database.url, pool: 20, prepare: true, sessionTimeouts: true });
  shop = await buildShop(db);
});
afterAll(async () => {
  await db.close();
  await drop();
});

const nobody = { actor: 'test', idempotency: null };
const withKey = (key: string, requestSha256 = 'same'): { actor: string; idempotency: IdempotencyClaim } => ({
  actor: 'test',
  idempotency: { scope: `shop:${shop}`, key, requestSha256 },
});
const order = (order_ref: string | null, candidates: readonly string[] = [], rest: Partial<NewDelivery> = {}) =>
  newOrder(shop, order_ref, candidates, rest);
const move = (delivery_id: string, to_status: DeliveryStatus, rest: Partial<Move> = {}): Move => ({
  shop_id: shop,
  delivery_id,
  order_ref: null,
  driver_id: null,
  to_status,
  from_statuses: allowedFrom(to_status),
  occurred_at: null,
  lat: null,
  lon: null,
  proof: null,
  pincode: null,
  skip_pincode: false,
  failure_code: to_status === 'FAILED' ? 'DAMAGED' : null,
  note: null,
  exclude: false,
  ...rest,
});
async function created(...parameters: Parameters<typeof order>) {
  const ran = await createDelivery(db, nobody, order(...parameters));
  if (ran.kind !== 'done' || ran.result.outcome === 'lost') throw new Error(JSON.stringify(ran));
  return ran.result.delivery;
}
async function driverRow(id: string) {
  const [row] = await db.run<{ status: string; load: number; version: string }>(
    'SELECT status, load, version FROM dispatch.driver WHERE id = $1',
    [id],
  );
  return row!;
}

describe('create', () => {
  test('an order without candidates waits, with its event and its webhook', async () => {
    const delivery = await created('A1');
    expect(delivery).toMatchObject({ status: 'PENDING', dispatch: 'searching', version: 1, driver_id: null });
    const [row] = await db.run<{ body: string; id: string }>(
      'SELECT id, body FROM dispatch.outbox WHERE delivery_id = $1',
      [delivery.id],
    );
    expect(JSON.parse(row!.body)).toMatchObject({
      id: row!.id,
      event: 'DELIVERY_CREATED_V1',
      sequence: 1,
      deliveryId: delivery.id,
      sellerOrderId: 'A1',
    });
  });

  test('without coordinates it waits for them', async () => {
    expect(await created('A2', [], { dropoff_lat: null, dropoff_lon: null })).toMatchObject({
      dispatch: 'needs_location',
    });
  });

  test('assigns the first candidate that can be had, in the same commit', async () => {
    const [busy, free] = await buildDrivers(db, shop, [HERE, north(10)]);
    await setDuty(db, nobody, { shop_id: shop, driver_id: busy!, duty: 'BUSY', contact: false });
    const ran = await createDelivery(db, nobody, order('A3', [busy!, free!]));
    expect(ran).toMatchObject({
      kind: 'done',
      result: {
        outcome: 'created',
        delivery: { status: 'ASSIGNED', driver_id: free, version: 2, dispatch: 'settled', exclusive: true },
      },
      drivers: [{ id: free, status: 'BUSY', version: 2, shop_id: shop, lat: expect.closeTo(north(10).lat, 4) }],
    });
    const events = await readDelivery(
      db,
      shop,
      (ran as never as { result: { delivery: { id: string } } }).result.delivery.id,
      null,
    );
    expect(events?.events.map((event) => [event.seq, event.type, event.driver_id, event.driver_version])).toEqual([
      [1, 'CREATED', null, null],
      [2, 'ASSIGNED', free, 2],
    ]);
  });

  test.each([
    ['OFFLINE', { duty: 'OFFLINE' as const }],
    ['silent for 61 s', { silentForS: 61 }],
  ])('never assigns a driver who is %s', async (_, state) => {
    const drivers = await buildDrivers(db, shop, [HERE], state);
    expect(await created(null, drivers)).toMatchObject({ status: 'PENDING', driver_id: null });
  });

  test('never assigns another shop’s driver', async () => {
    const drivers = await buildDrivers(db, await buildShop(db), [HERE]);
    expect(await created(null, drivers)).toMatchObject({ status: 'PENDING' });
  });

  test('stores nothing when it lost and another window will be tried', async () => {
    expect(await createDelivery(db, withKey('lost'), order('A4', [], { final: false }))).toEqual({
      kind: 'done',
      result: { outcome: 'lost' },
      drivers: [],
    });
    expect(await createDelivery(db, withKey('lost'), order('A4'))).toMatchObject({ result: { outcome: 'created' } });
  });

  test('20 copies of one order at once: one delivery, one driver', async () => {
    const drivers = await buildDrivers(
      db,
      shop,
      Array.from({ length: 20 }, (_, n) => north(n)),
    );
    const copies = await Promise.all(
      drivers.map((_, n) => createDelivery(db, withKey(`copy-${n}`), order('A5', drivers, { final: n % 2 === 0 }))),
    );
    expect(copies.filter((ran) => ran.kind === 'done' && ran.result.outcome === 'created')).toHaveLength(1);
    const rows = await Promise.all(drivers.map(driverRow));
    expect(rows.filter((row) => row.load === 1)).toHaveLength(1);
  });

  test('50 orders at once for 50 drivers: 50 different drivers', async () => {
    const drivers = await buildDrivers(
      db,
      shop,
      Array.from({ length: 50 }, () => HERE),
    );
    const all = await Promise.all(drivers.map((_, n) => created(`B${n}`, drivers)));
    expect(new Set(all.map((delivery) => delivery.driver_id)).size).toBe(50);
  });
});

/** Runs `meanwhile` while a stranger's open transaction has done `before`; then rolls that back. */
async function whileStranger(before: string, parameters: string[], meanwhile: () => Promise<unknown>): Promise<void> {
  const stranger = postgres(url, { max: 1 });
  try {
    await stranger
      .begin(async (sql) => {
        await sql.unsafe(before, parameters);
        await meanwhile();
        throw new Error('rolled back');
      })
      .catch((error: Error) => expect(error.message).toBe('rolled back'));
  } finally {
    await stranger.end();
  }
}
const waitingForLocks = (count: number) =>
  eventually(async () => {
    const [row] = await db.run<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return row?.n === count;
  });

describe('create, several orders in one statement', () => {
  test('never gives one driver two of them, whoever is named: the first has him', async () => {
    const [one = '', two = ''] = await buildDrivers(db, shop, [HERE, HERE], { capacity: 5 });
    const orders = [order('G1', [one]), order('G2', [one, two]), order('G3', [one], { final: false })];
    const [first, second, third] = await createDeliveries(
      db,
      orders.map((input) => ({ who: nobody, input })),
    );
    expect(first).toMatchObject({ result: { outcome: 'created', delivery: { driver_id: one } } });
    expect(second).toMatchObject({ result: { outcome: 'created', delivery: { status: 'PENDING', driver_id: null } } });
    expect(third).toEqual({ kind: 'done', result: { outcome: 'lost' }, drivers: [] });
    const [row] = await db.run<{ load: number }>('SELECT load FROM dispatch.driver WHERE id = $1', [one]);
    expect(row?.load).toBe(1);
  });

  test('each has its own key, actor and answer; one known is answered as before', async () => {
    const known = await createDelivery(db, withKey('G-known'), order('G4'));
    const answers = await createDeliveries(db, [
      { who: { ...withKey('G-new'), actor: 'shop:one' }, input: order('G5') },
      { who: withKey('G-known'), input: order('G4') },
      { who: withKey('G-known-2'), input: order('G4') },
      { who: withKey('G-known', 'other'), input: order('G6') },
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(['done', 'replayed', 'done', 'key_reused']);
    expect(answers[1]).toMatchObject({ result: (known as { result: unknown }).result });
    expect(answers[2]).toMatchObject({ result: { outcome: 'exists' } });
    const events = await db.run<{ order_ref: string; actor: string }>(
      `SELECT x.order_ref, e.actor FROM dispatch.delivery x JOIN dispatch.delivery_event e ON e.delivery_id = x.id
       WHERE x.shop_id = $1 AND x.order_ref IN ('G5', 'G6')`,
      [shop],
    );
    expect(events).toEqual([{ order_ref: 'G5', actor: 'shop:one' }]);
  });
});

describe('statements that meet', () => {
  test('a driver somebody else holds is passed over, not waited for', async () => {
    const [held, free] = await buildDrivers(db, shop, [HERE, north(10)]);
    const waiting = await created(null);
    const assign = (candidates: string[]) =>
      assignDelivery(db, nobody, {
        shop_id: shop,
        delivery_id: waiting.id,
        candidates,
        reasons: null,
        named: false,
        final: true,
      });
    await whileStranger('SELECT 1 FROM dispatch.driver WHERE id = $1 FOR UPDATE', [held!], async () => {
      expect(await assign([held!])).toMatchObject({ result: { outcome: 'lost' } });
      expect(await created(null, [held!, free!])).toMatchObject({ driver_id: free });
    });
    expect(await assign([held!, free!])).toMatchObject({
      result: { outcome: 'assigned', delivery: { driver_id: held } },
    });
  });

  test('ten copies of an order that meet at its unique index: one delivery, one driver', async () => {
    const drivers = await buildDrivers(
      db,
      shop,
      Array.from({ length: 10 }, () => HERE),
    );
    let copies: Promise<Awaited<ReturnType<typeof createDelivery>>[]> = Promise.resolve([]);
    const insert = `INSERT INTO dispatch.delivery (shop_id, order_ref, pickup, dropoff, dispatch, version)
      VALUES ($1, 'MEET', '{}', '{}', 'needs_location', 1)`;
    await whileStranger(insert, [shop], async () => {
      copies = Promise.all(drivers.map((_, n) => createDelivery(db, withKey(`meet-${n}`), order('MEET', drivers))));
      await waitingForLocks(10);
    });
    const outcomes = (await copies).map((ran) => ran.kind === 'done' && ran.result.outcome);
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'lost')).toHaveLength(9);
    const rows = await Promise.all(drivers.map(driverRow));
    expect(rows.filter((row) => row.load === 1)).toHaveLength(1);
  });

  test('ten steps of one delivery that meet at its row: one is taken', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE], { capacity: 5 });
    const delivery = await created(null, [driver!]);
    let steps: Promise<Awaited<ReturnType<typeof moveDelivery>>[]> = Promise.resolve([]);
    await whileStranger('SELECT 1 FROM dispatch.delivery WHERE id = $1 FOR UPDATE', [delivery.id], async () => {
      steps = Promise.all(Array.from({ length: 10 }, () => moveDelivery(db, nobody, move(delivery.id, 'CANCELLED'))));
      await waitingForLocks(10);
    });
    const outcomes = (await steps).map((ran) => ran.kind === 'done' && ran.result.outcome);
    expect(outcomes.sort()).toEqual(['moved', ...Array(9).fill('unchanged')]);
    expect(await driverRow(driver!)).toMatchObject({ load: 0 });
  });

  test('a cancel that began before the delivery was assigned gives the driver’s place back', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const delivery = await created(null);
    const stranger = postgres(url, { max: 1 });
    let cancel: ReturnType<typeof moveDelivery> | undefined;
    await stranger.begin(async (sql) => {
      await sql.unsafe('SELECT 1 FROM dispatch.delivery WHERE id = $1 FOR UPDATE', [delivery.id]);
      cancel = moveDelivery(db, nobody, move(delivery.id, 'CANCELLED'));
      await waitingForLocks(1);
      await sql.unsafe('UPDATE dispatch.driver SET load = 1, version = version + 1 WHERE id = $1', [driver!]);
      await sql.unsafe(
        `UPDATE dispatch.delivery SET status = 'ASSIGNED', dispatch = 'settled', driver_id = $2, version = 2 WHERE id = $1`,
        [delivery.id, driver!],
      );
      await sql.unsafe(
        `INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
         VALUES ($1, 2, $2, 'ASSIGNED', 'ASSIGNED', now(), 'stranger')`,
        [delivery.id, shop],
      );
    });
    await stranger.end();
    expect(await cancel).toMatchObject({ result: { outcome: 'moved', previous: 'ASSIGNED' } });
    expect(await driverRow(driver!)).toMatchObject({ load: 0, status: 'AVAILABLE' });
  });

  test('ten deliveries for the last place of a driver, all having seen it free: one gets it', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const waiting = await Promise.all(Array.from({ length: 10 }, () => created(null)));
    let tries: Promise<Awaited<ReturnType<typeof assignDelivery>>[]> = Promise.resolve([]);
    // Each waits for its own row with its snapshot taken; then all of them go for the driver at once.
    await whileStranger('SELECT 1 FROM dispatch.delivery WHERE shop_id = $1 FOR UPDATE', [shop], async () => {
      tries = Promise.all(
        waiting.map(({ id }) =>
          assignDelivery(db, nobody, {
            shop_id: shop,
            delivery_id: id,
            candidates: [driver!],
            reasons: null,
            named: true,
            final: true,
          }),
        ),
      );
      await waitingForLocks(10);
    });
    const outcomes = (await tries).map((ran) => ran.kind === 'done' && ran.result.outcome);
    expect(outcomes.sort()).toEqual(['assigned', ...Array(9).fill('lost')]);
    expect(await driverRow(driver!)).toMatchObject({ load: 1, status: 'BUSY' });
  });
});

describe('idempotency', () => {
  test('the first result is given again, another body is refused, 20 at once make one', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => createDelivery(db, withKey('K1'), order(null))));
    const done = claims.filter((ran) => ran.kind === 'done');
    expect(done).toHaveLength(1);
    expect(claims.every((ran) => ran.kind === 'done' || ran.kind === 'replayed' || ran.kind === 'in_flight')).toBe(
      true,
    );
    const again = await createDelivery(db, withKey('K1'), order(null));
    expect(again).toMatchObject({ kind: 'replayed' });
    expect(JSON.stringify((again as { result: unknown }).result)).toBe(
      JSON.stringify((done[0] as { result: unknown }).result),
    );
    expect(await createDelivery(db, withKey('K1', 'other'), order(null))).toEqual({ kind: 'key_reused' });
  });

  test('a refused command leaves its key free', async () => {
    const delivery = await created(null);
    expect(await moveDelivery(db, withKey('K2'), move(delivery.id, 'DELIVERED'))).toMatchObject({
      result: { outcome: 'illegal' },
    });
    expect(await db.run('SELECT 1 FROM dispatch.idempotency WHERE key = $1', ['K2'])).toEqual([]);
  });
});

describe('assign', () => {
  test('1,000 deliveries want one driver: one winner', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const waiting = await Promise.all(Array.from({ length: 1000 }, (_, n) => inTurn(n, () => created(null))));
    const ran = await Promise.all(
      waiting.map((delivery, n) =>
        inTurn(n, () =>
          assignDelivery(db, nobody, {
            shop_id: shop,
            delivery_id: delivery.id,
            candidates: [driver!],
            reasons: null,
            named: true,
            final: true,
          }),
        ),
      ),
    );
    expect(ran.filter((each) => each.kind === 'done' && each.result.outcome === 'assigned')).toHaveLength(1);
    expect(await driverRow(driver!)).toMatchObject({ load: 1, status: 'BUSY' });
  });

  test('a named driver takes over before pickup; the other one is free again', async () => {
    const [first, second] = await buildDrivers(db, shop, [HERE, HERE]);
    const delivery = await created(null, [first!]);
    const assign = (candidates: string[]) =>
      assignDelivery(db, nobody, {
        shop_id: shop,
        delivery_id: delivery.id,
        candidates,
        reasons: null,
        named: true,
        final: true,
      });
    expect(await assign([second!])).toMatchObject({
      result: { outcome: 'assigned', delivery: { driver_id: second, version: 4, attempt: 2 } },
    });
    expect(await driverRow(first!)).toMatchObject({ load: 0, status: 'AVAILABLE' });
    expect(await assign([second!])).toMatchObject({ result: { outcome: 'unchanged' } });
    const read = await readDelivery(db, shop, delivery.id, null);
    expect(read?.events.map((event) => event.type)).toEqual(['CREATED', 'ASSIGNED', 'UNASSIGNED', 'ASSIGNED']);
  });
});

describe('move', () => {
  const path: readonly DeliveryStatus[] = ['PICKED_UP', 'IN_TRANSIT', 'DELIVERED'];
  test('to the door and the driver is free again', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const delivery = await created(null, [driver!]);
    for (const to of path) {
      expect(await moveDelivery(db, nobody, move(delivery.id, to))).toMatchObject({ result: { outcome: 'moved' } });
    }
    expect(await driverRow(driver!)).toMatchObject({ load: 0, status: 'AVAILABLE' });
    expect(await moveDelivery(db, nobody, move(delivery.id, 'DELIVERED'))).toMatchObject({
      result: { outcome: 'unchanged' },
    });
    expect(await moveDelivery(db, nobody, move(delivery.id, 'CANCELLED'))).toMatchObject({
      result: { outcome: 'illegal', previous: 'DELIVERED' },
    });
    const read = await readDelivery(db, shop, delivery.id, null);
    expect(read?.events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('twenty times delivered at once: once', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE], { capacity: 3 });
    const delivery = await created(null, [driver!]);
    await moveDelivery(db, nobody, move(delivery.id, 'PICKED_UP'));
    const ran = await Promise.all(
      Array.from({ length: 20 }, () => moveDelivery(db, nobody, move(delivery.id, 'DELIVERED'))),
    );
    expect(ran.filter((each) => each.kind === 'done' && each.result.outcome === 'moved')).toHaveLength(1);
    expect(await driverRow(driver!)).toMatchObject({ load: 0 });
  });

  test('the pincode is asked for at the door', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const delivery = await created(null, [driver!], { pincode: '4711' });
    await moveDelivery(db, nobody, move(delivery.id, 'PICKED_UP'));
    expect(await moveDelivery(db, nobody, move(delivery.id, 'DELIVERED', { pincode: '1' }))).toMatchObject({
      result: { outcome: 'wrong_pincode' },
    });
    expect(await moveDelivery(db, nobody, move(delivery.id, 'DELIVERED', { pincode: '4711' }))).toMatchObject({
      result: { outcome: 'moved' },
    });
  });

  test('unassigned by his rejection: waits again, without him', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const delivery = await created(null, [driver!]);
    const ran = await moveDelivery(
      db,
      nobody,
      move(delivery.id, 'PENDING', { failure_code: 'DRIVER_REJECTED', exclude: true }),
    );
    expect(ran).toMatchObject({
      result: {
        outcome: 'moved',
        delivery: { status: 'PENDING', attempt: 2, driver_id: null, excluded_driver_ids: [driver] },
      },
    });
    expect(
      await assignDelivery(db, nobody, {
        shop_id: shop,
        delivery_id: delivery.id,
        candidates: [driver!],
        reasons: null,
        named: false,
        final: true,
      }),
    ).toMatchObject({ result: { outcome: 'lost' } });
  });

  test('another driver’s or another shop’s delivery is not found', async () => {
    const [driver, other] = await buildDrivers(db, shop, [HERE, HERE]);
    const delivery = await created(null, [driver!]);
    expect(await moveDelivery(db, nobody, move(delivery.id, 'PICKED_UP', { driver_id: other! }))).toMatchObject({
      result: { outcome: 'not_found' },
    });
    expect(
      await moveDelivery(db, nobody, move(delivery.id, 'PICKED_UP', { shop_id: await buildShop(db) })),
    ).toMatchObject({
      result: { outcome: 'not_found' },
    });
  });
});

describe('the rest', () => {
  test('coordinates that come later set the search going', async () => {
    const delivery = await created('C1', [], { dropoff_lat: null, dropoff_lon: null });
    const which = { shop_id: shop, delivery_id: delivery.id, order_ref: null };
    expect(
      await changeDelivery(db, nobody, which, { dropoff_lat: 1, dropoff_lon: 2, dropoff: { name: 'Asha' } }),
    ).toMatchObject({
      result: {
        outcome: 'changed',
        delivery: { dispatch: 'searching', version: 2, dropoff: { address: 'there', name: 'Asha' } },
      },
    });
  });

  test('a cancel that came first leaves a tombstone that its order finds', async () => {
    expect(await buryOrder(db, nobody, { shop_id: shop, order_ref: 'D1' })).toMatchObject({
      result: { outcome: 'moved' },
    });
    expect(await buryOrder(db, nobody, { shop_id: shop, order_ref: 'D1' })).toMatchObject({
      result: { outcome: 'exists' },
    });
    expect(await createDelivery(db, nobody, order('D1'))).toMatchObject({
      result: { outcome: 'exists', delivery: { status: 'CANCELLED' } },
    });
  });

  test('a driver’s life', async () => {
    const ran = await createDriver(db, nobody, {
      shop_id: shop,
      external_ref: 'e1',
      name: 'Asha',
      phone: null,
      vehicle: null,
      capacity: 2,
    });
    if (ran.kind !== 'done' || ran.result.outcome !== 'created') throw new Error(JSON.stringify(ran));
    const which = { shop_id: shop, driver_id: ran.result.driver.id };
    expect(ran.result.driver).toMatchObject({ status: 'OFFLINE', load: 0, version: 1 });
    expect(
      await createDriver(db, nobody, {
        shop_id: shop,
        external_ref: 'e1',
        name: 'B',
        phone: null,
        vehicle: null,
        capacity: 1,
      }),
    ).toMatchObject({ result: { outcome: 'ref_taken' } });
    expect(await setDuty(db, nobody, { ...which, duty: 'AVAILABLE', contact: true })).toMatchObject({
      result: { outcome: 'changed', driver: { version: 2 } },
    });
    expect(await setDuty(db, nobody, { ...which, duty: 'AVAILABLE', contact: true })).toMatchObject({
      result: { outcome: 'unchanged' },
    });
    await created(null, [which.driver_id]);
    await created(null, [which.driver_id]);
    expect(await driverRow(which.driver_id)).toMatchObject({ load: 2, status: 'BUSY' });
    expect(await changeDriver(db, nobody, which, { capacity: 1 })).toMatchObject({
      result: { outcome: 'capacity_in_use' },
    });
    expect(await changeDriver(db, nobody, which, { capacity: 3, phone: '+49' })).toMatchObject({
      result: { outcome: 'changed', driver: { status: 'AVAILABLE', name: 'Asha', phone: '+49' } },
    });
    expect(await retireDriver(db, nobody, which)).toMatchObject({ result: { outcome: 'busy' } });
    expect(await grantToken(db, nobody, { ...which, revoke: true })).toMatchObject({
      result: { outcome: 'granted', token_version: 2 },
    });
  });
});

let turn: Promise<unknown> = Promise.resolve();
/** At most 20 of these under way: the pool's turnstile refuses those that would wait for more than half a second. */
function inTurn<T>(n: number, work: () => Promise<T>): Promise<T> {
  if (n % 20 !== 0) return turn.then(work);
  const batch = turn.then(work);
  turn = batch.catch(() => undefined);
  return batch;
}
