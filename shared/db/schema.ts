/**
 * The tables, in a schema of their own (`dispatch`) so that they may stand in the shop's database beside Vendure's.
 * Keys are the column names: a row type below is what `row_to_json` and a plain SELECT return, nothing is renamed.
 * drizzle-kit makes the migrations from this file. Invariants are constraints here, never checks in code.
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

export const dispatch = pgSchema('dispatch');

/** UUID v7, made by Postgres (migration 0000): time-ordered, so that inserts go to the end of the index. */
const id = () => uuid().primaryKey().default(sql`dispatch.uuid_v7()`);
const at = () => timestamp({ withTimezone: true, mode: 'string' });
const now = () => at().notNull().default(sql`now()`);
/**
 * The transaction that wrote the row. Sequences are handed out in one order and committed in another; with this number
 * a reader can tell what it may have missed (statements/changes.ts).
 */
const writtenBy = () =>
  customType<{ data: string }>({ dataType: () => 'xid8' })()
    .notNull()
    .default(sql`pg_current_xact_id()`);
/** Point on the unit sphere, 3-D: its kNN order is the great-circle order, with no seam at the antimeridian or poles. */
const cube = customType<{ data: string }>({ dataType: () => 'cube' });

const STATUS = sql.raw(`'PENDING','ASSIGNED','PICKED_UP','IN_TRANSIT','DELIVERED','FAILED','RETURNED','CANCELLED'`);
const ACTIVE = sql.raw(`'ASSIGNED','PICKED_UP','IN_TRANSIT'`);
const LAT = sql.raw('between -85.05112878 and 85.05112878');
const LON = sql.raw('between -180 and 180');

export const shop = dispatch.table(
  'shop',
  {
    id: id(),
    /** The name in webhook paths: `/v1/webhooks/vendure/:shop`. */
    slug: text().notNull().unique(),
    name: text().notNull(),
    /** A driver token carries this; raising it withdraws all of the shop's tokens. */
    token_version: integer().notNull().default(1),
    max_radius_m: integer().notNull().default(10_000),
    policy: text().notNull().default('nearest'),
    /** `whsec_…` secrets that inbound webhooks may be signed with; two during a rotation. */
    inbound_secrets: text().array().notNull().default(sql`'{}'`),
    /** SHA-256 (hex) of the static `X-Webhook-Secret`, where the shop allows it. */
    inbound_static_sha256: text(),
    webhook_url: text(),
    webhook_secrets: text().array().notNull().default(sql`'{}'`),
    /** Sent as the original's `X-Webhook-Secret` when set. */
    webhook_static_secret: text(),
    webhook_in_transit: boolean().notNull().default(false),
    /** Set by a 410 of the endpoint: nothing is sent until the shop sets its webhook anew. */
    webhook_disabled_at: at(),
    pickup_lat: doublePrecision(),
    pickup_lon: doublePrecision(),
    pickup_address: json().$type<Record<string, unknown>>(),
    created_at: now(),
  },
  (t) => [
    check('shop_radius', sql`${t.max_radius_m} between 1 and 200000`),
    check('shop_pickup_lat', sql`${t.pickup_lat} ${LAT}`),
    check('shop_pickup_lon', sql`${t.pickup_lon} ${LON}`),
    check('shop_pickup_pair', sql`(${t.pickup_lat} is null) = (${t.pickup_lon} is null)`),
  ],
);

export const api_key = dispatch.table(
  'api_key',
  {
    id: text().primaryKey(),
    shop_id: uuid()
      .notNull()
      .references(() => shop.id),
    name: text().notNull(),
    secret_sha256: text().notNull(),
    scopes: text().array().notNull(),
    created_at: now(),
    revoked_at: at(),
  },
  (t) => [
    index('api_key_shop').on(t.shop_id),
    check('api_key_scopes', sql`${t.scopes} <@ array['dispatch','read'] and cardinality(${t.scopes}) > 0`),
  ],
);

