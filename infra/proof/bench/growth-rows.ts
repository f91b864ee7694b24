import { statfs } from 'node:fs/promises';
import { type Db, openDb } from '#shared/db/open-db.ts';
import { readBoard, readChanges } from '#shared/db/statements/changes.ts';
import { readGaugeRow } from '#shared/db/statements/gauges.ts';
import { type Claim, claimEvents } from '#shared/db/statements/outbox.ts';
import { readDrivers, readDueShops, readWaiting } from '#shared/db/statements/read-snapshot.ts';
import { type DeliveryFilter, selectDeliveries } from '#shared/db/statements/reads.ts';
import { forgetDeliveries } from '#shared/db/statements/retention.ts';
import { readStats } from '#shared/db/statements/stats.ts';
import { listStranded, markUnreachable, sweepSilentDrivers } from '#shared/db/statements/sweep-drivers.ts';
import { fillEvents } from '#shared/testing/blocked-events.ts';
import { buildShop } from '#shared/testing/builders.ts';
import { openPatientDb } from '#shared/testing/patient-db.ts';
import { type Row, sample } from './figures.ts';
import { fillBlockedEvents, fillDeliveries, fillForeignEvents, fillOpen, withoutIndexes } from './long-history.ts';
import { CENTER, clearShops, defaultShopId, placeNear, seedDrivers, seeded } from './seed.ts';
import { short } from './table.ts';
import type { World } from './world.ts';

const SIZES = [100_000, 600_000, 5_000_000] as const;
/** Of a finished delivery: its row, its indexes, and what is written beside them while it is filled. */
const BYTES_EACH = 2_500;
const BLOCKED = [0, 100_000, 2_000_000] as const;
const FOREIGN = [0, 100_000, 2_400_000] as const;
const DRIVERS = 500;
const WAITING = 200;
const WARM_UP = 7;
const ROUNDS = 15;
const ROUNDS_IN_ALL = WARM_UP + ROUNDS;
/** How much longer a question may take among 50 times as many deliveries. */
const MOST_GROWTH = 1.3;
/** Below this it is the machine that is measured. */
const NOISE_MS = 0.3;

interface Asking {
  shopId: string;
  driverId: string;
}
type Ask = (db: Db, asking: Asking) => Promise<unknown>;

const list =
  (filter: Partial<DeliveryFilter>): Ask =>
  (db, { shopId }) => {
    const all = { status: null, dispatch: null, driverId: null, orderRef: null, beforeId: null, limit: 51 };
    return selectDeliveries(db, shopId, { ...all, ...filter });
  };

const ASKED: Readonly<Record<string, Ask>> = {
  'sweep of silent drivers': async (db) => {
    await sweepSilentDrivers(db);
    await markUnreachable(db);
    await listStranded(db);
  },
  board: (db, { shopId }) => readBoard(db, shopId),
  '?sellerOrderId': list({ orderRef: 'OLD-77777' }),
  '?driverId&status=ASSIGNED': (db, asking) => list({ driverId: asking.driverId, status: 'ASSIGNED' })(db, asking),
  '?driverId&status=FAILED': (db, asking) => list({ driverId: asking.driverId, status: 'FAILED' })(db, asking),
  '?status=FAILED': list({ status: 'FAILED' }),
  '?status=RETURNED': list({ status: 'RETURNED' }),
  '?status=IN_TRANSIT': list({ status: 'IN_TRANSIT' }),
  'all deliveries, first page': list({}),
  'numbers of 12 h': (db, { shopId }) => readStats(db, shopId, new Date(Date.now() - 12 * 3_600_000).toISOString()),
  gauges: (db) => readGaugeRow(db),
  'what waits, and who': async (db, { shopId, driverId }) => {
    await readDueShops(db);
    await readWaiting(db, shopId, null);
    await readDrivers(db, shopId, { driverIds: [driverId], mostBusy: 150, center: [1, 0, 0], countToday: true });
  },
  'a look for what to forget': (db) => forgetDeliveries(db, 3_650),
};

