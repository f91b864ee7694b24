import type { ShopRow } from '../db/schema.ts';
import { assignDelivery } from '../db/statements/assign-delivery.ts';
import { type DeliveryFacts, type DriverFacts, readWaiting } from '../db/statements/read-snapshot.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import type { EngineDeps } from './deps.ts';
import type { BestResult } from './dispatch.ts';
import { makePlan } from './make-plan.ts';
import { measureWait } from './measure-wait.ts';
import { endOffers } from './offers.ts';
import type { PlannerMemory } from './plan-shop.ts';
import { projectDrivers } from './project-drivers.ts';
import { readSnapshot } from './snapshot.ts';

/** An id that no driver has: nobody is planned for it, and the statement says what that means for the delivery. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * A person asks for a driver now: the shop is planned as ever, but nothing is held back, and whoever the plan has in mind
 * for this delivery gets it; where that one has no room yet, the next best who has. Whoever is being asked about it need
 * not answer any more: their places are kept for just this delivery, and they may be the best.
 */
export async function assignBest(
  deps: EngineDeps,
  memory: PlannerMemory,
  caller: Caller,
  shop: ShopRow,
  deliveryId: string,
): Promise<CommandResult<BestResult>> {
  const ran = await assignDelivery(deps.db, caller, {
    shop_id: shop.id,
    delivery_id: deliveryId,
    driver_id: (await bestDriver(deps, memory, caller, shop, deliveryId)) ?? NOBODY,
    overrides: [],
    pinned: false,
    by_hand: false,
  });
  if (ran.kind !== 'done' && ran.kind !== 'replayed') return ran;
  const { result } = ran;
  if (ran.kind === 'done') await projectDrivers(deps, caller, ran.drivers);
  if (result.outcome === 'refused') return { ...ran, result: { outcome: 'lost', delivery: result.delivery } };
  measureWait(deps.meter, { ...ran, result });
  return { ...ran, result };
}

async function bestDriver(
  deps: EngineDeps,
  memory: PlannerMemory,
  caller: Caller,
  shop: ShopRow,
  deliveryId: string,
): Promise<string | null> {
  const read = () => readWaiting(deps.db, shop.id, null, { deliveryId });
  const first = await read();
  const isOffered = first.waiting.some(({ id, dispatch }) => id === deliveryId && dispatch === 'offered');
  const { waiting, now_ms: nowMs } = isOffered && (await endOffers(deps, shop.id, deliveryId)) ? await read() : first;
  if (!waiting.some(({ id }) => id === deliveryId)) return null;
  const snapshot = await readSnapshot(deps, caller, shop, { waiting, nowMs, wanted: deliveryId });
  const settings = { ...snapshot.settings, planAheadS: Number.POSITIVE_INFINITY, explain: 'all' as const };
  const { plan } = await makePlan(deps, memory, { ...snapshot, settings });
  const route = plan.routes.find(({ stops }) => stops.some((stop) => stop.deliveryId === deliveryId));
  const others = plan.decisions.find((decision) => decision.deliveryId === deliveryId)?.alternatives ?? [];
  const delivery = waiting.find(({ id }) => id === deliveryId)!;
  const best = [...(route ? [route] : []), ...others].map(({ driverId }) => driverId);
  return best.find((id) => hasRoom(snapshot.drivers, id, delivery)) ?? best[0] ?? null;
}

function hasRoom(drivers: readonly DriverFacts[], driverId: string, { size }: DeliveryFacts): boolean {
  return drivers.some(({ id, load, reserved, capacity }) => id === driverId && load + reserved + size <= capacity);
}
