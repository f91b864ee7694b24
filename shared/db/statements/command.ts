import { PUBLISHED_EVENTS } from '../../domain/events.ts';
import { type Db, isCheckViolation, isUniqueViolation } from '../open-db.ts';
import type { DriverRow } from '../schema.ts';

/** Who repeats what: the first result under (scope, key) is kept and given again. `null` where no key was sent. */
export interface IdempotencyClaim {
  scope: string;
  key: string;
  requestSha256: string;
}

/** Who does something, for the event, and on whose request, for the webhooks it causes. */
export interface Who {
  actor: string;
  idempotency: IdempotencyClaim | null;
  requestId?: string | undefined;
  traceparent?: string | undefined;
}

/** A driver as the projection needs him, read by the statement that changed him. Ages in ms by Postgres' clock. */
export interface ProjectedDriver {
  id: string;
  shop_id: string;
  version: number;
  status: DriverRow['status'];
  active: boolean;
  lat: number | null;
  lon: number | null;
  idle_since_ms: number;
  seen_age_ms: number | null;
}

export type Ran<Result> =
  | { kind: 'done'; result: Result; drivers: readonly ProjectedDriver[] }
  | { kind: 'replayed'; result: Result; drivers: readonly ProjectedDriver[] }
  | { kind: 'in_flight' }
  | { kind: 'key_reused' };

/** The columns by which `projected` reads a driver `d` and his location `l`. */
export const PROJECTED = `json_build_object('id', d.id, 'shop_id', d.shop_id, 'version', d.version, 'status', d.status,
  'active', d.active, 'lat', l.lat, 'lon', l.lon,
  'idle_since_ms', floor(extract(epoch from d.idle_since) * 1000)::bigint,
  'seen_age_ms', floor(extract(epoch from now() - l.seen_at) * 1000)::bigint)`;

/** The event types that leave by webhook, as a SQL list. */
const PUBLISHED = Object.keys(PUBLISHED_EVENTS)
  .map((type) => `'${type}'`)
  .join(',');

/**
 * Every state change is one statement of one shape; this is the shape. A command brings
 * - `input`: its parameters as a record definition, read from one JSON parameter as `p`;
 * - `head`: CTEs that change state. They must join `go` (empty when the key is taken) and must define
 *   `chg(d delivery, seq, type, status, occurred_at, driver_id, driver_version, lat, lon, data)`, one row per event,
 *   `drv(r driver, type, delivery_id)`, one row per changed driver (or use NO_EVENTS / NO_DRIVERS), and
 *   `out(result json, keep boolean)`, exactly one row; `keep` says whether the result is final for its key.
 * The tail writes, in the same commit: events, outbox, driver versions, dirty marks, the result under its key.
 * Lock order everywhere: delivery, then driver.
 *
 * A key whose first request is still running is seen by the advisory lock (in_flight). If that request commits
 * between our snapshot and our lock, the idempotency row's primary key stops us, everything is rolled back, and
 * `runCommand` asks again.
 */
