import { EXHAUSTED_AFTER_S, nextDispatchDelayMs } from '../../domain/dispatch-schedule.ts';
import type { Position } from '../../domain/geo.ts';
import { chordLength, unitVector } from '../../domain/geo.ts';
import type { Db } from '../open-db.ts';
import { command, NO_DRIVERS, runCommand } from './command.ts';

/** A delivery that waits for a driver, with what the policy asks about. Times in ms since 1970. */
export interface WaitingRow {
  id: string;
  shop_id: string;
  pickup_lat: number;
  pickup_lon: number;
  dropoff_lat: number;
  dropoff_lon: number;
  waiting_since_ms: number;
  ready_at_ms: number | null;
  before_ms: number | null;
  excluded_driver_ids: readonly string[];
}

const WAITING = `x.id, x.shop_id, x.pickup_lat, x.pickup_lon, x.dropoff_lat, x.dropoff_lon, to_json(x.excluded_driver_ids) AS excluded_driver_ids,
  floor(extract(epoch from x.waiting_since) * 1000)::float8 AS waiting_since_ms,
  floor(extract(epoch from x.pickup_ready_at) * 1000)::float8 AS ready_at_ms,
  floor(extract(epoch from x.dropoff_before) * 1000)::float8 AS before_ms`;

const DELAYS_MS = Array.from({ length: 12 }, (_, attempts) => nextDispatchDelayMs(attempts + 1, 0.5));

/**
 * Takes up to `limit` deliveries whose next try is due, and sets their next one further off, so that several relays
 * share the work and one that dies costs only that delay.
 */
export function claimDueDeliveries(db: Db, limit: number): Promise<readonly WaitingRow[]> {
  return db.run(
    `UPDATE dispatch.delivery x SET dispatch_attempts = x.dispatch_attempts + 1,
      next_dispatch_at = now() + ($2::int[])[least(x.dispatch_attempts + 1, cardinality($2::int[]))] * interval '1 ms'
    FROM (SELECT id FROM dispatch.delivery WHERE status = 'PENDING' AND dispatch = 'searching' AND next_dispatch_at <= now()
      ORDER BY next_dispatch_at, id LIMIT $1 FOR UPDATE SKIP LOCKED) due
    WHERE x.id = due.id RETURNING ${WAITING}`,
    [limit, `{${DELAYS_MS.map(Math.round).join(',')}}`],
  );
}

/** One waiting delivery, whatever its schedule says; none if it does not wait for a driver. */
export function readWaiting(db: Db, shopId: string, deliveryId: string): Promise<readonly WaitingRow[]> {
  return db.run(
    `SELECT ${WAITING} FROM dispatch.delivery x WHERE x.id = $2 AND x.shop_id = $1 AND x.status = 'PENDING'
      AND x.dispatch IN ('searching','exhausted')`,
    [shopId, deliveryId],
  );
}

/** The longest-waiting deliveries picked up within `radiusM` of a driver who has just become free. */
export function waitingNear(
  db: Db,
  input: { shopId: string; driverId: string; position: Position; radiusM: number; limit: number },
): Promise<readonly WaitingRow[]> {
  const [x, y, z] = unitVector(input.position);
  return db.run(
    `SELECT ${WAITING} FROM dispatch.delivery x WHERE x.shop_id = $1 AND x.status = 'PENDING'
      AND x.dispatch IN ('searching','exhausted') AND $2::uuid <> ALL(x.excluded_driver_ids)
      AND (cos(radians(x.pickup_lat)) * cos(radians(x.pickup_lon)) - $3::float8) ^ 2
        + (cos(radians(x.pickup_lat)) * sin(radians(x.pickup_lon)) - $4::float8) ^ 2
        + (sin(radians(x.pickup_lat)) - $5::float8) ^ 2 <= $6::float8 ^ 2
    ORDER BY x.waiting_since, x.id LIMIT $7`,
    [input.shopId, input.driverId, x, y, z, chordLength(input.radiusM), input.limit],
  );
}

/** Searched for too long: the shop is told (once), and only a driver who becomes free near by, or a person, ends it. */
const EXHAUST = command(
  'after_s int',
  `old AS (SELECT x.id FROM p, go, dispatch.delivery x WHERE x.status = 'PENDING' AND x.dispatch = 'searching'
    AND x.waiting_since < now() - p.after_s * interval '1 s' ORDER BY x.id LIMIT 500 FOR UPDATE OF x SKIP LOCKED),
upd AS (UPDATE dispatch.delivery x SET dispatch = 'exhausted', next_dispatch_at = NULL, version = x.version + 1, updated_at = now()
  FROM old WHERE x.id = old.id RETURNING x AS d),
${NO_DRIVERS},
chg AS (SELECT upd.d, (upd.d).version AS seq, 'EXHAUSTED' AS type, 'PENDING' AS status, NULL::timestamptz AS occurred_at,
    NULL::uuid AS driver_id, NULL::bigint AS driver_version, NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data
  FROM upd),
out AS (SELECT json_build_object('deliveries', (SELECT count(*) FROM upd)) AS result, false AS keep)`,
);

/** @returns how many deliveries were given up searching for */
export async function exhaustDeliveries(db: Db, afterS: number = EXHAUSTED_AFTER_S): Promise<number> {
  const ran = await runCommand<{ deliveries: number }>(
    db,
    EXHAUST,
    { actor: 'relay', idempotency: null },
    { after_s: afterS },
  );
  return ran.kind === 'done' ? ran.result.deliveries : 0;
}
