import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { shopKeys } from '#shared/availability/keys.ts';
import type { Db } from '#shared/db/open-db.ts';
import { SILENT_AFTER_S } from '#shared/domain/driver.ts';
import type { Mismatch } from './history.ts';
import { lookAgain } from './look-again.ts';
import { openSightings } from './sightings.ts';

/** Looks at Postgres and the projection, over and over, with eyes of its own. */
export interface Monitor {
  mismatches(): readonly Mismatch[];
  /** How many drivers or shops were shown wrongly at the last look; null: could not look since `sinceMs`. */
  wrongNow(sinceMs: number): number | null;
}

interface Truth {
  id: string;
  version: number;
  available: boolean;
  /** Since they were heard from, as far as Postgres knows: up to 15 s more than it is. */
  silentS: number | null;
}

const EVERY_MS = 350;
/** Between these, Postgres's thinned time and Redis's own may differ about whether a driver is silent. */
const UNSURE_FROM_S = SILENT_AFTER_S - 2;
const UNSURE_TO_S = SILENT_AFTER_S + 17;

export function openMonitor(db: Db, redis: Redis, shopIds: readonly string[], signal: AbortSignal): Monitor {
  const sightings = openSightings<Mismatch>();
  let looked: { atMs: number; wrong: number } | null = null;
  const look = async () => {
    const atMs = Date.now();
    let wrong = 0;
    for (const shopId of shopIds) {
      const before = await readTruth(db, shopId);
      const shown = await Promise.race([readShown(redis, shopId), pause(1_000, null, { ref: false })]);
      if (shown === null) return;
      const after = new Map((await readTruth(db, shopId)).map((driver) => [driver.id, driver]));
      const stable = before.filter((driver) => after.get(driver.id)?.version === driver.version);
      wrong += sightings.note(shopId, atMs, wrongIn(shopId, stable, shown));
    }
    looked = { atMs, wrong };
  };
  void lookAgain(look, EVERY_MS, signal);
  return {
    mismatches: sightings.all,
    wrongNow: (sinceMs) => (looked !== null && looked.atMs >= sinceMs ? looked.wrong : null),
  };
}

type Wrong = Pick<Mismatch, 'driverId' | 'version' | 'what'>;

function wrongIn(shopId: string, drivers: readonly Truth[], shown: Shown): ReadonlyMap<string, Wrong> {
  const wrong = new Map<string, Wrong>();
  if (!shown.isWarm) wrong.set('cold', { driverId: shopId, version: 0, what: 'cold' });
  for (const driver of drivers) {
    const what = compare(driver, shown.found.has(driver.id));
    if (what === null) continue;
    wrong.set(`${driver.id} ${driver.version} ${what}`, { driverId: driver.id, version: driver.version, what });
  }
  return wrong;
}

function compare(driver: Truth, isFound: boolean): 'found' | 'missing' | null {
  const { silentS } = driver;
  if (isFound) return driver.available && silentS !== null && silentS < UNSURE_TO_S ? null : 'found';
  return driver.available && silentS !== null && silentS < UNSURE_FROM_S ? 'missing' : null;
}

function readTruth(db: Db, shopId: string): Promise<readonly Truth[]> {
  return db.run(
    `SELECT d.id, d.version::float8 AS version, d.active AND d.status = 'AVAILABLE' AND d.load < d.capacity AS available,
      CASE WHEN l.lat IS NOT NULL THEN extract(epoch from now() - l.seen_at)::float8 END AS "silentS"
     FROM dispatch.driver d LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id WHERE d.shop_id = $1 ORDER BY d.id`,
    [shopId],
  );
}

interface Shown {
  isWarm: boolean;
  /** Whom a search could give: in the set, heard from, and A in the hash. */
  found: ReadonlySet<string>;
}

async function readShown(redis: Redis, shopId: string): Promise<Shown> {
  const keys = shopKeys(shopId);
  const [marker, ids, statuses] = await Promise.all([
    redis.exists(keys.marker),
    redis.zrange(keys.geo, '0', '-1'),
    redis.hgetall(keys.status),
  ]);
  const heard = ids.length === 0 ? [] : await redis.mget(ids.map((id) => keys.online(id)));
  const found = ids.filter((id, place) => heard[place] !== null && /^\d+:A/.test(statuses[id] ?? ''));
  return { isWarm: marker === 1, found: new Set(found) };
}
