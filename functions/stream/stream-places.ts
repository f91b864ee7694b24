import type { Limits } from '#shared/http/limits.ts';
import type { ShopPrincipal } from '#shared/http/principal.ts';
import { Problem } from '#shared/http/problem.ts';

/** Pages that watch one process at once. */
const MOST = 500;
const RETRY_AFTER_S = '5';

/**
 * The places of streams in this process: each key and each shop has so many. A place is taken in the same turn in which
 * it is found free, before anything is waited for, so that no two take the last one.
 */
export function openStreamPlaces(limits: Pick<Limits, 'streams'> | undefined) {
  const taken = new Map<string, number>();
  let all = 0;
  const change = (name: string, by: number): void => {
    const now = (taken.get(name) ?? 0) + by;
    if (now === 0) taken.delete(name);
    else taken.set(name, now);
  };
  const isFull = (name: string, most: number) => most > 0 && (taken.get(name) ?? 0) >= most;
  return {
    /** @returns how to give it back, once. @throws Problem `too_many`, or `unavailable` where the process is full */
    take({ shopId, keyId }: Pick<ShopPrincipal, 'shopId' | 'keyId'>): () => void {
      const { perKey, perShop } = limits?.streams(shopId) ?? { perKey: 0, perShop: 0 };
      const [key, shop] = [`key ${keyId}`, `shop ${shopId}`];
      if (isFull(key, perKey)) throw tooMany('streams-of-key', perKey);
      if (isFull(shop, perShop)) throw tooMany('streams-of-shop', perShop);
      if (all >= MOST) throw new Problem('unavailable', 'Too many streams');
      const add = (by: number): void => {
        all += by;
        change(key, by);
        change(shop, by);
      };
      add(1);
      let isGiven = false;
      return () => {
        if (!isGiven) add(-1);
        isGiven = true;
      };
    },
  };
}

function tooMany(policy: string, most: number): Problem {
  return new Problem('too_many', `${most} streams are open already`, {
    extra: { 'violated-policies': [policy] },
    headers: {
      'retry-after': RETRY_AFTER_S,
      'ratelimit-policy': `"${policy}";q=${most}`,
      ratelimit: `"${policy}";r=0`,
    },
  });
}