/** What questions take among 100,000, 600,000 and 5 million finished deliveries, as far as `--deliveries` goes. */
export async function growthRows(world: World): Promise<Row[]> {
  const sizes = SIZES.filter((size) => size <= world.options.deliveries);
  await assertRoom(world, (sizes.at(-1) ?? 0) * BYTES_EACH);
  return withConnections(world, async (filling, db) => {
    const shopId = await defaultShopId(filling);
    const random = seeded(13);
    const places = Array.from({ length: DRIVERS }, () => placeNear(CENTER, 8_000, random));
    const [driverId = ''] = await seedDrivers(filling, shopId, places);
    await fillOpen(filling, shopId, WAITING);
    const took = new Map<string, number[]>(Object.keys(ASKED).map((name) => [name, []]));
    let have = 0;
    for (const size of sizes) {
      const startedAt = performance.now();
      await withoutIndexes(filling, ['delivery'], () => fillDeliveries(filling, shopId, have, size));
      const [table] = await filling.run<{ mb: number }>(
        `SELECT round(pg_total_relation_size('dispatch.delivery') / 1e6)::int AS mb`,
      );
      world.say(
        `  ${short(size)} deliveries, ${table?.mb} MB, filled in ${Math.round((performance.now() - startedAt) / 1_000)} s`,
      );
      have = size;
      await filling.run(`UPDATE dispatch.driver_location SET seen_at = now() + interval '1 h'`);
      for (const [name, ask] of Object.entries(ASKED)) {
        const ms = await timeOf(() => ask(db, { shopId, driverId }));
        world.say(`  ${short(size)} deliveries: ${name} ${short(ms)} ms`);
        took.get(name)?.push(ms);
      }
    }
    return [...took].map(([name, times]) => rowOf(`${name}, ${sizesOf(sizes)}`, times));
  });
}

/** What a claim of 16 events takes while none, 100,000 and 2 million events of another shop are blocked. */
export function blockedRow(world: World): Promise<Row> {
  return withConnections(world, async (filling, db) => {
    const claim: Claim = { relay: 'bench', limit: 256, perShop: 16, underWay: {} };
    const [dead, well] = [await buildShop(filling), await buildShop(filling)];
    const times: number[] = [];
    let have = 0;
    for (const size of BLOCKED) {
      const fill = () => fillBlockedEvents(filling, dead, have, size);
      await withoutIndexes(filling, ['outbox', 'outbox_lane'], fill);
      have = size;
      // So many that each round takes as many as may be under way for one shop.
      await fillEvents(filling, well, ROUNDS_IN_ALL * claim.perShop, 1);
      const ms = await timeOf(() => claimEvents(db, claim));
      world.say(`  ${short(size)} blocked events: ${short(ms)} ms`);
      times.push(ms);
    }
    return rowOf(`claim of 16 events, ${sizesOf(BLOCKED)} blocked`, times);
  });
}

/** What a quiet shop's follower costs with none, 100,000 and 2.4 million events of another shop since their cursor. */
export function quietRow(world: World): Promise<Row> {
  return withConnections(world, async (filling, db) => {
    const [busy, quiet] = [await buildShop(filling), await buildShop(filling)];
    const fill = (shopId: string, from: number, to: number) =>
      withoutIndexes(filling, ['delivery_event'], () => fillForeignEvents(filling, shopId, from, to));
    await fill(quiet, 0, 5);
    const { cursor } = await readBoard(db, quiet);
    const times: number[] = [];
    let have = 0;
    for (const size of FOREIGN) {
      await fill(busy, have, size);
      have = size;
      const ms = await timeOf(() => readChanges(db, [{ shopId: quiet, after: cursor }]));
      world.say(`  ${short(size)} events of others: ${short(ms)} ms`);
      times.push(ms);
    }
    return rowOf(`changes of a quiet shop, ${sizesOf(FOREIGN)} of another`, times);
  });
}

/** @throws Error where the disk has not so much left */
async function assertRoom(world: World, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(world.postgres.dataDir);
  if (bavail * bsize < bytes)
    throw new Error(`${short(bytes / 1e9)} GB are needed, ${short((bavail * bsize) / 1e9)} GB free`);
}

/** @param measure fills with its first connection, and asks with the second, which has plans made while there was little */
async function withConnections<Rows>(world: World, measure: (filling: Db, db: Db) => Promise<Rows>): Promise<Rows> {
  const service = await world.startService();
  await service.stop();
  const filling = openPatientDb(world.postgres.url);
  const db = openDb({ url: world.postgres.url, pool: 1, prepare: true, sessionTimeouts: false });
  try {
    await clearShops(filling);
    await filling.run('SET synchronous_commit = off');
    return await measure(filling, db);
  } finally {
    await clearShops(filling);
    await Promise.all([filling.close(), db.close()]);
  }
}

/** The best of some rounds, ms: what it takes, and not what else the machine does. */
async function timeOf(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  // The first ones read from the disk, and are planned.
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    await ask();
    if (round >= 0) times.push(performance.now() - startedAt);
  }
  return Math.min(...times);
}

const sizesOf = (sizes: readonly number[]) =>
  sizes.map((size) => (size >= 1e6 ? `${size / 1e6}M` : `${size / 1e3}k`)).join(' / ');

function rowOf(name: string, times: readonly number[]): Row {
  const [first = Number.NaN] = times;
  const last = times.at(-1) ?? Number.NaN;
  return {
    name,
    unit: 'ms',
    ours: sample(last),
    floor: sample(first),
    ratio: first / last,
    wanted: `≤ ${MOST_GROWTH} times`,
    reached: last <= MOST_GROWTH * first || last - first <= NOISE_MS,
    notes: [`${times.map((ms) => short(ms)).join(' / ')} ms; floor: the same at the first size`],
  };
}
