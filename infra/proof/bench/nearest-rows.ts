import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { type Availability, openAvailability, type Projection } from '#shared/availability/open-availability.ts';
import { type Position, snapToGrid } from '#shared/domain/geo.ts';
import { median, percentile, type Row, type Sample, sample } from './figures.ts';
import { CENTER, placeNear, seeded } from './seed.ts';
import type { World } from './world.ts';

const SIZES = [1_000, 10_000, 100_000] as const;
const LIMIT = 10;
const RADIUS_M = 10_000;
const METRES_PER_DEGREE = 111_226;

/** Where the drivers are, and where it is asked from. */
const AREAS: Record<string, { driver: Place; asked: Place }> = {
  dense: { driver: (random) => placeNear(CENTER, 8_000, random), asked: (random) => placeNear(CENTER, 7_000, random) },
  sparse: {
    driver: (random) => placeNear(CENTER, 300_000, random),
    asked: (random) => placeNear(CENTER, 200_000, random),
  },
  clustered: {
    driver: (random) => placeNear(placeNear(CENTER, 8_000, lattice(random)), 150, random),
    asked: (random) => placeNear(CENTER, 8_000, lattice(random)),
  },
  empty: {
    driver: (random) => placeNear(CENTER, 8_000, random),
    asked: (random) => placeNear({ lat: CENTER.lat + 60_000 / METRES_PER_DEGREE, lon: CENTER.lon }, 5_000, random),
  },
};
type Place = (random: () => number) => Position;

/** One of ten steps per axis: what is drawn by it falls on a lattice of hundred squares. */
function lattice(random: () => number): () => number {
  return () => Math.floor(random() * 10) / 10;
}

/** The nearest 10 of N through Redis: one search at a time, so that a time is a time and no queue. */
export async function nearestRows(world: World): Promise<Row[]> {
  const rows: Row[] = [];
  for (const area of Object.keys(AREAS)) {
    const bySize: Sample[] = [];
    for (const size of SIZES) bySize.push(await searchTimes(world, area, size));
    const [small, , large] = bySize as [Sample, Sample, Sample];
    const ratio = large.value / small.value;
    rows.push({
      name: `nearest, ${area}`,
      unit: 'ms p99 at 100k',
      ours: large,
      floor: small,
      ratio,
      wanted: area === 'dense' ? '≤ 1.5 of p99 at 1k' : '–',
      reached: area === 'dense' ? ratio <= 1.5 : null,
      notes: [
        `p50/p99 ms at 1k, 10k, 100k: ${bySize.map((at) => `${at.p50Ms?.toFixed(3)}/${at.p99Ms?.toFixed(3)}`).join(', ')}`,
        `in Redis itself, µs of CPU per search: ${bySize.map((at) => at.cpuUs?.toFixed(0)).join(', ')}`,
      ],
    });
  }
  return rows;
}

async function searchTimes({ redis, options }: World, area: string, size: number): Promise<Sample> {
  const shop = randomUUID();
  const random = seeded(size);
  const places = AREAS[area] as { driver: Place; asked: Place };
  const availability = openAvailability({ url: redis.url, commandTimeoutMs: 5_000 });
  const raw = new Redis(redis.url);
  try {
    await fill(
      availability,
      shop,
      Array.from({ length: size }, () => places.driver(random)),
    );
    const ask = async () => {
      const center = places.asked(random);
      const startedAt = performance.now();
      const found = await availability.search(shop, { center, radiusM: RADIUS_M, limit: LIMIT });
      if (found === 'COLD') throw new Error('the shop is cold');
      return performance.now() - startedAt;
    };
    for (let i = 0; i < 500; i += 1) await ask();
    const before = await scriptUs(raw);
    const times: number[] = [];
    for (const until = performance.now() + options.seconds * 1000; performance.now() < until; ) times.push(await ask());
    const cpuUs = ((await scriptUs(raw)) - before) / times.length;
    const p99Ms = percentile(times, 99);
    return sample(p99Ms, { p50Ms: median(times), p99Ms, cpuUs });
  } finally {
    await raw.quit();
    await availability.close();
  }
}

/** Microseconds that all scripts so far have run. */
async function scriptUs(raw: Redis): Promise<number> {
  return Number(/cmdstat_evalsha:calls=\d+,usec=(\d+)/.exec(await raw.info('commandstats'))?.[1] ?? 0);
}

export async function fill(
  availability: Availability,
  shop: string,
  positions: readonly Position[],
): Promise<string[]> {
  const all = positions.map(
    (position): Projection => ({
      driverId: randomUUID(),
      version: 1,
      status: 'AVAILABLE',
      position: snapToGrid(position),
      idleSinceMs: 1_700_000_000_000,
      seenAgeMs: 0,
    }),
  );
  for (let from = 0; from < all.length; from += 5_000) await availability.project(shop, all.slice(from, from + 5_000));
  await availability.markWarm(shop);
  return all.map(({ driverId }) => driverId);
}
