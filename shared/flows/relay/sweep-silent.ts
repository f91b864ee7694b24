import { couldBeHeard } from '../../db/statements/hearing.ts';
import {
  listShopsOfSilent,
  listStranded,
  markUnreachable,
  sweepSilentDrivers,
} from '../../db/statements/sweep-drivers.ts';
import { projectDrivers } from '../../dispatch/project-drivers.ts';
import { DependencyAway } from '../../domain/away.ts';
import { type FlowDeps, relayCaller } from '../deps.ts';
import { unassignDelivery } from '../move-delivery.ts';
import { saveHeardOf } from './save-heard.ts';

export interface Swept {
  offline: number;
  unreachable: number;
  redispatched: number;
}

const NOBODY: Swept = { offline: 0, unreachable: 0, redispatched: 0 };

/**
 * Looks after drivers who went silent: OFFLINE if they carry nothing; their deliveries marked if they do, and those not
 * yet picked up given to somebody else when the silence lasts.
 *
 * Silence is judged by who could be heard. Postgres hears of most contacts a few seconds late, from Redis, so it is told
 * first; and after a time in which it could not be told (it was away, or no relay was there to look), nobody is judged
 * until all have had as long as they have otherwise. @returns to be called every few seconds
 */
export function openSweep(deps: FlowDeps): () => Promise<Swept> {
  let askedRedis = true;
  /** False: Redis went away a moment ago, with contacts that Postgres has not been told. */
  const isToldAll = async (): Promise<boolean> => {
    const askedBefore = askedRedis;
    try {
      for (const shopId of await listShopsOfSilent(deps.db)) await saveHeardOf(deps, shopId, true);
      askedRedis = true;
    } catch (error) {
      if (!(error instanceof DependencyAway) || error.dependency !== 'redis') throw error;
      askedRedis = false;
    }
    // Once it is known to be away, contacts go to Postgres without it.
    return askedRedis || !askedBefore;
  };
  return async () => {
    if (!(await couldBeHeard(deps.db))) return NOBODY;
    if (await isToldAll()) return sweep(deps);
    await couldBeHeard(deps.db, { anew: true });
    return NOBODY;
  };
}

async function sweep(deps: FlowDeps): Promise<Swept> {
  const drivers = await sweepSilentDrivers(deps.db);
  await projectDrivers(deps, relayCaller(), drivers);
  const unreachable = await markUnreachable(deps.db);
  const stranded = await listStranded(deps.db);
  for (const { id, shop_id, driver_id } of stranded) {
    // Only out of these hands: somebody else may have been given it since.
    const which = { shop_id, delivery_id: id, order_ref: null, driver_id };
    await unassignDelivery(deps, relayCaller(), which, { reason: 'DRIVER_OFFLINE', note: null, keepDriver: false });
  }
  return { offline: drivers.length, unreachable, redispatched: stranded.length };
}
