import { PUBLISHED_EVENTS } from '../../domain/events.ts';
import { DELIVERY_COLUMNS, DRIVER_COLUMNS } from './columns.ts';
import { KEEP_RESULT, KEPT_UNDER_KEY, wholeResult } from './kept-result.ts';

/*
 * Every state change is one statement of one shape; this is the shape.
 *
 *   asked ── prior ── fresh        the parameters; what is stored under their key; those whose key is free
 *     └─▶ steps                    lock deliveries by id, then drivers by id; decide on what the locks returned
 *           ├─▶ deliveries         whole rows as they are to be        ─▶ put_delivery
 *           ├─▶ drivers            whole rows as they are to be        ─▶ put_driver ─▶ driver_event, projection_dirty
 *           ├─▶ events             what happened to which delivery     ─▶ delivery_event, outbox
 *           └─▶ answer             one for each of `asked`             ─▶ kept_result, the reply
 *
 * Why locks first and whole rows: under READ COMMITTED an UPDATE that had to wait tries its CHECKs on the old row with
 * the new values before it notices that there is a newer one. A row that is written whole, from what its lock returned,
 * is legal beside any older one. A SELECT … FOR UPDATE in a CTE that nobody reads does not run: each is read here.
 */

/** The statement's parts. Every SELECT gives `n`, the number of the command it belongs to, and reads `fresh`. */
export interface CommandParts {
  /** CTEs, each `name AS (…)`, joined by commas. Deliveries are locked by id, then drivers by id. */
  steps: string;
  /** `SELECT n, d`: deliveries to be written, made of their locked rows with `deliveryWith`. */
  deliveries?: string;
  /** `SELECT n, r, type, delivery_id, route`: the same for drivers, and what the driver event says. */
  drivers?: string;
  /** The same of drivers that `steps` has inserted. */
  born?: string;
  /** Made with `event`. */
  events?: readonly string[];
  /** `SELECT` of the columns of DECISION: why it was decided so. */
  decisions?: string;
  /** `SELECT n, result, keep`: exactly one row for each of `asked`; `keep`: it is the final result for its key. */
  answer: string;
}

/** What every command is told besides its own parameters. */
const ASKED = 'n int, scope text, key text, request_sha256 text, actor text, request_id text, traceparent text';

/** The columns of a decision record, as `CommandParts.decisions` selects them. */
export const DECISION = 'delivery_id, shop_id, plan_id, outcome, driver_id, reason, policy, cost_s, data';

/** The columns by which `projected` reads a driver `d` and their location `l`. */
export const PROJECTED = `json_build_object('id', d.id, 'shop_id', d.shop_id, 'version', d.version, 'status', d.status,
  'active', d.active, 'lat', l.lat, 'lon', l.lon,
  'idle_since_ms', floor(extract(epoch from d.idle_since) * 1000)::bigint,
  'seen_age_ms', floor(extract(epoch from now() - l.seen_at) * 1000)::bigint)`;

/** The event types that leave by webhook, as a SQL list. */
const PUBLISHED = Object.keys(PUBLISHED_EVENTS)
  .map((type) => `'${type}'`)
  .join(',');

/**
 * True, once `step`, which writes with RETURNING, is done. Postgres runs what nobody reads last, and in no order that
 * holds: two commands that lock the same rows would meet head-on.
 */
export const after = (step: string) => `(SELECT count(*) FROM ${step}) >= 0`;

/**
 * The delivery `row` with some columns changed, whole. What its views show may change only together with its version,
 * and that only together with an event: by these whoever follows the shop's deliveries is told.
 * @param columns SQL expressions by column
 */
export function deliveryWith(row: string, columns: Readonly<Record<string, string>>): string {
  const { version } = columns;
  if (version === undefined) return rowWith(row, columns);
  const isNews = `${version} <> (${row}).version`;
  return rowWith(row, { updated_at: `CASE WHEN ${isNews} THEN now() ELSE (${row}).updated_at END`, ...columns });
}

