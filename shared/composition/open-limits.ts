import type { Availability } from '../availability/availability.ts';
import type { ShopBook } from '../flows/deps.ts';
import type { Allowance, Limits } from '../http/limits.ts';
import { type Bucket, openBuckets, type Quota } from '../runtime/buckets.ts';
import type { Config } from '../runtime/config.ts';

/*
 * Who may ask how much. Decided in this process's memory, so that no request waits for it: a round trip to Redis for
 * each fix would cost more than the fix. Other processes are told through Redis, beside the requests, and only of callers
 * who have used a sixteenth of a quota since they were last told of: the honest never. What comes back is what all
 * processes together have left, and takes the place of what this one believed. So n processes let a caller do at most
 * the quota, n sixteenths of it, and what fits in a quarter of a second; without Redis, n times the quota.
 *
 * Own token buckets, not a library's: those at hand keep a timer for each caller in memory, without a bound, and wait for
 * Redis within the request. On Lambda each process answers one request at a time; there the gateway's throttle stands
 * in front, and this is the same code.
 */

const SHARE_FROM = 1 / 16;
const SHARE_EVERY_MS = 250;
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** Looks at one delivery by its tracking link, which is sent on: its page looks twelve times a minute. */
const LOOKS_PER_MINUTE = 240;
/** Of one delivery, by its tracking link: far more than anybody means, and few enough for its driver, who is told of each. */
const CUSTOMER_PER_HOUR = 30;
/** How long settings of a shop's limits that were changed elsewhere may go unseen, beside the shop book's own 10 s. */
const SETTINGS_TTL_MS = 5_000;
const SHOPS_KEPT = 10_000;

type Settings = Config['limits'];
type Own = Partial<
  Record<'keyPerMinute' | 'driverPerMinute' | 'shopPerMinute' | 'streamsPerKey' | 'streamsPerShop', number>
>;
interface Stores {
  availability: Pick<Availability, 'spend'> | null;
  shops: Pick<ShopBook, 'byId'>;
}

/** Passed in, so that a whole day can be tried in seconds. */
export interface LimitsTime {
  nowMs(): number;
  /** Runs it after so many milliseconds, beside all else; what is still to come keeps no process alive. */
  later(ms: number, run: () => Promise<void>): void;
}

const THIS_PROCESS: LimitsTime = {
  nowMs: () => performance.now(),
  later: (ms, run) => void setTimeout(() => void run(), ms).unref(),
};

