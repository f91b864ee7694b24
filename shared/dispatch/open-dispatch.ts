import { randomUUID } from 'node:crypto';
import { DependencyAway } from '../domain/away.ts';
import { assignBest } from './assign-best.ts';
import type { EngineDeps, Report } from './deps.ts';
import type { Dispatch } from './dispatch.ts';
import { planRoutes } from './plan-routes.ts';
import { type PlannerMemory, planShop } from './plan-shop.ts';
import { openRing } from './ring.ts';
import { openShortWay } from './short-way.ts';

/**
 * Opens the engine in this process.
 * @param lives `on`: plans are made beside the requests that cause them; `per request`: within them, for a process that
 * may stand still after its answer
 */
export function openDispatch(deps: EngineDeps, lives: 'on' | 'per request', report: Report = () => {}): Dispatch {
  const memory: PlannerMemory = { holder: randomUUID(), previous: new Map(), report };
  const ring = openRing((shopId, always) => planShop(deps, memory, shopId, always), report);
  const reported = async (shopId: string, planning: Promise<unknown>) => {
    try {
      await planning;
    } catch (error) {
      // What was done stands, and the marks are in the data: the relay plans it.
      report(error instanceof DependencyAway ? 'plan_waits' : 'plan_failed', { shopId, error });
    }
  };
  const planNow = (shopId: string, always = false) => reported(shopId, planShop(deps, memory, shopId, always));
  const mark: Dispatch['mark'] = lives === 'on' ? async (shopId, always = false) => ring.ring(shopId, always) : planNow;
  const shortWay = openShortWay(deps, mark);
  return {
    mark,
    plan: (shopId, always) => ring.planned(shopId, always ?? false),
    planRoutes: (shopId) => reported(shopId, planRoutes(deps, memory, shopId)),
    create: shortWay.create,
    async assignBest(caller, shop, deliveryId) {
      const ran = await assignBest(deps, memory, caller, shop, deliveryId);
      // Its stops stand behind all others until a plan puts them where they fit.
      if (ran.kind === 'done' && ran.result.outcome === 'assigned') await mark(shop.id, true);
      return ran;
    },
    close: ring.close,
  };
}
