import type { Routes } from './routes.ts';

/** Whether anything can be gained by waiting. */
export interface Calm {
  routes: Routes;
  /** Deliveries that are planned and that no driver was told of. */
  waiting: number;
  /** Drivers who are under way, and when their routes end. */
  busy: readonly { j: number; freeAt: number }[];
}

export function openCalm(routes: Routes): Calm {
  const { model } = routes;
  const busy: { j: number; freeAt: number }[] = [];
  for (let j = 0; j < model.m; j += 1) {
    if (model.byDriver.free[j]! > 0 || model.byDriver.inHand[j]!.length > 0)
      busy.push({ j, freeAt: routes.endTime[j]! });
  }
  return {
    routes,
    waiting: model.byDelivery.told.filter((holder, i) => holder < 0 && routes.driverOf[i]! >= 0).length,
    busy,
  };
}

/**
 * From when on waiting gains nothing: the driver is idle, nothing else waits that could join or want them, and nobody who
 * may have it becomes free before they have to leave. Even so they are told no longer than `calmAheadS` ahead, since
 * more orders will come until then. Infinity where there is something to gain.
 */
export function calmFrom(calm: Calm, j: number, at: number, fresh: readonly number[], start: number): number {
  const { routes, waiting, busy } = calm;
  const { model } = routes;
  const idle = at === 0 && model.byDriver.free[j]! <= 0 && model.byDriver.inHand[j]!.length === 0;
  if (!idle || waiting > fresh.length) return Number.POSITIVE_INFINITY;
  const somebodySoon = busy.some((driver) => {
    return driver.freeAt < start && fresh.some((i) => model.ruledOut[i * model.m + driver.j] === 0);
  });
  return somebodySoon ? Number.POSITIVE_INFINITY : start - model.settings.calmAheadS;
}
