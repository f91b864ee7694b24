import { openAvailability } from '#shared/availability/open-availability.ts';
import type { Db } from '#shared/db/open-db.ts';
import { readShopsBySlug } from '#shared/db/statements/shops.ts';
import type { Position } from '#shared/domain/geo.ts';
import { repairProjection } from '#shared/flows/relay/repair-projection.ts';

/** Berlin, Rosenthaler Platz. */
export const CENTER: Position = { lat: 52.5291, lon: 13.4013 };

/** A driver's id by number, so that pgbench can name them too. */
export function driverIdOf(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

/** A place within `radiusM` of `center`, evenly over the square; `random` gives 0..1. */
export function placeNear(center: Position, radiusM: number, random: () => number): Position {
  const metresPerDegree = 111_226;
  return {
    lat: center.lat + ((random() * 2 - 1) * radiusM) / metresPerDegree,
    lon: center.lon + ((random() * 2 - 1) * radiusM) / (metresPerDegree * Math.cos((center.lat * Math.PI) / 180)),
  };
}

/** mulberry32: the same places in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The shop `default`, as the service made it at its first start. */
export async function defaultShopId(db: Db): Promise<string> {
  const shop = (await readShopsBySlug(db, ['default'])).get('default');
  if (shop === undefined) throw new Error('the service has made no default shop');
  return shop.id;
}

/** Fresh AVAILABLE drivers, straight into Postgres; their numbers go on from `from`. */
export async function seedDrivers(
  db: Db,
  shopId: string,
  places: readonly Position[],
  { capacity = 100, from = 0 } = {},
): Promise<readonly string[]> {
  const rows = places.map(({ lat, lon }, i) => ({ id: driverIdOf(from + i), lat, lon }));
  for (let at = 0; at < rows.length; at += 10_000) {
    await db.run(
      `WITH t AS (SELECT * FROM json_to_recordset($2::text::json) AS t(id uuid, lat float8, lon float8)),
       d AS (INSERT INTO dispatch.driver (id, shop_id, name, duty, capacity)
         SELECT id, $1, 'Driver', 'AVAILABLE', $3 FROM t RETURNING id)
       INSERT INTO dispatch.driver_location (driver_id, shop_id, lat, lon, recorded_at)
         SELECT t.id, $1, t.lat, t.lon, now() FROM t JOIN d ON d.id = t.id`,
      [shopId, JSON.stringify(rows.slice(at, at + 10_000)), capacity],
    );
  }
  await db.run('ANALYZE dispatch.driver, dispatch.driver_location');
  return rows.map((row) => row.id);
}

/** Takes everybody out again, with all that happened to them. */
export async function clearShops(db: Db): Promise<void> {
  await db.run(
    // What refers to a driver or a delivery goes with it; named is what refers to neither.
    'TRUNCATE dispatch.driver, dispatch.delivery, dispatch.outbox_lane, dispatch.outbox, dispatch.kept_result CASCADE',
  );
}

/** As if everything had been brought and what nobody had were called off: all drivers are idle again. */
export async function finishAll(db: Db): Promise<void> {
  await db.run(
    `UPDATE dispatch.delivery SET status = CASE WHEN driver_id IS NULL THEN 'CANCELLED' ELSE 'DELIVERED' END, dispatch = 'settled',
       pickup_rank = NULL, dropoff_rank = NULL, next_dispatch_at = NULL, held_until = NULL, held_reason = NULL, ended_at = now()
     WHERE status NOT IN ('DELIVERED','CANCELLED')`,
  );
  await db.run('UPDATE dispatch.driver SET load = 0, version = version + 1, idle_since = now() WHERE load > 0');
}

/** As if everybody had just reported: what has been waiting for its row must not fall silent meanwhile. */
export async function freshen(db: Db, redisUrl: string): Promise<void> {
  await db.run('UPDATE dispatch.driver_location SET seen_at = now()');
  // As autovacuum does within the minute: plans made for empty tables are not what is to be measured.
  await db.run('ANALYZE');
  await fillRedis(db, redisUrl);
}

/** Shows Postgres's drivers to Redis, as the relay does after a start. */
export async function fillRedis(db: Db, redisUrl: string): Promise<void> {
  const availability = openAvailability({ url: redisUrl, commandTimeoutMs: 5_000 });
  try {
    await repairProjection({ db, availability });
  } finally {
    await availability.close();
  }
}
