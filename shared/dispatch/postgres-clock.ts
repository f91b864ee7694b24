import type { Db } from '../db/open-db.ts';
import { readNowMs } from '../db/statements/read-snapshot.ts';
import { ttlCache } from '../runtime/ttl-cache.ts';

/** A clock that is right stays right for so long. */
const OFFSET_TTL_MS = 60_000;
const offsets = new WeakMap<Db, ReturnType<typeof ttlCache<number>>>();

/**
 * Now by Postgres' clock, ms since 1970, without a round trip but once a minute: times that are planned here are stored
 * there, and this process's clock may be wrong.
 */
export async function postgresNowMs(db: Db): Promise<number> {
  const known = offsets.get(db) ?? ttlCache(OFFSET_TTL_MS, async () => (await readNowMs(db)) - Date.now());
  offsets.set(db, known);
  return Date.now() + (await known.get('offset'));
}