export const driver = dispatch.table(
  'driver',
  {
    id: id(),
    shop_id: uuid()
      .notNull()
      .references(() => shop.id),
    /** The shop's own id for this driver, if it has one. */
    external_ref: text(),
    name: text().notNull(),
    phone: text(),
    vehicle: text(),
    capacity: smallint().notNull().default(1),
    load: smallint().notNull().default(0),
    /** What the driver (or the shop) last said. `status` follows from it and from the load. */
    duty: text().notNull().default('OFFLINE'),
    status: text()
      .notNull()
      .generatedAlwaysAs(
        sql`case when load >= capacity then 'BUSY' when duty = 'AVAILABLE' then 'AVAILABLE' when duty = 'OFFLINE' and load = 0 then 'OFFLINE' else 'BUSY' end`,
      ),
    /** Raised by every change of duty, load, capacity or active: the fence of the Redis projection. */
    version: bigint({ mode: 'number' }).notNull().default(1),
    active: boolean().notNull().default(true),
    token_version: integer().notNull().default(1),
    /** Since when nothing is in hand. */
    idle_since: now(),
    created_at: now(),
  },
  (t) => [
    unique('driver_external_ref').on(t.shop_id, t.external_ref),
    index('driver_shop').on(t.shop_id, t.id),
    index('driver_on_duty').on(t.id).where(sql`${t.duty} <> 'OFFLINE' or ${t.load} > 0`),
    check('driver_duty', sql`${t.duty} in ('AVAILABLE','BUSY','OFFLINE')`),
    check('driver_capacity', sql`${t.capacity} between 1 and 100`),
    check('driver_load', sql`${t.load} between 0 and ${t.capacity}`),
    check('driver_retired', sql`${t.active} or (${t.duty} = 'OFFLINE' and ${t.load} = 0)`),
  ],
);

/** Telemetry in a table of its own, so that a ping neither locks nor versions the driver. Thinned to one write in 10 s. */
export const driver_location = dispatch.table(
  'driver_location',
  {
    driver_id: uuid()
      .primaryKey()
      .references(() => driver.id),
    shop_id: uuid().notNull(),
    lat: doublePrecision(),
    lon: doublePrecision(),
    recorded_at: at(),
    /** Last contact of any kind, by Postgres' clock. */
    seen_at: now(),
    sphere: cube().generatedAlwaysAs(
      sql`case when lat is null then null else cube(array[cos(radians(lat))*cos(radians(lon)), cos(radians(lat))*sin(radians(lon)), sin(radians(lat))]) end`,
    ),
  },
  (t) => [
    index('driver_location_sphere').using('gist', t.shop_id, t.sphere),
    index('driver_location_seen').on(t.seen_at),
    check('driver_location_lat', sql`${t.lat} ${LAT}`),
    check('driver_location_lon', sql`${t.lon} ${LON}`),
    check('driver_location_pair', sql`(${t.lat} is null) = (${t.lon} is null)`),
  ],
);

