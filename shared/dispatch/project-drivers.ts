import type { Projection } from '../availability/availability.ts';
import { DependencyAway } from '../domain/away.ts';
import type { Caller, ProjectedDriver } from '../domain/command.ts';
import type { DriverStatus } from '../domain/driver.ts';
import type { EngineDeps } from './deps.ts';

/**
 * Shows Redis what has just been committed, best effort: if it cannot be told now, the dirty mark that was committed
 * with the change makes the relay tell it. An older state arriving late changes nothing (fenced by version).
 */
export async function projectDrivers(
  { availability }: Pick<EngineDeps, 'availability'>,
  caller: Pick<Caller, 'degraded'>,
  drivers: readonly ProjectedDriver[],
): Promise<void> {
  if (availability === null) return;
  try {
    for (const shopId of new Set(drivers.map((driver) => driver.shop_id))) {
      const ofShop = drivers.filter((driver) => driver.shop_id === shopId);
      await availability.project(shopId, ofShop.map(toProjection));
    }
  } catch (error) {
    if (!(error instanceof DependencyAway)) throw error;
    caller.degraded.add('redis');
  }
}

/** A retired driver is projected as OFFLINE: never found. */
export function toProjection(driver: ProjectedDriver): Projection {
  return {
    driverId: driver.id,
    version: driver.version,
    status: driver.active ? (driver.status as DriverStatus) : 'OFFLINE',
    position: driver.lat === null || driver.lon === null ? null : { lat: driver.lat, lon: driver.lon },
    idleSinceMs: driver.idle_since_ms,
    seenAgeMs: driver.seen_age_ms,
    asOfMs: driver.read_at_ms,
  };
}
