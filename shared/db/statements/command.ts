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
  const one = (columns: string) => `SELECT 0 AS n, t.* FROM json_to_record($1::text::json) AS t(${columns})`;
  return statement(one(`${ASKED}, ${input}`), head, () => 'true');
}

/** What every command is told besides its own parameters. */
const ASKED = 'scope text, key text, request_sha256 text, actor text, request_id text, traceparent text';

/** Commands in one statement at most. Said in it, so that Postgres plans for a few and not for hundreds. */
export const MOST_COMMANDS = 16;

/**
 * The same for many at once: the parameter is a list, `p` has one row for each, and `p`, `go`, `chg`, `drv` and `out`
 * are told apart by a number `n`, which is also the order of the answers. All of it is one commit; no two of the list
 * may have the same key.
 * Rows are looked up by LATERAL (… LIMIT 1), one at a time: for a list the planner would rather read a table that was
 * small when it looked, and go on doing so while the table grows.
 */
export function commands(input: string, head: string): string {
  const many = (columns: string) =>
    `SELECT t.* FROM json_to_recordset($1::text::json) AS t(${columns}) LIMIT ${MOST_COMMANDS}`;
  return statement(many(`n int, ${ASKED}, ${input}`), head, (alias) => `${alias}.n = p.n`);
}

function statement(parameters: string, head: string, ofP: (alias: string) => string): string {
  return `WITH p AS MATERIALIZED (${parameters}),
prior AS (SELECT p.n, i.request_sha256, i.result FROM p CROSS JOIN LATERAL (
    SELECT * FROM dispatch.idempotency i WHERE i.scope = p.scope AND i.key = p.key LIMIT 1) i),
go AS MATERIALIZED (SELECT p.n FROM p WHERE NOT EXISTS (SELECT 1 FROM prior WHERE prior.n = p.n)
  AND (p.key IS NULL OR pg_try_advisory_xact_lock(hashtextextended(p.scope || ' ' || p.key, 0)))),
${head},
ev AS (INSERT INTO dispatch.delivery_event
    (delivery_id, seq, shop_id, type, status, occurred_at, actor, driver_id, driver_version, lat, lon, data)
  SELECT (c.d).id, c.seq, (c.d).shop_id, c.type, c.status, coalesce(c.occurred_at, now()), p.actor,
    c.driver_id, c.driver_version, c.lat, c.lon, c.data FROM chg c JOIN p ON ${ofP('c')}),
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
  FROM (SELECT chg.*, dispatch.uuid_v7() AS outbox_id FROM chg) c JOIN p ON ${ofP('c')}
  JOIN dispatch.shop s ON s.id = (c.d).shop_id LEFT JOIN dispatch.driver w ON w.id = c.driver_id
  WHERE s.webhook_url IS NOT NULL AND (c.type <> 'IN_TRANSIT' OR s.webhook_in_transit) AND c.type IN (${PUBLISHED})),
de AS (INSERT INTO dispatch.driver_event (driver_id, version, type, status, load, capacity, delivery_id, actor)
  SELECT (v.r).id, (v.r).version, v.type, (v.r).status, (v.r).load, (v.r).capacity, v.delivery_id, p.actor
  FROM drv v JOIN p ON ${ofP('v')}),
pd AS (INSERT INTO dispatch.projection_dirty AS m (driver_id, shop_id, version)
  SELECT (v.r).id, (v.r).shop_id, (v.r).version FROM drv v ORDER BY (v.r).id
  ON CONFLICT (driver_id) DO UPDATE SET version = greatest(m.version, excluded.version), marked_at = now()),
im AS (INSERT INTO dispatch.idempotency (scope, key, request_sha256, result)
  SELECT p.scope, p.key, p.request_sha256, o.result FROM p JOIN go ON go.n = p.n JOIN out o ON ${ofP('o')}
  WHERE p.key IS NOT NULL AND o.keep)
SELECT CASE WHEN go.n IS NOT NULL THEN 'done'
    WHEN prior.request_sha256 IS NULL THEN 'in_flight'
    WHEN prior.request_sha256 = p.request_sha256 THEN 'replayed' ELSE 'key_reused' END AS kind,
  CASE WHEN go.n IS NOT NULL THEN o.result ELSE prior.result END AS result,
  (SELECT json_agg(${PROJECTED}) FROM drv v CROSS JOIN LATERAL (SELECT (v.r).*) d
    LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id WHERE ${ofP('v')}) AS drivers
FROM p LEFT JOIN go ON go.n = p.n LEFT JOIN prior ON prior.n = p.n LEFT JOIN out o ON ${ofP('o')} ORDER BY p.n`;
}

