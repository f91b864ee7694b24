import { endBreaks } from '../../db/statements/end-breaks.ts';
import { releaseDue } from '../../db/statements/hold-delivery.ts';
import { readDueShops, readShopsToPlanAnew } from '../../db/statements/read-snapshot.ts';
import { projectDrivers } from '../../dispatch/project-drivers.ts';
import { MOST_DRIVERS } from '../../dispatch/snapshot.ts';
import { type FlowDeps, relayCaller } from '../deps.ts';

type Deps = Pick<FlowDeps, 'db' | 'dispatch' | 'availability'>;

export interface DuePlans {
  /**
   * Begins to plan every shop in which something was to be looked at by now. What a person held until now is; so is
   * whatever waits where somebody's break is over.
   */
  begin(): Promise<void>;
  /** Resolves when no plan is under way. */
  idle(): Promise<void>;
}

/**
 * Each shop by itself: one in which hundreds wait is planned for seconds, and meanwhile the time of others comes. What is
 * due in a shop that is under way is what its plan is about: it is not asked for again before that is made.
 */
export function openDuePlans({ db, dispatch, availability }: Deps): DuePlans {
  const underWay = new Map<string, Promise<unknown>>();
  const begin = (shopId: string): void => {
    const plans = Promise.all([underWay.get(shopId), dispatch.plan(shopId)]).finally(() => {
      if (underWay.get(shopId) === plans) underWay.delete(shopId);
    });
    underWay.set(shopId, plans);
  };
  return {
    async begin() {
      await releaseDue(db);
      const back = await endBreaks(db, null, relayCaller().actor);
      await projectDrivers({ availability }, relayCaller(), back);
      const due = (await readDueShops(db)).filter((shopId) => !underWay.has(shopId));
      for (const shopId of new Set([...due, ...back.map(({ shop_id }) => shop_id)])) begin(shopId);
    },
    idle: async () => void (await Promise.all(underWay.values())),
  };
}

/**
 * Plans every shop whose drivers have stops to make, and every shop that has given up searching for somebody; where more
 * drivers have stops than one plan takes, all of them. One after the other: all at once would stand before the shops whose
 * time has come.
 */
export async function planShopsAnew({ db, dispatch }: Deps, signal?: AbortSignal): Promise<void> {
  for (const { shop_id: shopId, busy } of await readShopsToPlanAnew(db)) {
    if (signal?.aborted) return;
    await dispatch.plan(shopId, true);
    if (busy > MOST_DRIVERS) await dispatch.planRoutes(shopId);
  }
}
