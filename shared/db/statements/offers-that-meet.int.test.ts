import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runBehind } from '#shared/testing/behind.ts';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { refuseUntold } from '#shared/testing/refuse-untold.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import type { Db } from '../open-db.ts';
import { commitAcceptance, commitDecline } from './answer-offer.ts';
import { assignDelivery } from './assign-delivery.ts';
import { commitDeliveryChange } from './change-delivery.ts';
import { commitDriverChange, commitDuty, commitRetirement } from './change-driver.ts';
import { commitHold } from './hold-delivery.ts';
import { makeOffers } from './make-offers.ts';
import { commitMove } from './move-delivery.ts';
import { settleOffers } from './settle-offers.ts';

/* Every command that an offer can meet, behind every other one: see pairs-of-commands.int.test.ts. */

let commands: ShopCommands;
let db: Db;
let shop: string;
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

/** Two orders that one driver is asked to bring together, or several drivers are. */
interface World {
  deliveries: readonly [string, string];
  driver: string;
  other: string;
  /** The driver's, and the other's where several are asked. */
  offers: readonly string[];
}

async function offered(on: Db, deliveries: readonly string[], drivers: readonly string[], exclusive: boolean) {
  const versions = await on.run<{ id: string; version: number }>(
    'SELECT id, version FROM dispatch.delivery WHERE id = ANY ($1::uuid[])',
    [`{${deliveries.join(',')}}`],
  );
  const ran = await makeOffers(on, nobody, {
    shop_id: shop,
    trips: [{ trip: 0, exclusive, wave: 1 }],
    parts: versions.map(({ id, version }) => ({ trip: 0, delivery: id, version, pickup_at: null, dropoff_at: null })),
    askings: drivers.map((driver) => ({ trip: 0, driver, version: null })),
    spent: [],
    answer_s: 60,
    decisions: [],
  });
  return ran;
}

async function offerOf(driver: string): Promise<string> {
  const [row] = await db.run<{ id: string }>(
    `SELECT id FROM dispatch.offer WHERE driver_id = $1 AND state = 'open' ORDER BY id DESC LIMIT 1`,
    [driver],
  );
  return row!.id;
}

async function newWorld(exclusive: boolean): Promise<World> {
  const [driver = '', other = ''] = await buildDrivers(db, shop, [HERE, HERE], { capacity: 2 });
  const deliveries = [(await commands.created(null)).id, (await commands.created(null)).id] as const;
  const drivers = exclusive ? [driver] : [driver, other];
  expect(await offered(db, deliveries, drivers, exclusive)).toMatchObject({ result: { trips: [0] } });
  return { deliveries, driver, other, offers: await Promise.all(drivers.map(offerOf)) };
}

type Run = (db: Db, world: World) => Promise<unknown>;

const assign =
  (whom: 'driver' | 'other'): Run =>
  (on, world) =>
    assignDelivery(on, nobody, {
      shop_id: shop,
      delivery_id: world.deliveries[0],
      driver_id: world[whom],
      overrides: [],
      pinned: true,
      by_hand: true,
    });
const answer = (world: World, last = false) => ({
  shop_id: shop,
  offer_id: last ? world.offers.at(-1)! : world.offers[0]!,
  driver_id: null,
});
/** As the clock does. */
const expire: Run = (on, { offers }) =>
  on.run(`UPDATE dispatch.offer SET expires_at = now() - interval '1 s' WHERE id = ANY ($1::uuid[])`, [
    `{${offers.join(',')}}`,
  ]);