/**
 * The driver `row` with some columns changed, whole, as its next version. Another duty ends a break, and takes back that
 * the next trip is the last; and whoever said so is OFFLINE with that trip in hand: whatever gives it to them says it.
 */
export function driverWith(row: string, columns: Readonly<Record<string, string>>): string {
  const { duty, load } = columns;
  return rowWith(row, {
    ...(duty !== undefined && { break_until: 'NULL', last_one: 'false' }),
    ...(load !== undefined && {
      duty: `CASE WHEN (${row}).last_one AND ${load} > 0 THEN 'OFFLINE' ELSE (${row}).duty END`,
      last_one: `(${row}).last_one AND ${load} = 0`,
    }),
    ...columns,
    version: `(${row}).version + 1`,
  });
}

/** Any row with some columns changed, whole: nothing that is written as it is. */
export function rowWith(row: string, columns: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(columns).map(([column, value]) => `'${column}', ${value}`);
  return `json_populate_record(${row}, json_build_object(${pairs.join(', ')}))`;
}

/**
 * `fresh f`, each with the delivery that it names by id or by the shop's order, locked, as `named.d`. Found by LATERAL
 * (… LIMIT 1), each by its own index, however small the table was when Postgres looked: in a join with an OR it reads
 * all deliveries of the shop, and goes on doing so until the table is analysed.
 * @param condition what `y`, the delivery, must be besides, as its lock returns it
 */
export const freshWithNamed = (
  condition = 'true',
) => `fresh f CROSS JOIN LATERAL (SELECT y AS d FROM dispatch.delivery y
    WHERE y.id = coalesce(f.delivery_id, (SELECT o.id FROM dispatch.delivery o
        WHERE o.shop_id = f.shop_id AND o.order_ref = f.order_ref LIMIT 1))
      AND y.shop_id = f.shop_id AND ${condition} LIMIT 1 FOR NO KEY UPDATE) named`;

/** One thing that happened to deliveries: SQL expressions over `from`; what is left out is null. */
export interface EventParts {
  from: string;
  /** The delivery's row after it. */
  d: string;
  type: string;
  n?: string;
  seq?: string;
  status?: string;
  occurred_at?: string;
  driver_id?: string;
  driver_version?: string;
  lat?: string;
  lon?: string;
  data?: string;
  /** The fixed columns before it, where it changed them (`fixedColumns`). */
  was?: string;
}

export function event(parts: EventParts): string {
  const { from, d, type } = parts;
  return `SELECT ${parts.n ?? 'n'} AS n, ${d} AS d, ${parts.seq ?? `(${d}).version`} AS seq, ${type} AS type,
    ${parts.status ?? `(${d}).status`} AS status, ${parts.occurred_at ?? 'NULL::timestamptz'} AS occurred_at,
    ${parts.driver_id ?? `(${d}).driver_id`} AS driver_id, ${parts.driver_version ?? 'NULL::bigint'} AS driver_version,
    ${parts.lat ?? 'NULL::float8'} AS lat, ${parts.lon ?? 'NULL::float8'} AS lon, ${parts.data ?? 'NULL::json'} AS data,
    ${parts.was ?? 'NULL::json'} AS was
  FROM ${from}`;
}

/**
 * The text of a command.
 * @param input its own parameters as a record definition, read from one JSON list as `asked`
 * @param most commands in one statement: said in it, so that Postgres plans for a few and not for hundreds
 */
export function command(input: string, parts: CommandParts, most = 1): string {
  const ctes = [parameters(input, most), parts.steps, ...writes(parts)];
  return `WITH ${ctes.join(',\n')}\n${REPLY(parts.drivers !== undefined || parts.born !== undefined)}`;
}

/**
 * A key whose first request is still running is seen by the advisory lock (in_flight). If that request commits between
 * our snapshot and our lock, the kept row's primary key stops us, everything is rolled back, and `runCommand`
 * asks again. Rows are looked up by LATERAL (… LIMIT 1), one at a time: for a list the planner would rather read a
 * table that was small when it looked, and go on doing so while the table grows.
 */
