import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { shopKeys } from '#shared/availability/keys.ts';
import type { Db } from '#shared/db/open-db.ts';
import { lookAgain } from './look-again.ts';
import { NOWHERE } from './world.ts';

/** When Postgres had got newer positions of drivers, and from when these were, in the order of the looks. */
export interface Positions {
  seen: readonly { driverId: string; recordedMs: number; atMs: number }[];
  /** Drivers who were shown where only those who may not say it have placed them. */
  trespassed: readonly string[];
  /** The last look. */
  untilMs: number;
}

const EVERY_MS = 500;
/** A Redis that does not answer is looked into the next time. */
const REDIS_WITHIN_MS = 500;

const TIMES = `SELECT driver_id AS "driverId", extract(epoch from recorded_at)::float8 * 1000 AS "recordedMs",
  coalesce(lat = ${NOWHERE.lat} AND lon = ${NOWHERE.lon}, false) AS "isNowhere"
  FROM dispatch.driver_location WHERE shop_id = ANY ($1::uuid[]) AND recorded_at IS NOT NULL`;

/** Notes when Postgres has got newer positions, and from when these are, until `signal` aborts; and who is nowhere. */
export function watchPositions(db: Db, redis: Redis, shopIds: readonly string[], signal: AbortSignal): () => Positions {
  const newest = new Map<string, number>();
  const trespassed = new Set<string>();
  const seen: Positions['seen'][number][] = [];
  let untilMs = Date.now();
  const look = async () => {
    const atMs = Date.now();
    const rows = await db.run<{ driverId: string; recordedMs: number; isNowhere: boolean }>(TIMES, [
      `{${shopIds.join(',')}}`,
    ]);
    for (const { driverId, recordedMs, isNowhere } of rows) {
      if (isNowhere) trespassed.add(driverId);
      if (newest.get(driverId) === recordedMs) continue;
      newest.set(driverId, recordedMs);
      seen.push({ driverId, recordedMs, atMs });
    }
    untilMs = atMs;
    const shown = shopIds.map((shopId) => shownNowhere(redis, shopId));
    const found = await Promise.race([Promise.all(shown), pause(REDIS_WITHIN_MS, [], { ref: false })]);
    for (const driverId of found.flat()) trespassed.add(driverId);
  };
  void lookAgain(look, EVERY_MS, signal);
  return () => ({ seen, trespassed: [...trespassed], untilMs });
}

/** Whom a search at that place would find. */
async function shownNowhere(redis: Redis, shopId: string): Promise<readonly string[]> {
  const { geo } = shopKeys(shopId);
  return (await redis.geosearch(geo, 'FROMLONLAT', NOWHERE.lon, NOWHERE.lat, 'BYRADIUS', 1, 'km')) as string[];
}
