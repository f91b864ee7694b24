import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { driverState } from '#shared/testing/flow-deps.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { buryOrder } from './bury-order.ts';
import { commitDuty } from './change-driver.ts';
import { createDeliveries, createDelivery } from './create-delivery.ts';
import { selectDelivery } from './reads.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: ShopCommands['shop'];
let withKey: ShopCommands['withKey'];
let order: ShopCommands['order'];
let created: ShopCommands['created'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop, withKey, order, created } = commands);
});
afterAll(() => commands.close());

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
    await commitDuty(db, nobody, { shop_id: shop, driver_id: busy!, duty: 'BUSY', contact: false });
    const ran = await createDelivery(db, nobody, order('A3', [busy!, free!]));
    expect(ran).toMatchObject({
      kind: 'done',
      result: {
        outcome: 'created',
        delivery: { status: 'ASSIGNED', driver_id: free, version: 2, dispatch: 'settled', exclusive: true },
      },
      drivers: [{ id: free, status: 'BUSY', version: 2, shop_id: shop, lat: expect.closeTo(north(10).lat, 4) }],
    });
    const events = await selectDelivery(
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

  test('20 copies of one order at once: one delivery, one driver', async () => {
    const drivers = await buildDrivers(
      db,
      shop,
      Array.from({ length: 20 }, (_, n) => north(n)),
    );
    const copies = await Promise.all(
      drivers.map((_, n) => createDelivery(db, withKey(`copy-${n}`), order('A5', drivers))),
    );
    expect(copies.filter((ran) => ran.kind === 'done' && ran.result.outcome === 'created')).toHaveLength(1);
    const rows = await Promise.all(drivers.map((id) => driverState(db, id)));
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

describe('create, several orders in one statement', () => {
  test('never gives one driver two of them, whoever is named: the first has them', async () => {
    const [one = '', two = ''] = await buildDrivers(db, shop, [HERE, HERE], { capacity: 5 });
    const orders = [order('G1', [one]), order('G2', [one, two]), order('G3', [one])];
    const [first, second, third] = await createDeliveries(
      db,
      orders.map((input) => ({ who: nobody, input })),
    );
    expect(first).toMatchObject({ result: { outcome: 'created', delivery: { driver_id: one } } });
    expect(second).toMatchObject({ result: { outcome: 'created', delivery: { status: 'PENDING', driver_id: null } } });
    expect(third).toMatchObject({ result: { outcome: 'created', delivery: { status: 'PENDING', driver_id: null } } });
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
