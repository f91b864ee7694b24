import type { ChangesView, PositionTuple } from '../contract/live.ts';
import { readBoard, readChanges } from '../db/statements/changes.ts';
import { readLocations } from '../db/statements/locations.ts';
import { DependencyAway } from '../domain/away.ts';
import type { FlowDeps } from './deps.ts';
import { deliveryView, driverView } from './views.ts';

/**
 * What has changed in a shop since `after`; without it, or when it is too long ago, everything that is going on.
 * @param after the cursor of an earlier answer
 */
export async function changesSince(
  deps: Pick<FlowDeps, 'db'>,
  shopId: string,
  after: string | null,
): Promise<ChangesView> {
  if (after !== null) {
    const changes = await readChanges(deps.db, [shopId], after);
    if (!changes.lost) {
      return {
        cursor: changes.horizon,
        full: false,
        deliveries: changes.deliveries.map(({ delivery }) => deliveryView(delivery)),
        drivers: changes.drivers.map(({ driver }) => driverView(driver)),
        events: changes.deliveries.map(({ delivery, type }) => ({ deliveryId: delivery.id, type })),
      };
    }
  }
  const board = await readBoard(deps.db, shopId);
  return {
    cursor: board.horizon,
    full: true,
    deliveries: board.deliveries.map((row) => deliveryView(row)),
    drivers: board.drivers.map(driverView),
    events: [],
  };
}

/**
 * Where these drivers are: from Redis, which has those heard from within 60 s; for the others, and without Redis, the
 * thinned copy in Postgres.
 * @param fallback also ask Postgres for those Redis does not know
 */
export async function positionsOf(
  { db, availability }: Pick<FlowDeps, 'db' | 'availability'>,
  shopId: string,
  driverIds: readonly string[],
  fallback: boolean,
): Promise<readonly PositionTuple[]> {
  const found: PositionTuple[] = [];
  const missing: string[] = [];
  const fresh = await fromRedis(availability, shopId, driverIds);
  driverIds.forEach((driverId, place) => {
    const last = fresh?.[place];
    if (last?.position) found.push([driverId, last.position.lat, last.position.lon, last.recordedAtMs]);
    else missing.push(driverId);
  });
  if (missing.length === 0 || (fresh !== null && !fallback)) return found;
  for (const row of await readLocations(db, shopId, missing)) {
    if (row.lat === null || row.lon === null) continue;
    found.push([row.driver_id, row.lat, row.lon, row.recorded_at === null ? 0 : Date.parse(row.recorded_at)]);
  }
  return found;
}

async function fromRedis(availability: FlowDeps['availability'], shopId: string, driverIds: readonly string[]) {
  if (availability === null) return null;
  try {
    return await availability.lastPositions(shopId, driverIds);
  } catch (error) {
    if (!(error instanceof DependencyAway)) throw error;
    return null;
  }
}