function parameters(input: string, most: number): string {
  return `asked AS MATERIALIZED (SELECT t.* FROM json_to_recordset($1::text::json) AS t(${ASKED}${input === '' ? '' : `, ${input}`})
  LIMIT ${most}),
prior AS (SELECT asked.n, i.* FROM asked CROSS JOIN LATERAL (${KEPT_UNDER_KEY}) i),
fresh AS MATERIALIZED (SELECT asked.* FROM asked WHERE NOT EXISTS (SELECT 1 FROM prior WHERE prior.n = asked.n)
  AND (asked.key IS NULL OR pg_try_advisory_xact_lock(hashtextextended(asked.scope || ' ' || asked.key, 0))))`;
}

function writes(parts: CommandParts): readonly string[] {
  const { deliveries, drivers, born, events = [], answer } = parts;
  return [
    ...(deliveries === undefined ? [] : [`delivery_after AS MATERIALIZED (${deliveries})`, PUT_DELIVERY]),
    ...(drivers === undefined ? [] : [`driver_after AS MATERIALIZED (${drivers})`, PUT_DRIVER]),
    ...(drivers === undefined && born === undefined
      ? []
      : [driversThatChanged(drivers, born), DRIVER_EVENTS, DIRTY_MARKS]),
    ...(events.length === 0
      ? []
      : [`happened AS MATERIALIZED (${events.join('\n  UNION ALL ')})`, DELIVERY_EVENTS, OUTBOX]),
    ...(parts.decisions === undefined
      ? []
      : [`put_decision AS (INSERT INTO dispatch.dispatch_decision (${DECISION}) ${parts.decisions})`]),
    `answer AS MATERIALIZED (${answer})`,
    `put_result AS (${KEEP_RESULT})`,
  ];
}

const assignments = (columns: readonly string[], row: string) =>
  columns.map((column) => `${column} = ${row}.${column}`).join(', ');

/*
 * A whole row is taken apart once, by `(SELECT (a.d).*)`: for each `(a.d).column` that it reads, Postgres copies the
 * table's description with all CHECKs, which made half of the time it took to read a statement.
 */

// The list of ids beside each join keeps Postgres on the primary key, however small the table was when it looked.
const PUT_DELIVERY = `put_delivery AS (UPDATE dispatch.delivery x SET ${assignments(DELIVERY_COLUMNS, 'a')}
  FROM (SELECT (d).* FROM delivery_after) a WHERE x.id = a.id AND x.id = ANY (ARRAY(SELECT (d).id FROM delivery_after)))`;

const PUT_DRIVER = `put_driver AS (UPDATE dispatch.driver w SET ${assignments(DRIVER_COLUMNS, 'a')}
  FROM (SELECT (r).* FROM driver_after) a WHERE w.id = a.id AND w.id = ANY (ARRAY(SELECT (r).id FROM driver_after)) RETURNING w AS r)`;

/** With the generated status, hence from what was written. */
function driversThatChanged(drivers: string | undefined, born: string | undefined): string {
  const written = `SELECT a.n, w.r, a.type, a.delivery_id, a.route FROM put_driver w JOIN driver_after a ON (a.r).id = (w.r).id`;
  const sources = [drivers === undefined ? [] : written, born ?? []].flat();
  return `driver_now AS MATERIALIZED (${sources.join(' UNION ALL ')})`;
}

const DRIVER_EVENTS = `put_driver_event AS (INSERT INTO dispatch.driver_event
    (driver_id, version, shop_id, type, status, load, capacity, delivery_id, actor, route)
  SELECT v.id, v.version, v.shop_id, v.event, v.status, v.load, v.capacity, v.delivery_id, f.actor, v.route
  FROM (SELECT n, type AS event, delivery_id, route, (r).* FROM driver_now) v JOIN fresh f ON f.n = v.n)`;

