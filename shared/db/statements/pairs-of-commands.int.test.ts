import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveryStatus } from '#shared/domain/delivery.ts';
import { runBehind } from '#shared/testing/behind.ts';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { planFor } from '#shared/testing/plan-rows.ts';
import { refuseUntold } from '#shared/testing/refuse-untold.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { lockWaiters } from '#shared/testing/stranger.ts';
import type { Db } from '../open-db.ts';
import { assignDelivery } from './assign-delivery.ts';
import { commitDeliveryChange } from './change-delivery.ts';
import { commitDriverChange, commitDuty, commitRetirement } from './change-driver.ts';
import { commitPlan } from './commit-plan.ts';
import { commitDriverErasure } from './driver-data.ts';
import { endBreaks } from './end-breaks.ts';
import { commitMove } from './move-delivery.ts';
import { commitRating } from './rate-delivery.ts';
import { commitRedelivery } from './redeliver-delivery.ts';
import { commitPincode } from './set-pincode.ts';

/*
 * Under READ COMMITTED an UPDATE that waited tries its CHECKs on the old row with the new values before it notices that
 * there is a newer one. Random races do not find that; one command put behind the other's open transaction does, every
 * time.
 */

let commands: ShopCommands;
let db: Db;
let shop: string;
/** Holds the first command of a pair open. */
let holder: postgres.Sql;
beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop } = commands);
  await refuseUntold(db);
  holder = postgres(commands.url, { max: 1 });
});
afterAll(async () => {
  await holder.end();
  await commands.close();
});

/** What a pair is about: a driver with one delivery in hand, another driver, and a delivery that waits. */
interface World {
  driver: string;
  other: string;
  held: string;
  waiting: string;
}

async function newWorld(): Promise<World> {
  const [driver = '', other = ''] = await buildDrivers(db, shop, [HERE, HERE], { capacity: 2 });
  const held = await commands.created(null, [driver], { pincode: '4711' });
  const waiting = await commands.created(null);
  return { driver, other, held: held.id, waiting: waiting.id };
}

type Run = (db: Db, world: World) => Promise<unknown>;

const step =
  (which: 'held' | 'waiting', to: DeliveryStatus): Run =>
  (on, world) =>
    commitMove(
      on,
      nobody,
      commands.move(world[which], to, { failure_code: to === 'FAILED' ? 'DAMAGED' : null, by_shop: true }),
    );
const assign =
  (which: 'held' | 'waiting', whom: 'driver' | 'other'): Run =>
  (on, world) =>
    assignDelivery(on, nobody, {
      shop_id: shop,
      delivery_id: world[which],
      driver_id: world[whom],
      overrides: [],
      pinned: true,
      by_hand: true,
    });