export const delivery = dispatch.table(
  'delivery',
  {
    id: id(),
    shop_id: uuid()
      .notNull()
      .references(() => shop.id),
    /** The shop's order (`sellerOrderId`, Vendure's order code). One delivery for each, for ever. */
    order_ref: text(),
    channel_id: text(),
    status: text().notNull().default('PENDING'),
    dispatch: text().notNull(),
    /** The sequence of its latest event: 1..n without gaps. */
    version: integer().notNull(),
    attempt: integer().notNull().default(1),
    driver_id: uuid().references(() => driver.id),
    /** The driver's capacity was 1 when he got it: the partial unique index below allows him one such at a time. */
    exclusive: boolean().notNull().default(false),
    excluded_driver_ids: uuid().array().notNull().default(sql`'{}'`),
    pickup_lat: doublePrecision(),
    pickup_lon: doublePrecision(),
    pickup: json().$type<Record<string, unknown>>().notNull(),
    pickup_ready_at: at(),
    dropoff_lat: doublePrecision(),
    dropoff_lon: doublePrecision(),
    dropoff: json().$type<Record<string, unknown>>().notNull(),
    dropoff_before: at(),
    notes: text(),
    /** Asked of whoever hands the parcel over, when set. */
    pincode: text(),
    proof: json().$type<Record<string, unknown>>(),
    failure_code: text(),
    failure_note: text(),
    unreachable_since: at(),
    dispatch_attempts: integer().notNull().default(0),
    next_dispatch_at: at(),
    /** When retention took its history and the people in it away. */
    forgotten_at: at(),
    /** Since when it has been waiting for a driver (again). */
    waiting_since: now(),
    assigned_at: at(),
    picked_up_at: at(),
    ended_at: at(),
    created_at: now(),
    updated_at: now(),
  },
  (t) => [
    unique('delivery_order').on(t.shop_id, t.order_ref),
    index('delivery_shop').on(t.shop_id, t.id),
    index('delivery_driver').on(t.driver_id, t.id),
    index('delivery_ended').on(t.ended_at).where(sql`${t.ended_at} is not null and ${t.forgotten_at} is null`),
    index('delivery_due').on(t.next_dispatch_at).where(sql`${t.status} = 'PENDING'`),
    index('delivery_waiting').on(t.shop_id, t.waiting_since, t.id).where(sql`${t.status} = 'PENDING'`),
    uniqueIndex('delivery_one_per_driver').on(t.driver_id).where(sql`${t.exclusive} and ${t.status} in (${ACTIVE})`),
    check('delivery_status', sql`${t.status} in (${STATUS})`),
    check('delivery_dispatch', sql`${t.dispatch} in ('needs_location','searching','offered','exhausted','settled')`),
    check('delivery_waits', sql`(${t.status} = 'PENDING') = (${t.dispatch} <> 'settled')`),
    check('delivery_pending_has_no_driver', sql`${t.status} <> 'PENDING' or ${t.driver_id} is null`),
    check(
      'delivery_active_has_driver',
      sql`${t.status} not in (${ACTIVE},'DELIVERED','FAILED','RETURNED') or ${t.driver_id} is not null`,
    ),
    check('delivery_failed_has_code', sql`${t.status} not in ('FAILED') or ${t.failure_code} is not null`),
    check(
      'delivery_searchable',
      sql`${t.dispatch} not in ('searching','offered','exhausted') or (${t.pickup_lat} is not null and ${t.dropoff_lat} is not null)`,
    ),
    check('delivery_pickup_pair', sql`(${t.pickup_lat} is null) = (${t.pickup_lon} is null)`),
    check('delivery_dropoff_pair', sql`(${t.dropoff_lat} is null) = (${t.dropoff_lon} is null)`),
    check('delivery_pickup_lat', sql`${t.pickup_lat} ${LAT}`),
    check('delivery_pickup_lon', sql`${t.pickup_lon} ${LON}`),
    check('delivery_dropoff_lat', sql`${t.dropoff_lat} ${LAT}`),
    check('delivery_dropoff_lon', sql`${t.dropoff_lon} ${LON}`),
  ],
);

export const delivery_event = dispatch.table(
  'delivery_event',
  {
    delivery_id: uuid()
      .notNull()
      .references(() => delivery.id),
    seq: integer().notNull(),
    shop_id: uuid().notNull(),
    type: text().notNull(),
    /** The delivery's status after this event. */
    status: text().notNull(),
    occurred_at: at().notNull(),
    recorded_at: now(),
    actor: text().notNull(),
    driver_id: uuid(),
    driver_version: bigint({ mode: 'number' }),
    lat: doublePrecision(),
    lon: doublePrecision(),
    data: json().$type<Record<string, unknown>>(),
    written_by: writtenBy(),
  },
  (t) => [
    primaryKey({ columns: [t.delivery_id, t.seq] }),
    index('delivery_event_written').on(t.written_by),
    // For retention: only the events that still say where somebody was.
    index('delivery_event_placed').on(t.recorded_at).where(sql`${t.lat} is not null`),
    check('delivery_event_seq', sql`${t.seq} > 0`),
  ],
);

