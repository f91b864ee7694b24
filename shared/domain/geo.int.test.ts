import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRedis } from '#shared/testing/stores.ts';
import { distanceM, geoScore, MAX_LAT, type Position, positionOfScore, snapToGrid } from './geo.ts';

const POINTS = 4_000;
let redis: Redis;
let key: string;

beforeAll(() => {
  const { url, prefix } = testRedis();
  redis = new Redis(url);
  key = `${prefix}grid`;
});

afterAll(async () => {
  await redis.del(key, `${key}:near`);
  await redis.quit();
});

/** Lehmer's generator with Park and Miller's constants, 0..1: the same points in every run. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** The corners, the axes and points a bit beside them, then points all over the world. */
function worldwide(): Position[] {
  const random = sequence(20_240_229);
  const lats = [-MAX_LAT, -85.0511287, -1e-9, 0, 1e-9, 41.3, 41.300001, 41.300003, 85.0511287, MAX_LAT];
  const lons = [-180, -179.9999999, -90, -1e-9, 0, 1e-9, 90, 179.9999999, 179.99999999999997, 180];
  const edges = lats.flatMap((lat) => lons.map((lon) => ({ lat, lon })));
  const anywhere = () => ({ lat: (2 * random() - 1) * MAX_LAT, lon: (2 * random() - 1) * 180 });
  // Longitude 180 has a rule of its own: half of all latitudes move there.
  const seam = Array.from({ length: 200 }, () => ({ ...anywhere(), lon: 180 }));
  return [...edges, ...seam, ...Array.from({ length: POINTS }, anywhere)];
}

async function add(set: string, positions: readonly Position[]): Promise<void> {
  await redis.geoadd(set, ...positions.flatMap(({ lat, lon }, i) => [lon, lat, `${i}`]));
}

test('snapToGrid gives what Redis gives back', async () => {
  const positions = worldwide();
  await add(key, positions);
  const stored = await redis.geopos(key, ...positions.map((_, i) => `${i}`));
  for (const [i, position] of positions.entries()) {
    const { lat, lon } = snapToGrid(position);
    // Redis holds a double but prints 17 decimals of it.
    const printed = stored[i]?.map((degrees) => Number(degrees).toFixed(17));
    expect({ position, printed }).toEqual({
      position,
      printed: [lon, lat].map((degrees) => Number(degrees.toFixed(17)).toFixed(17)),
    });
  }
});

test('geoScore is the score GEOADD gives, and leads back to the same position', async () => {
  const positions = worldwide();
  await add(key, positions);
  const stored = await redis.zmscore(key, ...positions.map((_, i) => `${i}`));
  for (const [i, position] of positions.entries()) {
    const score = geoScore(position);
    expect({ position, score }).toEqual({ position, score: Number(stored[i]) });
    expect(positionOfScore(score)).toEqual(snapToGrid(position));
  }
});

test('what was snapped before has the same score: the same cell, to the last bit', async () => {
  const positions = worldwide();
  await add(key, positions);
  const before = await redis.zrange(key, '0', '-1', 'WITHSCORES');
  await add(key, positions.map(snapToGrid));
  expect(await redis.zrange(key, '0', '-1', 'WITHSCORES')).toEqual(before);
});

test('distanceM is the distance Redis measures, anywhere in the world', async () => {
  const positions = worldwide();
  await add(key, positions);
  for (let i = 1; i < positions.length; i += 7) {
    const measured = Number(await redis.geodist(key, '0', `${i}`));
    expect(Math.abs(measured - distanceM(snapToGrid(positions[0]!), snapToGrid(positions[i]!)))).toBeLessThan(0.001);
  }
});

test('GEOSEARCH finds and orders drivers as distanceM does', async () => {
  const random = sequence(7);
  const centre = { lat: 41.015, lon: 179.98 };
  const wrap = (lon: number) => (lon > 180 ? lon - 360 : lon);
  const around = () => ({ lat: centre.lat + random() * 0.2 - 0.1, lon: wrap(centre.lon + random() * 0.2 - 0.1) });
  const positions = Array.from({ length: POINTS }, around);
  await add(`${key}:near`, positions);
  const query = ['FROMLONLAT', centre.lon, centre.lat, 'BYRADIUS', 5_000, 'm', 'ASC', 'WITHDIST'] as const;
  const found = (await redis.call('GEOSEARCH', `${key}:near`, ...query)) as [id: string, metres: string][];
  const ours = positions
    .map((position, i) => ({ id: `${i}`, metres: distanceM(centre, snapToGrid(position)) }))
    .filter(({ metres }) => metres <= 5_000)
    .sort((a, b) => a.metres - b.metres);
  expect(ours.length).toBeGreaterThan(500);
  expect(found.map(([id]) => id)).toEqual(ours.map(({ id }) => id));
  for (const [i, [, metres]] of found.entries()) expect(Math.abs(Number(metres) - ours[i]!.metres)).toBeLessThan(1e-4);
});
