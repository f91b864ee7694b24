import type { DeliveryRow } from '../db/schema.ts';
import { type TimedRoute, timeRoute } from '../dispatch/time-route.ts';
import { positionsOf } from './changes.ts';
import type { FlowDeps } from './deps.ts';

export { ratioOf } from '../dispatch/learned-ratio.ts';

/** When a delivery will be made, and who says so. */
export interface Arrival {
  etaS: number;
  source: TimedRoute['source'];
}

/**
 * In how many seconds it will be handed over, through all stops that its driver makes before.
 * @returns null for one that is not on its way, lacks coordinates, or whose driver is nowhere to be seen
 */
export async function arrivalOf(
  deps: Pick<FlowDeps, 'db' | 'availability' | 'shops' | 'routing'>,
  { id, shop_id: shopId, driver_id: driverId, dropoff_rank }: DeliveryRow,
  nowMs: number,
): Promise<Arrival | null> {
  if (driverId === null || dropoff_rank === null) return null;
  const [seen] = await positionsOf(deps, shopId, [driverId], true);
  if (seen === undefined) return null;
  const timed = await timeRoute(deps, { shopId, driverId, position: { lat: seen[1], lon: seen[2] }, nowMs });
  const door = timed?.stops.find(({ deliveryId, kind }) => deliveryId === id && kind === 'dropoff');
  return door ? { etaS: Math.max(0, Math.round((door.atMs - nowMs) / 1000)), source: timed!.source } : null;
}
