/** The one key book: every Redis key this service reads or writes, and nothing else writes keys by hand. */
export interface ShopKeys {
  /** Sorted set (GEO): the AVAILABLE drivers heard from, and no others. */
  geo: string;
  /** Hash: driver → `version:code:idleSinceMs`, code `A`, `B` or `O`. Never goes back to an older version. */
  status: string;
  /** A driver's heartbeat key begins with this; see `online`. */
  onlinePrefix: string;
  /** Set once the shop has been rebuilt from Postgres. Absent: the projection is cold and must not be believed. */
  marker: string;
  /** String, 60 s TTL: `recordedAtMs:persistedAtMs:score` of the last fix, `0` and empty where not known. */
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
    online: (driverId) => onlinePrefix + driverId,
  };
}