const COMMANDS: Readonly<Record<string, Run>> = {
  PICKED_UP: step('held', 'PICKED_UP'),
  'DELIVERED after PICKED_UP': async (on, world) => {
    await step('held', 'PICKED_UP')(on, world);
    return step('held', 'DELIVERED')(on, world);
  },
  'FAILED after PICKED_UP': async (on, world) => {
    await step('held', 'PICKED_UP')(on, world);
    return step('held', 'FAILED')(on, world);
  },
  FAILED: step('held', 'FAILED'),
  'cancel what is held': step('held', 'CANCELLED'),
  'cancel what waits': step('waiting', 'CANCELLED'),
  unassign: step('held', 'PENDING'),
  'assign what waits': assign('waiting', 'driver'),
  'assign what waits to another': assign('waiting', 'other'),
  'reassign what is held': assign('held', 'other'),
  'change what waits': (on, world) =>
    commitDeliveryChange(
      on,
      nobody,
      { shop_id: shop, delivery_id: world.waiting, order_ref: null },
      { notes: 'new', size: 2, pickup_lat: 1 },
    ),
  'rate what was handed over': async (on, world) => {
    await step('held', 'PICKED_UP')(on, world);
    await step('held', 'DELIVERED')(on, world);
    return commitRating(on, nobody, { shop_id: shop, delivery_id: world.held, stars: 4, note: 'late' });
  },
  'set another pincode': (on, { held }) =>
    commitPincode(on, nobody, { shop_id: shop, delivery_id: held, pincode: '1234' }),
  'a wrong pincode': (on, { held }) => commitMove(on, nobody, commands.move(held, 'DELIVERED', { pincode: '0000' })),
  'change what is held': (on, world) =>
    commitDeliveryChange(
      on,
      nobody,
      { shop_id: shop, delivery_id: world.held, order_ref: null },
      { notes: 'new', size: 2, dropoff_lat: 1, dropoff: { phone: '1' } },
      { partly: true },
    ),
  'make what is held too large': (on, world) =>
    commitDeliveryChange(on, nobody, { shop_id: shop, delivery_id: world.held, order_ref: null }, { size: 9 }),
  'redeliver from the vehicle': async (on, world) => {
    await step('held', 'PICKED_UP')(on, world);
    await step('held', 'FAILED')(on, world);
    return commitRedelivery(on, nobody, { shop_id: shop, delivery_id: world.held, order_ref: null }, {});
  },
  'redeliver what was cancelled': async (on, world) => {
    await step('held', 'CANCELLED')(on, world);
    return commitRedelivery(on, nobody, { shop_id: shop, delivery_id: world.held, order_ref: null }, { size: 2 });
  },
  OFFLINE: (on, { driver }) =>
    commitDuty(on, nobody, { shop_id: shop, driver_id: driver, duty: 'OFFLINE', contact: true }),
  'a break': (on, { driver }) =>
    commitDuty(on, nobody, { shop_id: shop, driver_id: driver, duty: 'BUSY', break_s: 900, contact: true }),
  'a break that is over': async (on, { driver }) => {
    await commitDuty(on, nobody, { shop_id: shop, driver_id: driver, duty: 'BUSY', break_s: 0, contact: true });
    await endBreaks(on, shop, 'relay');
    return { kind: 'done' };
  },
  'the last one': (on, { other }) =>
    commitDuty(on, nobody, { shop_id: shop, driver_id: other, duty: 'AVAILABLE', last_one: true, contact: true }),
  'less capacity': (on, { driver }) =>
    commitDriverChange(on, nobody, { shop_id: shop, driver_id: driver }, { capacity: 1 }),
  'more capacity': (on, { driver }) =>
    commitDriverChange(on, nobody, { shop_id: shop, driver_id: driver }, { capacity: 5 }),
  'retire the driver': (on, { driver }) => commitRetirement(on, nobody, { shop_id: shop, driver_id: driver }),
  'retire the other': (on, { other }) => commitRetirement(on, nobody, { shop_id: shop, driver_id: other }),
  'erase the other': (on, { other }) => commitDriverErasure(on, nobody, { shop_id: shop, driver_id: other }),
  'a plan gives what waits': async (on, world) => {
    const plan = await planFor(db, shop, [{ driver: world.driver, gets: [world.waiting] }]);
    return commitPlan(on, nobody, plan);
  },
  'a plan moves what is held': async (on, world) => {
    const moves = [
      { driver: world.driver, loses: [world.held] },
      { driver: world.other, gets: [world.held] },
    ];
    return commitPlan(on, nobody, await planFor(db, shop, moves));
  },
};

const names = Object.keys(COMMANDS);
test.each(names)(
  '%s, and every command behind it: never an error, and the tables agree',
  async (first) => {
    for (const second of names) {
      const world = await newWorld();
      const of = (name: string) => (on: Db) => COMMANDS[name]!(on, world);
      const behind = runBehind(holder, db, of(first), of(second));
      await expect(behind, `${second} behind ${first}`).resolves.toMatchObject({ kind: 'done' });
      expect(await brokenRoutes(db), `${second} behind ${first}`).toEqual([]);
    }
  },
  60_000,
);

// As fixes that come in while Redis is away: they write where drivers are, and then that Redis has to be told.
test.each(['OFFLINE', 'erase the other'])(
  '%s beside a fix of the same driver: neither stops the other',
  async (name) => {
    const world = await newWorld();
    const driver = name === 'OFFLINE' ? world.driver : world.other;
    let command: Promise<unknown> | undefined;
    await holder.begin(async (fix) => {
      await fix`UPDATE dispatch.driver_location SET seen_at = now() WHERE driver_id = ${driver}`;
      command = COMMANDS[name]!(db, world);
      command.catch(() => {});
      await eventually(async () => (await lockWaiters(db)) > 0);
      await fix`INSERT INTO dispatch.projection_dirty (driver_id, shop_id, version) VALUES (${driver}, ${shop}, 1)
      ON CONFLICT (driver_id) DO NOTHING`;
    });
    await expect(command).resolves.toMatchObject({ kind: 'done' });
  },
);