const COMMANDS: Readonly<Record<string, Run>> = {
  accept: (on, world) => commitAcceptance(on, nobody, answer(world)),
  'accept by the last one asked': (on, world) => commitAcceptance(on, nobody, answer(world, true)),
  decline: (on, world) => commitDecline(on, nobody, { ...answer(world), reason: 'too_far' }),
  'decline by the last one asked': (on, world) =>
    commitDecline(on, nobody, { ...answer(world, true), reason: 'other' }),
  'settle after its time': async (on, world) => {
    await expire(on, world);
    return settleOffers(on, nobody, shop);
  },
  'withdraw for a person': (on, { deliveries }) => settleOffers(on, nobody, shop, deliveries[0]),
  'offer them to the other': (on, { deliveries, other }) => offered(on, deliveries, [other], true),
  'cancel one of them': (on, { deliveries }) =>
    commitMove(on, nobody, commands.move(deliveries[1], 'CANCELLED', { by_shop: true })),
  'hold one of them': (on, { deliveries }) =>
    commitHold(on, nobody, { shop_id: shop, delivery_id: deliveries[1], until: null, note: null }),
  'change one of them': (on, { deliveries }) =>
    commitDeliveryChange(
      on,
      nobody,
      { shop_id: shop, delivery_id: deliveries[0], order_ref: null },
      { notes: 'new', size: 2, pickup_lat: 1 },
    ),
  'assign one of them to who is asked': assign('driver'),
  'assign one of them to another': assign('other'),
  OFFLINE: (on, { driver }) =>
    commitDuty(on, nobody, { shop_id: shop, driver_id: driver, duty: 'OFFLINE', contact: true }),
  'less capacity': (on, { driver }) =>
    commitDriverChange(on, nobody, { shop_id: shop, driver_id: driver }, { capacity: 1 }),
  'retire who is asked': (on, { driver }) => commitRetirement(on, nobody, { shop_id: shop, driver_id: driver }),
};

const names = Object.keys(COMMANDS);
test.each(names)(
  '%s, and every command behind it: never an error, the tables agree, and nothing is kept for what is over',
  async (first) => {
    for (const second of names) {
      for (const exclusive of [true, false]) {
        const world = await newWorld(exclusive);
        const of = (name: string) => (on: Db) => COMMANDS[name]!(on, world);
        const what = `${second} behind ${first}, ${exclusive ? 'one' : 'several'} asked`;
        await expect(runBehind(holder, db, of(first), of(second)), what).resolves.toMatchObject({ kind: 'done' });
        expect(await brokenRoutes(db), what).toEqual([]);
        await settleOffers(db, nobody, shop);
        expect(await brokenRoutes(db), what).toEqual([]);
        expect(await withoutAnybody(db), what).toEqual([]);
      }
    }
  },
  90_000,
);

/** Deliveries that say they are offered, while nobody is asked and nothing will come of it by the clock. */
function withoutAnybody(on: Db) {
  return on.run(
    `SELECT id FROM dispatch.delivery x WHERE dispatch = 'offered' AND next_dispatch_at > now() AND NOT EXISTS (
       SELECT 1 FROM dispatch.offer o WHERE o.state = 'open' AND x.id = ANY (o.delivery_ids) AND o.created_at = x.offered_at)`,
  );
}

/** As many as there are connections: whoever waits longer for one is told to come again. */
const AT_ONCE = 16;
test('a thousand say yes: one has it, and each other one is told that it is taken', async () => {
  const drivers = await buildDrivers(
    db,
    shop,
    Array.from({ length: 1_000 }, () => HERE),
  );
  const { id } = await commands.created(null);
  await offered(db, [id], drivers, false);
  const rows = await db.run<{ id: string }>(`SELECT id FROM dispatch.offer WHERE $1::uuid = ANY (delivery_ids)`, [id]);
  expect(rows).toHaveLength(1_000);
  const answers: unknown[] = [];
  const left = [...rows];
  const sender = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const ran = await commitAcceptance(db, nobody, { shop_id: shop, offer_id: next.id, driver_id: null });
      answers.push(ran.kind === 'done' && (ran.result.outcome === 'over' ? ran.result.why : ran.result.outcome));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  expect(answers.filter((each) => each === 'accepted')).toHaveLength(1);
  expect(answers.filter((each) => each === 'taken')).toHaveLength(999);
  expect(await brokenRoutes(db)).toEqual([]);
}, 60_000);
