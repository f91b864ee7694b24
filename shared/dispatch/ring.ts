import { setTimeout as sleep } from 'node:timers/promises';
import { DependencyAway } from '../domain/away.ts';
import type { Report } from './deps.ts';
import type { Planned } from './plan-shop.ts';

/** Shops that want to be planned, each once; a shop that rings while it is planned is planned again. */
export interface Ring {
  ring(shopId: string, always?: boolean): void;
  /** Rings, and waits for the plan that begins after it. */
  planned(shopId: string, always: boolean): Promise<void>;
  close(): Promise<void>;
}

/** A plan is work for the processor: more at a time would only take turns. */
const AT_ONCE = 2;
/** Another planner has the shop: it is done soon, or its lease runs out and the relay comes. */
const ELSEWHERE_MS = 60;
const ELSEWHERE_TRIES = 30;

interface Wish {
  always: boolean;
  done: (() => void)[];
}

export function openRing(plan: (shopId: string, always: boolean) => Promise<Planned>, report: Report): Ring {
  const wishes = new Map<string, Wish>();
  const underWay = new Map<string, Promise<void>>();
  let isClosed = false;

  const work = async (shopId: string, { always, done }: Wish): Promise<void> => {
    try {
      for (let tries = 1; tries <= ELSEWHERE_TRIES && !isClosed; tries += 1) {
        if ((await plan(shopId, always)) !== 'elsewhere') break;
        await sleep(ELSEWHERE_MS, undefined, { ref: false });
      }
    } catch (error) {
      report(error instanceof DependencyAway ? 'plan_waits' : 'plan_failed', { shopId, error });
    }
    underWay.delete(shopId);
    for (const resolve of done) resolve();
    start();
  };
  const start = (): void => {
    for (const [shopId, wish] of wishes) {
      if (underWay.size >= AT_ONCE) return;
      if (underWay.has(shopId)) continue;
      wishes.delete(shopId);
      underWay.set(shopId, work(shopId, wish));
    }
  };
  const wish = (shopId: string, always: boolean, done: (() => void)[]): void => {
    const known = wishes.get(shopId);
    wishes.set(shopId, { always: always || (known?.always ?? false), done: [...(known?.done ?? []), ...done] });
    start();
  };

  return {
    ring: (shopId, always = false) => {
      if (!isClosed) wish(shopId, always, []);
    },
    planned: (shopId, always) =>
      isClosed ? Promise.resolve() : new Promise<void>((resolve) => wish(shopId, always, [resolve])),
    async close() {
      isClosed = true;
      for (const { done } of wishes.values()) for (const resolve of done) resolve();
      wishes.clear();
      await Promise.all(underWay.values());
    },
  };
}