/** For commands that change no delivery. */
export const NO_EVENTS = `chg AS (SELECT NULL::dispatch.delivery AS d, 0 AS seq, '' AS type, '' AS status,
  NULL::timestamptz AS occurred_at, NULL::uuid AS driver_id, NULL::bigint AS driver_version,
  NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data WHERE false)`;

/** For commands that change no driver. */
export const NO_DRIVERS = `drv AS (SELECT NULL::dispatch.driver AS r, '' AS type, NULL::uuid AS delivery_id WHERE false)`;

/** One command of a list. */
export interface Order<Input> {
  who: Who;
  input: Input;
}

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
  const parameter = JSON.stringify(parametersOf(who, input));
  const [ran] = await withNewSnapshots(() => run<Result>(db, text, parameter, 1));
  return ran as Ran<Result>;
}

/**
 * Runs one command for each of a list, in one commit; answers in their order. One that another statement met fails them
 * all, and nothing of any is kept.
 */
export async function runCommands<Result>(
  db: Db,
  text: string,
  list: readonly Order<Record<string, unknown>>[],
): Promise<readonly Ran<Result>[]> {
  const parameter = JSON.stringify(list.map(({ who, input }, n) => ({ n, ...parametersOf(who, input) })));
  const ask = () => run<Result>(db, text, parameter, list.length);
  return list.length === 1 ? withNewSnapshots(ask) : ask();
}

function parametersOf({ idempotency, actor, requestId, traceparent }: Who, input: Record<string, unknown>) {
  const { scope = null, key = null, requestSha256 = null } = idempotency ?? {};
  return { ...input, scope, key, request_sha256: requestSha256, actor, request_id: requestId, traceparent };
}

interface AnswerRow<Result> {
  kind: Ran<Result>['kind'];
  result: Result;
  drivers: ProjectedDriver[] | null;
}

async function run<Result>(db: Db, text: string, parameter: string, answers: number): Promise<readonly Ran<Result>[]> {
  const rows = await db.run<AnswerRow<Result>>(text, [parameter]);
  if (rows.length !== answers) throw new Error(`a command answers exactly one row; ${rows.length} for ${answers}`);
  return rows.map(({ kind, result, drivers }) =>
    kind === 'done' || kind === 'replayed' ? { kind, result, drivers: drivers ?? [] } : { kind },
  );
}

const SNAPSHOTS = 3;

/**
 * Runs a statement again where it met another one and was rolled back as a whole, which a newer snapshot settles:
 * - the result of its key was stored meanwhile;
 * - a driver's place was taken between our snapshot and our lock, and is given back by us: Postgres tries the CHECK on
 *   the row as the snapshot has it (load 0 - 1) before it looks at the newest version.
 */
async function withNewSnapshots<T>(ask: () => Promise<T>): Promise<T> {
  for (let snapshot = 1; ; snapshot += 1) {
    try {
      return await ask();
    } catch (error) {
      const met = isUniqueViolation(error, 'idempotency_scope_key_pk') || isCheckViolation(error, 'driver_load');
      if (!met || snapshot === SNAPSHOTS) throw error;
    }
  }
}
