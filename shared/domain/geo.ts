/** A point in WGS 84 degrees. `0` is a value like any other. */
export interface Position {
  lat: number;
  lon: number;
}

/** The limit of Redis GEO (Web Mercator), so that both stores accept the same points. Redis: `GEO_LAT_MAX`. */
export const MAX_LAT = 85.05112878;
const MAX_LON = 180;

/** The sphere Redis measures on. Redis: `EARTH_RADIUS_IN_METERS` in src/geohash_helper.c. */
export const EARTH_RADIUS_M = 6372797.560856;

const RADIANS = Math.PI / 180;
/** 26 bits per axis: `GEO_STEP_MAX`. The score of a sorted set is a double, which holds both axes exactly. */
const CELL_BITS = 26;
const CELLS = 2 ** CELL_BITS;
const SMALLEST_RING_M = 250;

/** Finite, and inside what both stores accept: |lat| ≤ MAX_LAT, |lon| ≤ 180. */
export function isValidPosition({ lat, lon }: Position): boolean {
  return Math.abs(lat) <= MAX_LAT && Math.abs(lon) <= MAX_LON;
}

/**
 * Great-circle distance in metres, symmetric, 0 for identical points, never NaN for valid ones.
 *
 * Haversine as `geohashGetDistance` in Redis, src/geohash_helper.c, computes it, so that Postgres and Redis order
 * alike. The `min` guards antipodes, where rounding lifts the root above 1. `acos` would fail on identical points.
 */
export function distanceM(a: Position, b: Position): number {
  const u = Math.sin((b.lat * RADIANS - a.lat * RADIANS) / 2);
  const v = Math.sin((b.lon * RADIANS - a.lon * RADIANS) / 2);
  const h = u * u + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * v * v;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * What Redis gives back for a valid position it was given: the middle of its 52-bit geohash cell, at most 0.15 m
 * north or south and 0.3 m east or west of `position`. Stored in Postgres, it makes both searches see the same number,
 * to the last bit. Idempotent.
 *
 * Source: `geohashEncode` and `geohashDecode` in Redis, src/geohash.c.
 */
export function snapToGrid(position: Position): Position {
  const { latCell, lonCell } = cellsOf(position);
  return { lat: middleOf(latCell, MAX_LAT), lon: middleOf(lonCell, MAX_LON) };
}

/** Half of an axis's bits: two of them interleaved are a number that bit operations can work on. */
const HALF_BITS = CELL_BITS / 2;

/**
 * The score GEOADD gives a position in its sorted set: both cell numbers, their bits in turn, latitude lowest. A whole
 * number that a double holds exactly. With it a sorted set is written by ZADD, which saves Redis from reading two
 * numbers, hashing them and printing one, per driver.
 *
 * Source: `interleave64` in Redis, src/geohash.c.
 */
export function geoScore(position: Position): number {
  const { latCell, lonCell } = cellsOf(position);
  const low = 2 ** HALF_BITS - 1;
  const high = spread(latCell >> HALF_BITS) | (spread(lonCell >> HALF_BITS) << 1);
  return high * CELLS + (spread(latCell & low) | (spread(lonCell & low) << 1));
}

/** The position, on the grid, that has this score. The inverse of `geoScore`. */
export function positionOfScore(score: number): Position {
  const high = Math.floor(score / CELLS);
  const low = score % CELLS;
  const latCell = gather(high) * 2 ** HALF_BITS + gather(low);
  const lonCell = gather(high >> 1) * 2 ** HALF_BITS + gather(low >> 1);
  return { lat: middleOf(latCell, MAX_LAT), lon: middleOf(lonCell, MAX_LON) };
}

/** Bits of each axis that name the cells of `cellAround`: some 150 m from south to north. */
const CROWD_BITS = 17;

/**
 * The geohash cell a position lies in, some 150 m high and, at the equator, twice as wide: the scores in it, so that
 * ZCOUNT says how many are there without looking at any, and its area.
 */
export function cellAround(position: Position): { fromScore: number; toScore: number; areaM2: number } {
  const scores = 4 ** (CELL_BITS - CROWD_BITS);
  const fromScore = Math.floor(geoScore(position) / scores) * scores;
  const [height, width] = [MAX_LAT, MAX_LON].map((limit) => ((2 * limit) / 2 ** CROWD_BITS) * RADIANS * EARTH_RADIUS_M);
  const areaM2 = (height as number) * (width as number) * Math.cos(position.lat * RADIANS);
  return { fromScore, toScore: fromScore + scores - 1, areaM2 };
}

/** Puts a 0 in front of each of the lowest 14 bits. */
function spread(bits: number): number {
  let x = (bits | (bits << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

/** Takes every other bit, from the lowest on. The inverse of `spread`. */
function gather(bits: number): number {
  let x = bits & 0x55555555;
  x = (x | (x >> 1)) & 0x33333333;
  x = (x | (x >> 2)) & 0x0f0f0f0f;
  x = (x | (x >> 4)) & 0x00ff00ff;
  return (x | (x >> 8)) & 0x0000ffff;
}

function cellsOf({ lat, lon }: Position): { latCell: number; lonCell: number } {
  const lonCell = cellOf(lon, MAX_LON);
  const latCell = cellOf(lat, MAX_LAT);
  // At longitude 180 the cell number needs a 27th bit, so the hash needs 54 where a double keeps 53: the lowest bit,
  // which belongs to the latitude, is lost in the score.
  return { lonCell, latCell: lonCell === CELLS && latCell % 2 === 1 ? latCell - 1 : latCell };
}

function cellOf(degrees: number, limit: number): number {
  return Math.floor(((degrees + limit) / (limit + limit)) * CELLS);
}

function middleOf(cell: number, limit: number): number {
  const from = -limit + (cell / CELLS) * (limit + limit);
  const to = -limit + ((cell + 1) / CELLS) * (limit + limit);
  return Math.max(-limit, Math.min(limit, (from + to) / 2));
}

/** The position on the unit sphere: x towards 0° E, y towards 90° E, z towards the north pole. For the cube index. */
export function unitVector({ lat, lon }: Position): [x: number, y: number, z: number] {
  const toAxis = Math.cos(lat * RADIANS);
  return [toAxis * Math.cos(lon * RADIANS), toAxis * Math.sin(lon * RADIANS), Math.sin(lat * RADIANS)];
}

/**
 * The straight line, on the unit sphere, between two points `radiusM` metres apart on the ground; 2 from half the
 * circumference on. `|unitVector(a) - unitVector(b)| ≤ chordLength(r)` exactly when `distanceM(a, b) ≤ r`, but for
 * rounding: a search by chord widens it by a hair and filters by distance.
 *
 * @param radiusM metres, ≥ 0
 */
export function chordLength(radiusM: number): number {
  return 2 * Math.sin(Math.min(Math.PI / 2, radiusM / (2 * EARTH_RADIUS_M)));
}

/**
 * Radii in metres to search one after another, because GEOSEARCH costs by area, not by how many are wanted:
 * from 250 m, each twice the one before, the last exactly `capM`.
 *
 * @param capM metres, finite, > 0
 */
export function searchRingsM(capM: number): number[] {
  const rings: number[] = [];
  for (let radiusM = SMALLEST_RING_M; radiusM < capM; radiusM *= 2) rings.push(radiusM);
  return [...rings, capM];
}
