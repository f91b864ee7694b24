/**
 * The one key book: every Redis key this service reads or writes, and nothing else writes keys by hand. Each begins with
 * `driver:` or `drivers:`, which is what its user in Redis may touch (guides/redis-services.md, and the stack on AWS).
 */
export interface ShopKeys {
  /** Sorted set (GEO): the AVAILABLE drivers heard from, and no others. */
  geo: string;
  /** Hash: driver → `version:code:idleSinceMs`, code `A`, `B` or `O`. Never goes back to an older version. */
  status: string;
  /** A driver's heartbeat key begins with this; see `online`. */
  onlinePrefix: string;
  /** Set once the shop has been rebuilt from Postgres. Absent: the projection is cold and must not be believed. */
  marker: string;
  /** Hash: driver → as `online`. What was heard of drivers and Postgres has not been told yet, without a time to live. */
  heard: string;
  /** Exists while it is somebody's turn to tell Postgres, and for a while after: so is a driver written once in a while. */
  saving: string;
  /** Exists for 30 s after Postgres was told everything: a process that takes fixes may rely on its being told. */
  saved: string;
  /** A driver's key begins with this while their phone's clock seems to have gone back (locate.lua); gone two minutes later. */
  behindPrefix: string;
  /** A token bucket's key begins with this: how much one caller may still ask. */
  bucketPrefix: string;
  /**
   * String, gone once the driver is silent: `recordedAtMs:heardAtMs:score`, when and where the last fix was recorded
   * (`0` and empty where not known) and when the last contact of any kind was received, by Redis's clock.
   */
  online(driverId: string): string;
}

/**
 * The keys of one shop. They share the hash tag `{shopId}`, so a script touches one cluster slot.
 *
 * @param prefix goes in front of every key: one Redis for many tests
 * @throws RangeError for a shop id or prefix that would move the hash tag
 */
export function shopKeys(shopId: string, prefix = ''): ShopKeys {
  if (shopId === '' || /[{}]/.test(prefix + shopId))
    throw new RangeError('shop id or key prefix would move the hash tag');
  const onlinePrefix = `${prefix}driver:online:{${shopId}}:`;
  return {
    geo: `${prefix}drivers:geo:{${shopId}}`,
    status: `${prefix}drivers:status:{${shopId}}`,
    onlinePrefix,
    marker: `${prefix}drivers:marker:{${shopId}}`,
    heard: `${prefix}drivers:heard:{${shopId}}`,
    saving: `${prefix}drivers:saving:{${shopId}}`,
    saved: `${prefix}drivers:saved:{${shopId}}`,
    behindPrefix: `${prefix}driver:behind:{${shopId}}:`,
    bucketPrefix: `${prefix}drivers:limits:{${shopId}}:`,
    online: (driverId) => onlinePrefix + driverId,
  };
}
