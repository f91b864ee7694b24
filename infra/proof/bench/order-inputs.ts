import { randomUUID } from 'node:crypto';
import type { Db } from '#shared/db/open-db.ts';
import { CREATE_DELIVERIES } from '#shared/db/statements/create-delivery.ts';
import { dispatchSettingsOf } from '#shared/dispatch/settings-of-shop.ts';
import { type OrderDetails, planOrders } from '#shared/dispatch/small-plan.ts';
import type { Position } from '#shared/domain/geo.ts';
import { CENTER, driverIdOf } from './seed.ts';

/** As many as the service looks for around the pickup of one order. */
const WINDOW = 8;
const ROWS_AT_ONCE = 2_000;

/** The deciding statement as pgbench runs it: each time with the next of the parameters that `prepareInputs` has made. */
export const PGBENCH_STATEMENT = CREATE_DELIVERIES.replace(
  '$1::text::json',
  "(SELECT input FROM bench_input WHERE n = (SELECT nextval('bench_number')))::json",
);

export interface Inputs {
  shopId: string;
  policy: 'planned' | 'nearest';
  /** Where the drivers are, by number. */
  places: readonly Position[];
  count: number;
}

/**
 * Makes the statement's parameters beforehand (pgbench can look one up, but not write JSON), with what the short way
 * itself says of an order and the drivers around it. No two of `places.length` orders in a row want the same driver.
 */
export async function prepareInputs(db: Db, inputs: Inputs): Promise<void> {
  await db.run('DROP TABLE IF EXISTS bench_input');
  await db.run('DROP SEQUENCE IF EXISTS bench_number');
  await db.run('CREATE UNLOGGED TABLE bench_input (n bigint PRIMARY KEY, input text)');
  await db.run('CREATE SEQUENCE bench_number CACHE 100');
  for (let from = 0; from < inputs.count; from += ROWS_AT_ONCE) {
    const rows = Array.from({ length: ROWS_AT_ONCE }, (_, i) => ({
      n: from + i + 1,
      input: inputOf(inputs, from + i),
    }));
    await db.run(
      'INSERT INTO bench_input SELECT t.n, t.input FROM json_to_recordset($1::text::json) AS t(n bigint, input text)',
      [JSON.stringify(rows)],
    );
  }
  await db.run('ANALYZE bench_input');
}

function inputOf({ shopId, policy, places }: Inputs, n: number): string {
  const first = n % places.length;
  const others = Array.from({ length: WINDOW - 1 }, (_, i) => (first + places.length / 2 + i) % places.length);
  const found = [first, ...others].map((number) => ({
    driverId: driverIdOf(number),
    position: places[number]!,
    idleSinceMs: 0,
  }));
  const details = orderDetails(shopId, places[first]!);
  const settings = dispatchSettingsOf({ policy, max_radius_m: 100_000, dispatch: {} });
  const [decision] = planOrders([{ details, found }], settings, { nowMs: Date.now(), ratio: 1, vehicleOf: () => null });
  const isPlanned = policy === 'planned';
  const whole = { ...details, ...decision!, if_calm: isPlanned, append: !isPlanned, retry_in_ms: 0 };
  const who = { scope: `webhook:${shopId}`, key: randomUUID(), request_sha256: '0'.repeat(64), actor: 'webhook:bench' };
  return JSON.stringify([{ n: 0, ...whole, ...who }]);
}

function orderDetails(shop_id: string, { lat, lon }: Position): OrderDetails {
  return {
    shop_id,
    order_ref: `P-${randomUUID()}`,
    channel_id: null,
    pickup_lat: lat,
    pickup_lon: lon,
    pickup: { address: 'Torstrasse 1, 10119 Berlin' },
    pickup_ready_at: null,
    pickup_after: null,
    pickup_before: null,
    pickup_service_s: null,
    dropoff_lat: CENTER.lat,
    dropoff_lon: CENTER.lon,
    dropoff: { address: 'Ackerstrasse 9, 10115 Berlin' },
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
  };
}
