import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { lockWaiters, whileStranger } from '#shared/testing/stranger.ts';
import { commitRoute } from './arrange-route.ts';
import { commitPlan, type PlanInput } from './commit-plan.ts';
import { commitHold, commitRelease, releaseDue } from './hold-delivery.ts';
import { commitMove } from './move-delivery.ts';
import { selectRoute } from './read-route.ts';
import { selectDelivery } from './reads.ts';

/*
 * What random races do not find: two commands that both wait behind a stranger's lock with their snapshots taken, on a
 * delivery or on a driver, in either order. None may fail, and whoever comes second sees what the first one did.
 */

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: string;
/** `mine` has `first` and `second`; `other` has nothing; `waiting` has nobody. */
let mine: string;
let other: string;
let first: string;
let second: string;
let waiting: string;
let version: number;

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop } = commands);
});
afterAll(() => commands.close());
beforeEach(async () => {
  [mine, other] = (await buildDrivers(db, shop, [HERE, HERE], { capacity: 5 })) as [string, string];
  first = (await commands.created(null, [mine], { size: 2 })).id;
  second = (await commands.created(null, [mine])).id;
  waiting = (await commands.created(null)).id;
  version = (await selectRoute(db, shop, mine))!.driver.version;
});

const stops = () =>
  [second, first].flatMap((delivery) => [
    { delivery, kind: 'pickup' as const, at: null },
    { delivery, kind: 'dropoff' as const, at: null },
  ]);
const arrange = () =>
  commitRoute(db, nobody, { shop_id: shop, driver_id: mine, version, fixed_stops: 4, stops: stops() });
const move = (delivery: string, to: Parameters<ShopCommands['move']>[1]) => () =>
  commitMove(db, nobody, commands.move(delivery, to));

const kept = (delivery: string, at: number) => ({
  driver: mine,
  delivery,
  role: 'kept' as const,
  version: null,
  pickup_rank: at,
  dropoff_rank: at + 1,
  pickup_at: null,
  dropoff_at: null,
  data: null,
});
const row = (driver: string, of: number, grp = 1) => ({
  driver,
  version: of,
  grp,
  fixed_rank: 0,
  changes: true,
  route: [],
});
const plan = (rest: Partial<PlanInput>) => () =>
  commitPlan(db, nobody, { shop_id: shop, rows: [], parts: [], holds: [], decisions: [], eta_change_s: 300, ...rest });

const resequence = () => plan({ rows: [row(mine, version)], parts: [kept(second, 1), kept(first, 3)] })();
/** Takes `first` from its driver. */
const takeBack = () =>
  plan({ rows: [row(mine, version)], parts: [{ ...kept(first, 1), role: 'taken' }, kept(second, 1)] })();
const giveWaiting = () =>
  plan({ rows: [row(other, 1)], parts: [{ ...kept(waiting, 1), driver: other, role: 'new', version: 1 }] })();
const keepWaiting = () =>
  plan({
    holds: [
      {
        delivery: waiting,
        version: 1,
        state: 'held',
        reason: 'not_ready',
        until: '2040-01-01T00:00:00Z',
        next_at: '2040-01-01T00:00:00Z',
        pickup_at: null,
        dropoff_at: null,
      },
    ],
  })();
const hold = () => commitHold(db, nobody, { shop_id: shop, delivery_id: waiting, until: null, note: null });
const release = () => commitRelease(db, nobody, { shop_id: shop, delivery_id: waiting });

type Command = () => Promise<unknown>;
const ROUTES: Readonly<Record<string, Command>> = {
  'a pickup': () => move(first, 'PICKED_UP')(),
  'a delivery': () => move(first, 'DELIVERED')(),
  'a cancellation': () => move(first, 'CANCELLED')(),
  'a failure': () => move(first, 'FAILED')(),
  'one more by hand': () => commands.assign(waiting, mine),
  'one to somebody else by hand': () => commands.assign(first, other),
  'another order': () => arrange(),
  'a plan’s order': () => resequence(),
  'a plan that takes one': () => takeBack(),
};
/** What needs the parcel aboard. */
const AFTER_PICKUP = ['a delivery', 'a failure'];
const prepare = async (name: string) => {
  if (AFTER_PICKUP.includes(name)) await move(first, 'PICKED_UP')();
};
const HOLDS: Readonly<Record<string, Command>> = {
  'an assignment by hand': () => commands.assign(waiting, other),
  'a cancellation': () => move(waiting, 'CANCELLED')(),
  'a plan that gives it': () => giveWaiting(),
  'a plan that holds it': () => keepWaiting(),
  'another hold': () => hold(),
  'a release': () => release(),
};

