import type { Candidate } from '../availability/availability.ts';
import { findNearest } from '../db/statements/locations.ts';
import { DependencyAway } from '../domain/away.ts';
import type { Caller } from '../domain/command.ts';
import { distanceM, type Position } from '../domain/geo.ts';
import type { EngineDeps } from './deps.ts';

export interface Search {
  center: Position;
  /** Metres. */
  radiusM: number;
  limit: number;
  exclude?: readonly string[];
}

/**
 * The nearest live AVAILABLE drivers, by distance, then id: from Redis, or from Postgres in the same order when Redis
 * is away or was never filled for this shop.
 */
export async function findDrivers(
  { db, availability }: Pick<EngineDeps, 'db' | 'availability'>,
  caller: Pick<Caller, 'degraded'>,
  shopId: string,
  search: Search,
): Promise<readonly Candidate[]> {
  if (availability !== null) {
    try {
      const found = await availability.search(shopId, search);
      if (found !== 'COLD') return found;
    } catch (error) {
      if (!(error instanceof DependencyAway)) throw error;
    }
    caller.degraded.add('redis');
  }
  const rows = await findNearest(db, shopId, search);
  return rows
    .map((row) => ({
      driverId: row.driver_id,
      position: { lat: row.lat, lon: row.lon },
      idleSinceMs: row.idle_since_ms,
      distanceM: distanceM(search.center, { lat: row.lat, lon: row.lon }),
    }))
    .filter((found) => found.distanceM <= search.radiusM)
    .sort((a, b) => a.distanceM - b.distanceM || (a.driverId < b.driverId ? -1 : 1))
    .map(({ driverId, position, idleSinceMs }) => ({ driverId, position, idleSinceMs }));
}
