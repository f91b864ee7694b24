import type { ShopRow } from '../db/schema.ts';
import { assignDelivery } from '../db/statements/assign-delivery.ts';
import { readWaiting } from '../db/statements/read-snapshot.ts';
import { readDelivery } from '../db/statements/reads.ts';
import type { Ran } from '../db/statements/run-command.ts';
import type { Caller, EngineDeps } from './deps.ts';
import type { BestResult } from './dispatch.ts';
import { makePlan } from './make-plan.ts';
import { measureWait } from './measure-wait.ts';
import type { PlannerMemory } from './plan-shop.ts';
import { projectDrivers } from './project-drivers.ts';
import { readSnapshot } from './snapshot.ts';

/** An id that no driver has. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * A person asks for a driver now: the shop is planned as ever, but nothing is held back, and whoever the plan has in mind
 * for this delivery gets it.
 */
export async function assignBest(
  deps: EngineDeps,
  memory: PlannerMemory,
  caller: Caller,
  shop: ShopRow,
  deliveryId: string,
): Promise<Ran<BestResult>> {
  const driverId = await bestDriver(deps, memory, caller, shop, deliveryId);
  // Nobody, and no key under which an earlier answer may stand.
  if (driverId === null && caller.idempotency === null) return nobody(deps, shop, deliveryId);
  const input = {
    shop_id: shop.id,
    delivery_id: deliveryId,
    driver_id: driverId ?? NOBODY,
    overrides: [],
    pinned: false,
  };
  const ran = await assignDelivery(deps.db, caller, input);
  measureWait(deps.meter, ran);
  if (ran.kind === 'done') await projectDrivers(deps, caller, ran.drivers);
  if (ran.kind !== 'done' && ran.kind !== 'replayed') return ran;
  const { result } = ran;
  return result.outcome === 'refused' ? nobody(deps, shop, deliveryId) : { ...ran, result };
}

async function bestDriver(
  deps: EngineDeps,
  memory: PlannerMemory,
  caller: Caller,
  shop: ShopRow,
  deliveryId: string,
): Promise<string | null> {
  const { waiting, now_ms: nowMs } = await readWaiting(deps.db, shop.id, null, { deliveryId });
  if (!waiting.some(({ id }) => id === deliveryId)) return null;
  const snapshot = await readSnapshot(deps, caller, shop, { waiting, nowMs });
  const settings = { ...snapshot.settings, planAheadS: Number.POSITIVE_INFINITY };
  const { plan } = makePlan({ ...snapshot, settings }, memory.previous.get(shop.id));
  const route = plan.routes.find(({ stops }) => stops.some((stop) => stop.deliveryId === deliveryId));
  return route?.driverId ?? null;
}

/** It does not wait, or nobody can be had. */
async function nobody(deps: EngineDeps, shop: ShopRow, deliveryId: string): Promise<Ran<BestResult>> {
  const found = await readDelivery(deps.db, shop.id, deliveryId, null);
  if (found === null) return { kind: 'done', result: { outcome: 'not_found' }, drivers: [] };
  const { delivery } = found;
  const outcome = delivery.status === 'PENDING' ? 'lost' : 'not_pending';
  return { kind: 'done', result: { outcome, delivery }, drivers: [] };
}