/** Starts the commands one after the other, each when the one before waits (or is through) behind `lock`. */
async function meet(lock: { table: 'delivery' | 'driver'; id: string }, list: readonly Command[]): Promise<unknown[]> {
  const answers: Promise<unknown>[] = [];
  let through = 0;
  await whileStranger(
    commands.url,
    `SELECT 1 FROM dispatch.${lock.table} WHERE id = $1 FOR UPDATE`,
    [lock.id],
    async () => {
      for (const command of list) {
        const answer = command();
        answer
          .catch(() => {})
          .finally(() => {
            through += 1;
          });
        answers.push(answer);
        await eventually(async () => (await lockWaiters(db)) + through >= answers.length);
      }
    },
  );
  return Promise.all(answers);
}

async function noHarm(): Promise<void> {
  expect(await brokenRoutes(db)).toEqual([]);
  const gaps = await db.run(
    `SELECT x.id FROM dispatch.delivery x JOIN dispatch.delivery_event e ON e.delivery_id = x.id GROUP BY x.id
     HAVING count(*) <> x.version OR max(e.seq) <> x.version`,
  );
  expect(gaps).toEqual([]);
}

describe.each(['delivery', 'driver'] as const)('a new order of stops, behind a locked %s', (table) => {
  const locked = () => ({ table, id: table === 'delivery' ? first : mine });
  test.each(Object.keys(ROUTES))('and %s', async (name) => {
    await prepare(name);
    await meet(locked(), [arrange, ROUTES[name]!]);
    await noHarm();
  });
  test.each(Object.keys(ROUTES))('after %s', async (name) => {
    await prepare(name);
    const [, answer] = await meet(locked(), [ROUTES[name]!, arrange]);
    await noHarm();
    const { driver } = (await selectRoute(db, shop, mine))!;
    const { outcome } = (answer as { result: { outcome: string } }).result;
    // Only a pickup leaves the version as it was: whatever else came first has the order refused.
    expect([outcome, driver.version]).toEqual([name === 'a pickup' ? 'arranged' : 'route_changed', version + 1]);
  });
});

describe('a hold, behind a locked delivery', () => {
  const locked = () => ({ table: 'delivery' as const, id: waiting });
  test.each(Object.keys(HOLDS))('and %s', async (name) => {
    await meet(locked(), [hold, HOLDS[name]!]);
    await noHarm();
    const { delivery } = (await selectDelivery(db, shop, waiting, null))!;
    // A plan made before it does not undo it; a person may.
    const undone = { 'an assignment by hand': 'settled', 'a cancellation': 'settled', 'a release': 'searching' }[name];
    expect(delivery.dispatch).toBe(undone ?? 'paused');
  });
  test.each(Object.keys(HOLDS))('after %s', async (name) => {
    await meet(locked(), [HOLDS[name]!, hold]);
    await noHarm();
    const { delivery } = (await selectDelivery(db, shop, waiting, null))!;
    const ended = ['an assignment by hand', 'a cancellation', 'a plan that gives it'].includes(name);
    expect(delivery.dispatch).toBe(ended ? 'settled' : 'paused');
  });
  test('the sweep meets a release, an assignment and a cancellation: one of them has it', async () => {
    for (const rival of [release, () => commands.assign(waiting, other), move(waiting, 'CANCELLED')]) {
      await commitHold(db, nobody, {
        shop_id: shop,
        delivery_id: waiting,
        until: '2020-01-01T00:00:00Z',
        note: null,
      });
      await meet(locked(), [rival, () => releaseDue(db)]);
      await releaseDue(db);
      await noHarm();
      const { delivery, events } = (await selectDelivery(db, shop, waiting, null))!;
      expect(delivery.dispatch).not.toBe('paused');
      expect(events.filter(({ type }) => type === 'RELEASED').length).toBeLessThanOrEqual(1);
      waiting = (await commands.created(null)).id;
    }
  });
});