const DIRTY_MARKS = `put_dirty AS (INSERT INTO dispatch.projection_dirty AS m (driver_id, shop_id, version)
  SELECT v.id, v.shop_id, v.version FROM (SELECT (r).* FROM driver_now) v ORDER BY v.id
  ON CONFLICT (driver_id) DO UPDATE SET version = greatest(m.version, excluded.version), marked_at = now())`;

const DELIVERY_EVENTS = `put_event AS (INSERT INTO dispatch.delivery_event
    (delivery_id, seq, shop_id, type, status, occurred_at, actor, driver_id, driver_version, lat, lon, data, was)
  SELECT (h.d).id, h.seq, (h.d).shop_id, h.type, h.status, coalesce(h.occurred_at, now()), f.actor,
    h.driver_id, h.driver_version, h.lat, h.lon, h.data, h.was FROM happened h JOIN fresh f ON f.n = h.n)`;

const utc = (time: string) => `to_char(${time} AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const OUTBOX = `put_outbox AS (INSERT INTO dispatch.outbox (id, shop_id, delivery_id, seq, event, body, request_id, traceparent)
  SELECT h.outbox_id, s.id, d.id, h.seq, 'DELIVERY_' || h.type || '_V1', json_build_object(
    'id', h.outbox_id, 'event', 'DELIVERY_' || h.type || '_V1', 'version', 1, 'sequence', h.seq,
    'timestamp', ${utc('now()')}, 'shop', s.slug, 'channelId', d.channel_id, 'sellerOrderId', d.order_ref,
    'deliveryId', d.id, 'status', h.status, 'attempt', d.attempt,
    'driver', CASE WHEN w.id IS NULL THEN NULL ELSE
      json_build_object('id', w.id, 'name', w.name, 'phone', w.phone, 'vehicle', w.vehicle) END,
    'plannedPickupAt', ${utc('d.planned_pickup_at')}, 'plannedDropoffAt', ${utc('d.planned_dropoff_at')},
    'occurredAt', ${utc('coalesce(h.occurred_at, now())')}, 'data', h.data)::text, f.request_id, f.traceparent
  FROM (SELECT happened.*, dispatch.uuid_v7() AS outbox_id FROM happened) h JOIN fresh f ON f.n = h.n
  CROSS JOIN LATERAL (SELECT (h.d).*) d
  JOIN dispatch.shop s ON s.id = d.shop_id LEFT JOIN dispatch.driver w ON w.id = h.driver_id
  WHERE s.webhook_url IS NOT NULL AND (h.type <> 'IN_TRANSIT' OR s.webhook_in_transit)
    AND (h.type <> 'ETA_CHANGED' OR s.webhook_eta_changed)
    AND (h.type <> 'RATED' OR s.webhook_ratings)
    AND (h.type NOT IN ('OFFERED','OFFER_DECLINED','OFFER_EXPIRED') OR s.webhook_offers) AND h.type IN (${PUBLISHED}))`;

const REPLY = (withDrivers: boolean) => `SELECT CASE WHEN f.n IS NOT NULL THEN 'done'
    WHEN prior.request IS NULL THEN 'in_flight'
    WHEN prior.request = dispatch.digest(asked.request_sha256) THEN 'replayed' ELSE 'key_reused' END AS kind,
  CASE WHEN f.n IS NOT NULL THEN a.result WHEN prior.result IS NOT NULL THEN ${wholeResult('prior')} END AS result, ${
    withDrivers
      ? `(SELECT json_agg(${PROJECTED}) FROM driver_now v CROSS JOIN LATERAL (SELECT (v.r).*) d
    LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id WHERE v.n = asked.n)`
      : 'NULL::json'
  } AS drivers
FROM asked LEFT JOIN fresh f ON f.n = asked.n LEFT JOIN prior ON prior.n = asked.n LEFT JOIN answer a ON a.n = asked.n
ORDER BY asked.n`;
