import postgres from 'postgres';
import { openDb } from '#shared/db/open-db.ts';
import { findNearest } from '#shared/db/statements/locations.ts';
import { chordLength, type Position, unitVector } from '#shared/domain/geo.ts';
import { judged, median, percentile, type Row, type Sample, sample, sideBySide } from './figures.ts';
import { metered } from './process-cpu.ts';
import { CENTER, clearShops, defaultShopId, placeNear, seedDrivers, seeded } from './seed.ts';
import type { World } from './world.ts';

const RADIUS_M = 10_000;
const LIMIT = 10;
const SIZES = [1_000, 10_000, 100_000] as const;

/**
 * The search without Redis, against a plain bounding box over the same rows: the same joins and conditions, any ten of
 * those inside a box that holds about as many, on an index over (shop, lat, lon).
 */
export async function postgresRows(world: World): Promise<Row[]> {
  const { db, options } = world;
  const service = await world.startService();
  const shopId = await defaultShopId(db);
  await service.stop();
  const own = openDb({ url: world.postgres.url, pool: 1, prepare: true, sessionTimeouts: false });
  const rows: Row[] = [];
  await db.run('CREATE INDEX IF NOT EXISTS bench_box ON dispatch.driver_location (shop_id, lat, lon)');
  for (const size of SIZES) {
    await clearShops(db);
    const random = seeded(size);
    await seedDrivers(
      db,
      shopId,
      Array.from({ length: size }, () => placeNear(CENTER, 8_000, random)),
    );
    await db.run('VACUUM ANALYZE dispatch.driver_location, dispatch.driver');
    const search = (center: Position) => findNearest(own, shopId, { center, radiusM: RADIUS_M, limit: LIMIT });
    const box = (center: Position) => own.run(BOUNDING_BOX, boxOf(shopId, center, size));
    const time = (ask: (center: Position) => Promise<unknown>) =>
      metered([world.postgres.pid], () => times(ask, options.seconds / 2, random));
    await time(search);
    await time(box);
    const both = await sideBySide(
      options.rounds,
      () => time(search),
      () => time(box),
    );
    const ratio = both.floor.value / both.ours.value;
    rows.push({
      name: `Postgres search, ${size / 1000}k`,
      unit: 'ms p50',
      ...both,
      ratio,
      wanted: '≥ 0.50',
      reached: judged(both, ratio >= 0.5),
      notes: [
        `floor: bounding box; CPU of PostgreSQL and of who asks; ${both.spread} (times)`,
        ...(size === 100_000 ? await plan(world.postgres.url, shopId) : []),
      ],
    });
  }
  await db.run('DROP INDEX dispatch.bench_box');
  await own.close();
  return rows;
}

const BOUNDING_BOX = `SELECT d.id AS driver_id, l.lat, l.lon, floor(extract(epoch from d.idle_since) * 1000)::float8 AS idle_since_ms
  FROM dispatch.driver_location l JOIN dispatch.driver d ON d.id = l.driver_id
  WHERE l.shop_id = $1 AND l.lat BETWEEN $2 AND $3 AND l.lon BETWEEN $4 AND $5
    AND l.seen_at > now() - interval '60 s' AND d.active AND d.status = 'AVAILABLE' AND d.load < d.capacity
  LIMIT ${LIMIT}`;

/** Around `center`, with room for about 20 of `size` drivers spread over 16 km by 16 km. */
function boxOf(shopId: string, center: Position, size: number): unknown[] {
  const halfM = (16_000 * Math.sqrt(20 / size)) / 2;
  const lat = halfM / 111_226;
  const lon = lat / Math.cos((center.lat * Math.PI) / 180);
  return [shopId, center.lat - lat, center.lat + lat, center.lon - lon, center.lon + lon];
}

async function times(
  ask: (center: Position) => Promise<unknown>,
  seconds: number,
  random: () => number,
): Promise<{ sample: Sample; operations: number }> {
  const took: number[] = [];
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    const startedAt = performance.now();
    await ask(placeNear(CENTER, 6_000, random));
    took.push(performance.now() - startedAt);
  }
  const p50Ms = median(took);
  return { sample: sample(p50Ms, { p50Ms, p99Ms: percentile(took, 99) }), operations: took.length };
}

/** The plan of the function's own query, under its own settings: EXPLAIN of a call shows only that it is a call. */
async function plan(postgresUrl: string, shopId: string): Promise<string[]> {
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} });
  try {
    const [found] = await sql`SELECT prosrc, proconfig FROM pg_proc WHERE proname = 'nearest_drivers'`;
    for (const setting of found?.proconfig ?? []) await sql.unsafe(`SET ${setting.replace('=', ' = ')}`);
    const values: Record<string, string> = {
      shop: `'${shopId}'::uuid`,
      center: `'(${unitVector(CENTER).join(',')})'::cube`,
      chord: `${chordLength(RADIUS_M)}::float8`,
      most: String(LIMIT),
      excluded: "'{}'::uuid[]",
      silent_after: "interval '60 s'",
    };
    const query = /RETURN QUERY ([^;]*);/.exec(found?.prosrc ?? '')?.[1] ?? '';
    const bound = query.replace(/\b(shop|center|chord|most|excluded|silent_after)\b/g, (name) => values[name] ?? name);
    const rows = await sql.unsafe(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) ${bound}`);
    return ['EXPLAIN:', ...rows.map((row) => `  ${row['QUERY PLAN']}`)];
  } finally {
    await sql.end();
  }
}