/** One row for each version of a driver: who made him what, when. Evidence for people and for the fault checker. */
export const driver_event = dispatch.table(
  'driver_event',
  {
    driver_id: uuid()
      .notNull()
      .references(() => driver.id),
    version: bigint({ mode: 'number' }).notNull(),
    type: text().notNull(),
    status: text().notNull(),
    load: smallint().notNull(),
    capacity: smallint().notNull(),
    delivery_id: uuid(),
    actor: text().notNull(),
    recorded_at: now(),
    written_by: writtenBy(),
  },
  (t) => [
    primaryKey({ columns: [t.driver_id, t.version] }),
    index('driver_event_written').on(t.written_by),
    index('driver_event_age').on(t.recorded_at),
  ],
);

/** What has to reach the shop's endpoint. The id and the body are born here and stay the same over retries. */
export const outbox = dispatch.table(
  'outbox',
  {
    id: id(),
    shop_id: uuid().notNull(),
    delivery_id: uuid().notNull(),
    seq: integer().notNull(),
    event: text().notNull(),
    body: text().notNull(),
    attempts: integer().notNull().default(0),
    next_attempt_at: now(),
    leased_until: at(),
    sent_at: at(),
    parked_at: at(),
    last_error: text(),
    /** The request that caused it, sent along as `x-request-id`; null where nobody asked (the relay). */
    request_id: text(),
    /** W3C trace context of that request, where tracing is on. */
    traceparent: text(),
    created_at: now(),
  },
  (t) => [
    foreignKey({ columns: [t.delivery_id, t.seq], foreignColumns: [delivery_event.delivery_id, delivery_event.seq] }),
    unique('outbox_event').on(t.delivery_id, t.seq),
    index('outbox_due')
      .on(t.shop_id, t.next_attempt_at, t.id)
      .where(sql`${t.sent_at} is null and ${t.parked_at} is null`),
    index('outbox_failed').on(t.shop_id, t.id).where(sql`${t.sent_at} is null and ${t.last_error} is not null`),
    index('outbox_age').on(t.created_at),
    index('outbox_unsent').on(t.delivery_id, t.seq).where(sql`${t.sent_at} is null`),
  ],
);

/**
 * Which deliveries may have a photograph in the object store: noted before it is put there, taken away after it is gone,
 * so that no photograph is ever kept that nobody knows of.
 */
export const proof_photo = dispatch.table(
  'proof_photo',
  {
    delivery_id: uuid()
      .primaryKey()
      .references(() => delivery.id),
    shop_id: uuid().notNull(),
    kept_at: now(),
  },
  (t) => [index('proof_photo_age').on(t.kept_at, t.delivery_id)],
);

/** Drivers whose projection in Redis may be behind. Written by the statement that changes them, cleared by relay. */
export const projection_dirty = dispatch.table('projection_dirty', {
  driver_id: uuid()
    .primaryKey()
    .references(() => driver.id),
  shop_id: uuid().notNull(),
  version: bigint({ mode: 'number' }).notNull(),
  marked_at: now(),
});

/** First results of commands by idempotency key, and of inbound webhooks by their id (`scope` says which). */
export const idempotency = dispatch.table(
  'idempotency',
  {
    scope: text().notNull(),
    key: text().notNull(),
    request_sha256: text().notNull(),
    result: json().$type<unknown>().notNull(),
    created_at: now(),
  },
  (t) => [primaryKey({ columns: [t.scope, t.key] }), index('idempotency_age').on(t.created_at)],
);

export type ShopRow = typeof shop.$inferSelect;
export type DriverRow = typeof driver.$inferSelect;
export type DriverLocationRow = typeof driver_location.$inferSelect;
export type DeliveryRow = typeof delivery.$inferSelect;
export type DeliveryEventRow = typeof delivery_event.$inferSelect;
export type DriverEventRow = typeof driver_event.$inferSelect;
export type OutboxRow = typeof outbox.$inferSelect;