export function openLimits(settings: Settings, stores: Stores, time = THIS_PROCESS): Limits {
  const { nowMs } = time;
  const buckets = openBuckets(nowMs);
  const share = openSharing(stores.availability, time);
  const ownOf = openOwnSettings(stores.shops, nowMs);

  const take = (
    shopId: string,
    name: string,
    policy: string,
    quota: Quota,
    points: number,
    anyway = false,
  ): Allowance | null => {
    if (quota.quota === 0) return null;
    const bucket = buckets.of(`${shopId} ${name}`, quota);
    // Who is refused is not made to wait longer by asking again.
    const left = bucket.left - points;
    if (left >= 0 || anyway) spend(bucket, Math.min(points, bucket.left + quota.quota));
    if (bucket.untold >= quota.quota * SHARE_FROM) share(shopId, name, bucket);
    return { policy, quota: quota.quota, windowS: quota.windowS, left };
  };

  return {
    spend(principal, points, how) {
      if (principal.kind === 'operator') return null;
      const { shopId } = principal;
      const { keyPerMinute, driverPerMinute, shopPerMinute } = { ...settings, ...ownOf(shopId) };
      const minute = (quota: number): Quota => ({ quota, windowS: MINUTE_S });
      const own =
        principal.kind === 'driver'
          ? take(shopId, `driver:${principal.driverId}`, 'driver', minute(driverPerMinute), points, how === 'anyway')
          : take(shopId, `key:${principal.keyId}`, 'key', minute(keyPerMinute), points, how === 'anyway');
      if (own !== null && own.left < 0) return own;
      return least(own, take(shopId, 'shop', 'shop', minute(shopPerMinute), points, how === 'anyway'));
    },
    spendStoredKey(principal) {
      if (principal.kind === 'operator') return null;
      const isDriver = principal.kind === 'driver';
      const quota = isDriver ? settings.driverStoredKeysPerDay : settings.shopStoredKeysPerDay;
      const name = isDriver ? `stored:${principal.driverId}` : 'stored';
      return take(principal.shopId, name, 'stored-keys', { quota, windowS: DAY_S }, 1);
    },
    // Counted here alone: until it was read, nobody knows whose shop's it is, and with whom to share it.
    spendLink(deliveryId) {
      if (deliveryId === null) return null;
      const bucket = buckets.of(`link ${deliveryId}`, { quota: LOOKS_PER_MINUTE, windowS: MINUTE_S });
      const left = bucket.left - 1;
      if (left >= 0) bucket.left = left;
      return { policy: 'link', quota: LOOKS_PER_MINUTE, windowS: MINUTE_S, left };
    },
    spendCustomer(shopId, deliveryId) {
      const quota = { quota: CUSTOMER_PER_HOUR, windowS: HOUR_S };
      return take(shopId, `customer:${deliveryId}`, 'customer', quota, 1);
    },
    noteRefusal(address) {
      if (address === null || settings.refusalsPerMinute === 0) return;
      const bucket = buckets.of(`address ${address}`, { quota: settings.refusalsPerMinute, windowS: MINUTE_S });
      bucket.left = Math.max(0, bucket.left - 1);
    },
    outOfRefusals(address) {
      const quota = settings.refusalsPerMinute;
      if (address === null || quota === 0) return null;
      const { left } = buckets.of(`address ${address}`, { quota, windowS: MINUTE_S });
      return left >= 1 ? null : { policy: 'refusals', quota, windowS: MINUTE_S, left };
    },
    streams(shopId) {
      const { streamsPerKey, streamsPerShop } = { ...settings, ...ownOf(shopId) };
      return { perKey: streamsPerKey, perShop: streamsPerShop };
    },
  };
}

function spend(bucket: Bucket, points: number): void {
  bucket.left -= points;
  bucket.untold += points;
}

function least(one: Allowance | null, other: Allowance | null): Allowance | null {
  if (one === null || other === null) return one ?? other;
  return other.left / other.quota < one.left / one.quota ? other : one;
}

type Share = (shopId: string, name: string, bucket: Bucket) => void;

/** Tells the other processes what was spent here, many buckets of a shop in one call, and takes over what is left. */
function openSharing(availability: Stores['availability'], { later }: LimitsTime): Share {
  if (availability === null) return () => {};
  const waiting = new Map<string, Map<string, Bucket>>();
  let isDue = false;
  const tell = async (): Promise<void> => {
    isDue = false;
    const shops = [...waiting];
    waiting.clear();
    for (const [shopId, byName] of shops) {
      const spent = [...byName].map(([name, { quota, windowS, untold }]) => ({ name, quota, windowS, spent: untold }));
      for (const bucket of byName.values()) bucket.untold = 0;
      // Where Redis is away this process goes by what it knows itself.
      const left = await availability.spend(shopId, spent).catch(() => null);
      [...byName.values()].forEach((bucket, place) => {
        bucket.left = Math.min(bucket.left, left?.[place] ?? bucket.left);
      });
    }
  };
  return (shopId, name, bucket) => {
    const byName = waiting.get(shopId) ?? new Map<string, Bucket>();
    waiting.set(shopId, byName.set(name, bucket));
    if (isDue) return;
    isDue = true;
    later(SHARE_EVERY_MS, tell);
  };
}

/** What the operator has set for a shop, as far as it is known: read beside the requests, which do not wait for it. */
function openOwnSettings(shops: Stores['shops'], nowMs: () => number): (shopId: string) => Own {
  const kept = new Map<string, { own: Own; readAtMs: number }>();
  return (shopId) => {
    const known = kept.get(shopId) ?? { own: {}, readAtMs: Number.NEGATIVE_INFINITY };
    if (nowMs() - known.readAtMs > SETTINGS_TTL_MS) {
      known.readAtMs = nowMs();
      if (kept.size >= SHOPS_KEPT) kept.clear();
      kept.set(shopId, known);
      shops.byId(shopId).then(
        (shop) => {
          known.own = shop?.limits ?? {};
        },
        () => {},
      );
    }
    return known.own;
  };
}