export function command(input: string, head: string): string {
  return `WITH p AS (SELECT * FROM json_to_record($1::text::json) AS t(
  scope text, key text, request_sha256 text, actor text, request_id text, traceparent text, ${input})),
prior AS (SELECT i.request_sha256, i.result FROM p JOIN dispatch.idempotency i ON i.scope = p.scope AND i.key = p.key),
go AS MATERIALIZED (SELECT 1 FROM p WHERE NOT EXISTS (SELECT 1 FROM prior)
  AND (p.key IS NULL OR pg_try_advisory_xact_lock(hashtextextended(p.scope || ' ' || p.key, 0)))),
${head},
ev AS (INSERT INTO dispatch.delivery_event
    (delivery_id, seq, shop_id, type, status, occurred_at, actor, driver_id, driver_version, lat, lon, data)
  SELECT (c.d).id, c.seq, (c.d).shop_id, c.type, c.status, coalesce(c.occurred_at, now()), p.actor,
    c.driver_id, c.driver_version, c.lat, c.lon, c.data FROM chg c, p),
ob AS (INSERT INTO dispatch.outbox (id, shop_id, delivery_id, seq, event, body, request_id, traceparent)
  SELECT c.outbox_id, s.id, (c.d).id, c.seq, 'DELIVERY_' || c.type || '_V1', json_build_object(
    'id', c.outbox_id, 'event', 'DELIVERY_' || c.type || '_V1', 'version', 1, 'sequence', c.seq,
    'timestamp', to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'shop', s.slug, 'channelId', (c.d).channel_id, 'sellerOrderId', (c.d).order_ref, 'deliveryId', (c.d).id,
    'status', c.status, 'attempt', (c.d).attempt,
    'driver', CASE WHEN w.id IS NULL THEN NULL ELSE
      json_build_object('id', w.id, 'name', w.name, 'phone', w.phone, 'vehicle', w.vehicle) END,
    'occurredAt', to_char(coalesce(c.occurred_at, now()) AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'data', c.data)::text, p.request_id, p.traceparent
  FROM p, (SELECT chg.*, dispatch.uuid_v7() AS outbox_id FROM chg) c
  JOIN dispatch.shop s ON s.id = (c.d).shop_id LEFT JOIN dispatch.driver w ON w.id = c.driver_id
  WHERE s.webhook_url IS NOT NULL AND (c.type <> 'IN_TRANSIT' OR s.webhook_in_transit) AND c.type IN (${PUBLISHED})),
de AS (INSERT INTO dispatch.driver_event (driver_id, version, type, status, load, capacity, delivery_id, actor)
  SELECT (v.r).id, (v.r).version, v.type, (v.r).status, (v.r).load, (v.r).capacity, v.delivery_id, p.actor FROM drv v, p),
pd AS (INSERT INTO dispatch.projection_dirty AS m (driver_id, shop_id, version)
  SELECT (v.r).id, (v.r).shop_id, (v.r).version FROM drv v
  ON CONFLICT (driver_id) DO UPDATE SET version = greatest(m.version, excluded.version), marked_at = now()),
im AS (INSERT INTO dispatch.idempotency (scope, key, request_sha256, result)
  SELECT p.scope, p.key, p.request_sha256, out.result FROM p, go, out WHERE p.key IS NOT NULL AND out.keep)
SELECT CASE WHEN EXISTS (SELECT 1 FROM go) THEN 'done'
    WHEN prior.request_sha256 IS NULL THEN 'in_flight'
    WHEN prior.request_sha256 = p.request_sha256 THEN 'replayed' ELSE 'key_reused' END AS kind,
  CASE WHEN EXISTS (SELECT 1 FROM go) THEN out.result ELSE prior.result END AS result,
  (SELECT json_agg(${PROJECTED}) FROM drv v CROSS JOIN LATERAL (SELECT (v.r).*) d
    LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id) AS drivers
FROM p LEFT JOIN prior ON true LEFT JOIN out ON true`;
}

/** For commands that change no delivery. */
export const NO_EVENTS = `chg AS (SELECT NULL::dispatch.delivery AS d, 0 AS seq, '' AS type, '' AS status,
  NULL::timestamptz AS occurred_at, NULL::uuid AS driver_id, NULL::bigint AS driver_version,
  NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data WHERE false)`;

/** For commands that change no driver. */
export const NO_DRIVERS = `drv AS (SELECT NULL::dispatch.driver AS r, '' AS type, NULL::uuid AS delivery_id WHERE false)`;

/**
 * Runs one command.
 * @param actor who did it, for the event: `shop:<key>`, `driver:<id>`, `webhook:<id>`, `relay`.
 */
export async function runCommand<Result>(
  db: Db,
  text: string,
  who: Who,
  input: Record<string, unknown>,
): Promise<Ran<Result>> {
  const { scope = null, key = null, requestSha256 = null } = who.idempotency ?? {};
  const { actor, requestId: request_id, traceparent } = who;
  const parameter = JSON.stringify({
    ...input,
    scope,
    key,
    request_sha256: requestSha256,
    actor,
    request_id,
    traceparent,
  });
  const run = () =>
    db.run<{ kind: Ran<Result>['kind']; result: Result; drivers: ProjectedDriver[] | null }>(text, [parameter]);
  const [row] = await withNewSnapshots(run);
  if (row === undefined) throw new Error('a command answers exactly one row');
  const { kind, result } = row;
  return kind === 'done' || kind === 'replayed' ? { kind, result, drivers: row.drivers ?? [] } : { kind };
}

const SNAPSHOTS = 3;

/**
 * Runs a statement again where it met another one and was rolled back as a whole, which a newer snapshot settles:
 * - the result of its key was stored meanwhile;
 * - a driver's place was taken between our snapshot and our lock, and is given back by us: Postgres tries the CHECK on
 *   the row as the snapshot has it (load 0 - 1) before it looks at the newest version.
 */
async function withNewSnapshots<T>(run: () => Promise<T>): Promise<T> {
  for (let snapshot = 1; ; snapshot += 1) {
    try {
      return await run();
    } catch (error) {
      const met = isUniqueViolation(error, 'idempotency_scope_key_pk') || isCheckViolation(error, 'driver_load');
      if (!met || snapshot === SNAPSHOTS) throw error;
    }
  }
}
