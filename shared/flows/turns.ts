import { DependencyAway } from '../domain/away.ts';

/** Work of many shops, so much of it at a time. What comes beyond that waits, and the shops that wait take turns. */
export interface Turns {
  /**
   * Runs `work` when its turn comes: of one shop first come first served, and of several shops one each in turn, so that
   * one shop's crowd is waited for by that shop.
   * @throws DependencyAway (`postgres`, which is what everything here waits for) where no turn came in time
   */
  run<T>(shopId: string, work: () => Promise<T>): Promise<T>;
  /** How much of this shop is under way. */
  underWay(shopId: string): number;
}

/** @param most at a time. @param waitMs for a turn, at the longest */
export function openTurns(most: number, waitMs: number): Turns {
  /** By shop, the one whose turn is next first. None of the sets is empty. */
  const waiting = new Map<string, Set<() => void>>();
  const counts = new Map<string, number>();
  let free = most;

  const count = (shopId: string, change: 1 | -1): void => {
    const now = (counts.get(shopId) ?? 0) + change;
    if (now === 0) counts.delete(shopId);
    else counts.set(shopId, now);
  };
  const leave = (shopId: string, take: () => void): void => {
    const ofShop = waiting.get(shopId);
    ofShop?.delete(take);
    if (ofShop?.size === 0) waiting.delete(shopId);
  };
  const turnOf = (shopId: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const take = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        leave(shopId, take);
        reject(new DependencyAway('postgres', new Error('no turn in time')));
      }, waitMs);
      const ofShop = waiting.get(shopId);
      if (ofShop) ofShop.add(take);
      else waiting.set(shopId, new Set([take]));
    });
  const handOn = (): void => {
    const [next] = waiting;
    const [take] = next?.[1] ?? [];
    if (next === undefined || take === undefined) {
      free += 1;
      return;
    }
    const [shopId, ofShop] = next;
    // The shop goes to the end of the row.
    waiting.delete(shopId);
    waiting.set(shopId, ofShop);
    leave(shopId, take);
    take();
  };

  return {
    async run(shopId, work) {
      if (free > 0) free -= 1;
      else await turnOf(shopId);
      count(shopId, 1);
      try {
        return await work();
      } finally {
        count(shopId, -1);
        handOn();
      }
    },
    underWay: (shopId) => counts.get(shopId) ?? 0,
  };
}
