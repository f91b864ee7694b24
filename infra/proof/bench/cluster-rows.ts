import { randomUUID } from 'node:crypto';
import { startRedisCluster } from '#infra/workshop/embedded/redis-cluster.ts';
import { type Availability, openAvailability } from '#shared/availability/open-availability.ts';
import { snapToGrid } from '#shared/domain/geo.ts';
import { judged, percentile, type Row, sample, sideBySide } from './figures.ts';
import { fill } from './nearest-rows.ts';
import type { BenchOptions } from './options.ts';
import { metered } from './process-cpu.ts';
import { CENTER, placeNear, seeded } from './seed.ts';
import type { World } from './world.ts';

type Measured = Awaited<ReturnType<Parameters<typeof metered>[1]>>;

const LARGE = 200_000;
const SHOPS = 24;
const DRIVERS_PER_SHOP = 500;

/** The same work on a three-node cluster and on one node; then one shop of 200,000 drivers in the cluster. */
export async function clusterRows(world: World): Promise<Row[]> {
  const cluster = await startRedisCluster();
  if (cluster === null) throw new Error('no Redis');
  const many = openAvailability({ url: cluster.urls[0] ?? '', cluster: true, commandTimeoutMs: 10_000 });
  const one = openAvailability({ url: world.redis.url, commandTimeoutMs: 10_000 });
  try {
    const shops = Array.from({ length: SHOPS }, () => randomUUID());
    const idsIn = async (store: Availability) => {
      const ids: string[][] = [];
      for (const [i, shop] of shops.entries()) ids.push(await fill(store, shop, places(DRIVERS_PER_SHOP, i)));
      return ids;
    };
    const [theirs, ours] = [await idsIn(one), await idsIn(many)];
    const both = await sideBySide(
      world.options.rounds,
      () => metered(cluster.pids, () => mixedLoad(many, shops, ours, world.options.seconds)),
      () => metered([world.redis.pid], () => mixedLoad(one, shops, theirs, world.options.seconds)),
    );
    return [
      {
        name: 'Redis Cluster, 3 nodes',
        unit: 'calls/s',
        ...both,
        wanted: '–',
        reached: null,
        notes: [
          `floor: one node; ${SHOPS} shops, 4 batches of 50 fixes to 1 search, 16 under way; CPU of the nodes and of who asks; ${both.spread}`,
        ],
      },
      await largeShop(many, cluster.pids, world.options),
    ];
  } finally {
    await Promise.all([many.close(), one.close()]);
    await cluster.stop();
  }
}

function places(count: number, seed: number) {
  const random = seeded(seed + 100);
  return Array.from({ length: count }, () => placeNear(CENTER, 8_000, random));
}

async function mixedLoad(
  store: Availability,
  shops: readonly string[],
  ids: readonly (readonly string[])[],
  seconds: number,
): Promise<Measured> {
  const times: number[] = [];
  const random = seeded(7);
  const until = performance.now() + seconds * 1000;
  const client = async () => {
    while (performance.now() < until) {
      const which = Math.floor(random() * shops.length);
      const shop = shops[which] ?? '';
      const startedAt = performance.now();
      if (random() < 0.2)
        await store.search(shop, { center: placeNear(CENTER, 6_000, random), radiusM: 10_000, limit: 10 });
      else await store.locate(shop, fixesOf(ids[which] ?? [], random));
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  const ofTimes = { p50Ms: percentile(times, 50), p99Ms: percentile(times, 99) };
  return { sample: sample(times.length / seconds, ofTimes), operations: times.length };
}

function fixesOf(ids: readonly string[], random: () => number) {
  const first = Math.floor(random() * ids.length);
  return Array.from({ length: 50 }, (_, i) => ({
    driverId: ids[(first + i) % ids.length] ?? '',
    position: snapToGrid(placeNear(CENTER, 8_000, random)),
    recordedAtMs: Date.now(),
  }));
}

async function largeShop(
  store: Availability,
  pids: readonly number[],
  { rounds, seconds }: BenchOptions,
): Promise<Row> {
  const [large, small] = [randomUUID(), randomUUID()];
  await fill(store, small, places(1_000, 1));
  await fill(store, large, places(LARGE, 2));
  const both = await sideBySide(
    rounds,
    () => metered(pids, () => searchTimes(store, large, seconds)),
    () => metered(pids, () => searchTimes(store, small, seconds)),
  );
  return {
    name: 'one shop of 200,000',
    unit: 'ms p99',
    ...both,
    wanted: '≤ 1.5 of p99 at 1k',
    reached: judged(both, both.ratio <= 1.5),
    notes: [`in the cluster; nearest 10, one search at a time; floor: a shop of 1,000 there; ${both.spread}`],
  };
}

async function searchTimes(store: Availability, shop: string, seconds: number): Promise<Measured> {
  const random = seeded(8);
  const times: number[] = [];
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    const startedAt = performance.now();
    const found = await store.search(shop, { center: placeNear(CENTER, 7_000, random), radiusM: 10_000, limit: 10 });
    times.push(performance.now() - startedAt);
    // Nobody reports here: after a minute all are silent, and what is measured is how they are cleared away.
    if (found.length < 10) throw new Error('The drivers fell silent: fewer rounds, or shorter ones');
  }
  const p99Ms = percentile(times, 99);
  return { sample: sample(p99Ms, { p50Ms: percentile(times, 50), p99Ms }), operations: times.length };
}
