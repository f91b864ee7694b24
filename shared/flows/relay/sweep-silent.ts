import { listStranded, markUnreachable, sweepSilentDrivers } from '../../db/statements/sweep-drivers.ts';
import { projectDrivers } from '../../dispatch/project-drivers.ts';
import { type FlowDeps, relayCaller } from '../deps.ts';
import { unassignDelivery } from '../move-delivery.ts';

/**
 * Drivers who went silent: OFFLINE if they carry nothing; their deliveries marked if they do, and those not yet picked
 * up given to somebody else when the silence lasts. @returns what was done
 */
export async function sweepSilent(
  deps: FlowDeps,
): Promise<{ offline: number; unreachable: number; redispatched: number }> {
  const drivers = await sweepSilentDrivers(deps.db);
  await projectDrivers(deps, relayCaller(), drivers);
  const unreachable = await markUnreachable(deps.db);
  const stranded = await listStranded(deps.db);
  for (const { id, shop_id } of stranded) {
    const which = { shop_id, delivery_id: id, order_ref: null, driver_id: null };
    await unassignDelivery(deps, relayCaller(), which, { reason: 'DRIVER_OFFLINE', note: null, keepDriver: false });
  }
  return { offline: drivers.length, unreachable, redispatched: stranded.length };
}
