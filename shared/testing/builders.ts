import type { Db } from '#shared/db/open-db.ts';
import type { NewDelivery } from '#shared/db/statements/create-delivery.ts';
import type { DriverStatus } from '#shared/domain/driver.ts';
import type { Position } from '#shared/domain/geo.ts';
import { snapToGrid } from '#shared/domain/geo.ts';

/** A place to start from: Berlin, Rosenthaler Platz. */
export const HERE: Position = { lat: 52.5291, lon: 13.4013 };

/** `metres` north of `from`, near enough for tests. */
export function north(metres: number, from: Position = HERE): Position {
  return { lat: from.lat + metres / 111_226, lon: from.lon };
}

let serial = 0;

/** A shop with a webhook, so that its events land in the outbox. */
export async function buildShop(db: Db, webhookUrl: string | null = 'http://127.0.0.1:9/none'): Promise<string> {
  serial += 1;
  const [row] = await db.run<{ id: string }>(
    `INSERT INTO dispatch.shop (slug, name, webhook_url, webhook_secrets, webhook_in_transit)
     VALUES ('shop-' || $1 || '-' || gen_random_uuid(), 'Shop', $2, array['whsec_' || encode('a secret for the tests, 24+', 'base64')], true)
     RETURNING id`,
    [String(serial), webhookUrl],
  );
  return row!.id;
}

/** Drivers on duty with a fresh position, as if they had just reported it. @returns their ids, in order */
export async function buildDrivers(
  db: Db,
  shopId: string,
  positions: readonly Position[],
  options: { duty?: DriverStatus; capacity?: number; silentForS?: number } = {},
): Promise<readonly string[]> {
  const rows = await db.run<{ id: string; n: number }>(
    `WITH t AS (SELECT dispatch.uuid_v7() AS id, t.* FROM json_to_recordset($2::text::json) AS t(n int, lat float8, lon float8)),
     d AS (INSERT INTO dispatch.driver (id, shop_id, name, duty, capacity)
       SELECT id, $1, 'Driver ' || n, $3, $4::int FROM t RETURNING id),
     l AS (INSERT INTO dispatch.driver_location (driver_id, shop_id, lat, lon, recorded_at, seen_at)
       SELECT t.id, $1, t.lat, t.lon, now(), now() - $5::int * interval '1 s' FROM t)
     SELECT t.id, t.n FROM t JOIN d USING (id) ORDER BY t.n`,
    [
      shopId,
      JSON.stringify(positions.map((position, n) => ({ n, ...snapToGrid(position) }))),
      options.duty ?? 'AVAILABLE',
      options.capacity ?? 1,
      options.silentForS ?? 0,
    ],
  );
  return rows.map((row) => row.id);
}

/** An order from here to here, as the statement takes it. */
export function newOrder(
  shop_id: string,
  order_ref: string | null,
  candidates: readonly string[] = [],
  rest: Partial<NewDelivery> = {},
): NewDelivery {
  return {
    shop_id,
    order_ref,
    channel_id: null,
    pickup_lat: HERE.lat,
    pickup_lon: HERE.lon,
    pickup: { address: 'here' },
    pickup_ready_at: null,
    pickup_after: null,
    pickup_before: null,
    pickup_service_s: null,
    dropoff_lat: HERE.lat,
    dropoff_lon: HERE.lon,
    dropoff: { address: 'there' },
    dropoff_after: null,
    dropoff_before: null,
    dropoff_service_s: null,
    size: 1,
    requires: [],
    priority: 0,
    hard_windows: false,
    excluded_driver_ids: [],
    notes: null,
    pincode: null,
    proof_required: null,
    message_digest: null,
    candidates,
    told: null,
    if_calm: false,
    append: true,
    hold: null,
    retry_in_ms: 1000,
    decision: null,
    ...rest,
  };
}
