import { carryOut } from './carry-out.ts';
import { type EngineDeps, engineCaller } from './deps.ts';
import { makePlan } from './make-plan.ts';
import { planInput } from './plan-input.ts';
import type { PlannerMemory } from './plan-shop.ts';
import { postgresNowMs } from './postgres-clock.ts';
import { MOST_DRIVERS, readSnapshot } from './snapshot.ts';

/**
 * Plans anew what the drivers of a shop have in hand, however many they are: `most` of them in a plan, in order of id. A
 * plan of what waits takes only those near by, and of a shop with more the others would never be looked at: their planned
 * times would stand still, and nothing would go to who has come nearer.
 *
 * Without the lease, so that what waits need not wait for all of them. What a plan beside this one has changed meanwhile
 * loses its row, and is looked at again in a minute.
 */
export async function planRoutes(
  deps: EngineDeps,
  memory: Pick<PlannerMemory, 'previous' | 'report'>,
  shopId: string,
  most = MOST_DRIVERS,
): Promise<void> {
  const shop = await deps.shops.byId(shopId);
  if (shop === null) return;
  let after: string | null = null;
  do {
    const nowMs = await postgresNowMs(deps.db);
    const snapshot = await readSnapshot(deps, engineCaller(), shop, { waiting: [], nowMs, busy: { after, most } });
    const made = await makePlan(deps, memory, snapshot);
    await carryOut(deps, planInput(snapshot, made));
    after = snapshot.busyUpTo;
  } while (after !== null);
}
