/*
 * Token buckets in this process's memory: a caller may do `quota` things at once, and as many again in each `windowS`.
 * To ask one costs two lookups in a Map, so every request can be counted.
 */

export interface Quota {
  quota: number;
  windowS: number;
}
export interface Bucket extends Quota {
  left: number;
  atMs: number;
  /** Spent here since the other processes were told last. */
  untold: number;
}
export interface Buckets {
  /** As of now, full for a name not known. */
  of(name: string, quota: Quota): Bucket;
}

/** Each some 150 bytes. The one used longest ago is forgotten, which is to say full. */
const MOST = 100_000;

export function openBuckets(nowMs: () => number = () => performance.now(), most = MOST): Buckets {
  const kept = new Map<string, Bucket>();
  return {
    of(name, { quota, windowS }) {
      const now = nowMs();
      const bucket = kept.get(name) ?? { quota, windowS, left: quota, atMs: now, untold: 0 };
      bucket.quota = quota;
      bucket.windowS = windowS;
      bucket.left = Math.min(quota, bucket.left + ((now - bucket.atMs) * quota) / (windowS * 1000));
      bucket.atMs = now;
      kept.delete(name);
      kept.set(name, bucket);
      if (kept.size > most) {
        const [oldest] = kept.keys();
        if (oldest !== undefined) kept.delete(oldest);
      }
      return bucket;
    },
  };
}
