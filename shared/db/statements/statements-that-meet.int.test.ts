import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDrivers, HERE, north } from '#shared/testing/builders.ts';
import { driverState } from '#shared/testing/flow-deps.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { waitingForLocks, whileStranger } from '#shared/testing/stranger.ts';
import { createDelivery } from './create-delivery.ts';
import { commitMove } from './move-delivery.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let url: ShopCommands['url'];
let shop: ShopCommands['shop'];
let withKey: ShopCommands['withKey'];
let order: ShopCommands['order'];
let created: ShopCommands['created'];
let move: ShopCommands['move'];
let assign: ShopCommands['assign'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, url, shop, withKey, order, created, move, assign } = commands);
});
afterAll(() => commands.close());

describe('statements that meet', () => {
  test('a driver somebody else holds is passed over, not waited for', async () => {
    const [held, free] = await buildDrivers(db, shop, [HERE, north(10)]);
    await whileStranger(url, 'SELECT 1 FROM dispatch.driver WHERE id = $1 FOR UPDATE', [held!], async () => {
      expect(await created(null, [held!])).toMatchObject({ status: 'PENDING' });
      expect(await created(null, [held!, free!])).toMatchObject({ driver_id: free });
    });
    expect(await created(null, [held!, free!])).toMatchObject({ driver_id: held });
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
    await whileStranger(url, insert, [shop], async () => {
      copies = Promise.all(drivers.map((_, n) => createDelivery(db, withKey(`meet-${n}`), order('MEET', drivers))));
      await waitingForLocks(db, 10);
    });
    const outcomes = (await copies).map((ran) => ran.kind === 'done' && ran.result.outcome);
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'lost')).toHaveLength(9);
    const rows = await Promise.all(drivers.map((id) => driverState(db, id)));
    expect(rows.filter((row) => row.load === 1)).toHaveLength(1);
  });

  test('ten steps of one delivery that meet at its row: one is taken', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE], { capacity: 5 });
    const delivery = await created(null, [driver!]);
    let steps: Promise<Awaited<ReturnType<typeof commitMove>>[]> = Promise.resolve([]);
    await whileStranger(url, 'SELECT 1 FROM dispatch.delivery WHERE id = $1 FOR UPDATE', [delivery.id], async () => {
      steps = Promise.all(Array.from({ length: 10 }, () => commitMove(db, nobody, move(delivery.id, 'CANCELLED'))));
      await waitingForLocks(db, 10);
    });
    const outcomes = (await steps).map((ran) => ran.kind === 'done' && ran.result.outcome);
    expect(outcomes.sort()).toEqual(['moved', ...Array(9).fill('unchanged')]);
    expect(await driverState(db, driver!)).toMatchObject({ load: 0 });
  });

  test('a cancel that began before the delivery was assigned gives the driver’s place back', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const delivery = await created(null);
    const stranger = postgres(url, { max: 1 });
    let cancel: ReturnType<typeof commitMove> | undefined;
    await stranger.begin(async (sql) => {
      await sql.unsafe('SELECT 1 FROM dispatch.delivery WHERE id = $1 FOR UPDATE', [delivery.id]);
      cancel = commitMove(db, nobody, move(delivery.id, 'CANCELLED'));
      await waitingForLocks(db, 1);
      await sql.unsafe('UPDATE dispatch.driver SET load = 1, version = version + 1 WHERE id = $1', [driver!]);
      await sql.unsafe(
        `UPDATE dispatch.delivery SET status = 'ASSIGNED', dispatch = 'settled', driver_id = $2, version = 2, pickup_rank = 1,
          dropoff_rank = 2 WHERE id = $1`,
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
    expect(await driverState(db, driver!)).toMatchObject({ load: 0, status: 'AVAILABLE' });
  });

  test('ten deliveries for the last place of a driver, all having seen it free: one gets it', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const waiting = await Promise.all(Array.from({ length: 10 }, () => created(null)));
    let tries: Promise<Awaited<ReturnType<ShopCommands['assign']>>[]> = Promise.resolve([]);
    // Each waits for its own row with its snapshot taken; then all of them go for the driver at once.
    await whileStranger(url, 'SELECT 1 FROM dispatch.delivery WHERE shop_id = $1 FOR UPDATE', [shop], async () => {
      tries = Promise.all(waiting.map(({ id }) => assign(id, driver!)));
      await waitingForLocks(db, 10);
    });
    const outcomes = (await tries).map((ran) => ran.kind === 'done' && ran.result.outcome);
    expect(outcomes.sort()).toEqual(['assigned', ...Array(9).fill('refused')]);
    expect(await driverState(db, driver!)).toMatchObject({ load: 1, status: 'BUSY' });
  });
});
