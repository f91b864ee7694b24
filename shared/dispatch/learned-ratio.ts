import { readFinishedTrips } from '../db/statements/stats.ts';
import { learnRatio } from '../domain/eta.ts';
import { ttlCache } from '../runtime/ttl-cache.ts';
import type { EngineDeps } from './deps.ts';

const RATIO_TTL_MS = 60_000;
const ratios = new WeakMap<EngineDeps['db'], ReturnType<typeof ttlCache<number>>>();

/** What this shop's finished deliveries teach about its ways (domain/eta.ts); looked up once a minute. */
export function ratioOf({ db }: Pick<EngineDeps, 'db'>, shopId: string): Promise<number> {
  const known = ratios.get(db) ?? ttlCache(RATIO_TTL_MS, (id: string) => learn(db, id));
  ratios.set(db, known);
  return known.get(shopId);
}

async function learn(db: EngineDeps['db'], shopId: string): Promise<number> {
  const trips = await readFinishedTrips(db, shopId);
  return learnRatio(
    trips.map((trip) => ({
      from: { lat: trip.from_lat, lon: trip.from_lon },
      to: { lat: trip.to_lat, lon: trip.to_lon },
      vehicle: trip.vehicle,
      tookS: trip.took_s,
    })),
  );
}
