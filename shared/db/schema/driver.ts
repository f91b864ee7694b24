import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  json,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { at, cube, dispatch, id, LAT, LON, now, writtenBy } from './columns.ts';
import { shop } from './shop.ts';

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
    /** Units of size that fit. */
    capacity: smallint().notNull().default(1),
    /** The sizes of exactly the deliveries that have stops with this driver, together. */
    load: smallint().notNull().default(0),
    /** Units kept free for open offers. */
    reserved: smallint().notNull().default(0),
    tags: text().array().notNull().default(sql`'{}'`),
    /** No stop is planned after this; null: no end known. */
    shift_ends_at: at(),
    /** A person has fixed the order of the stops up to this rank. */
    fixed_rank: integer().notNull().default(0),
    /** What the driver (or the shop) last said. `status` follows from it and from the load. */
    duty: text().notNull().default('OFFLINE'),
    /**
     * When BUSY ends by itself; null: when they say so. Kept once it has ended so: until then nobody could expect to hear
     * from them, and silence counts from there.
     */
    break_until: at(),
    /** The next trip is their last: what gives it to them makes them OFFLINE, which shows when it is done. */
    last_one: boolean().notNull().default(false),
    status: text()
      .notNull()
      .generatedAlwaysAs(
        sql`case when load >= capacity then 'BUSY' when duty = 'AVAILABLE' then 'AVAILABLE' when duty = 'OFFLINE' and load = 0 then 'OFFLINE' else 'BUSY' end`,
      ),
    /**
     * Raised by every change of duty, load, capacity or active, and of the order of the stops: the fence of the Redis
     * projection, and what a plan for this driver is made for.
     */
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
    index('driver_on_break').on(t.break_until).where(sql`${t.duty} = 'BUSY'`),
    // Whoever has something in hand.
    index('driver_busy').on(t.shop_id, t.id).where(sql`${t.load} > 0`),
    check('driver_duty', sql`${t.duty} in ('AVAILABLE','BUSY','OFFLINE')`),
    check('driver_capacity', sql`${t.capacity} between 1 and 100`),
    check('driver_load', sql`${t.load} between 0 and ${t.capacity}`),
    check('driver_reserved', sql`${t.reserved} >= 0 and ${t.load} + ${t.reserved} <= ${t.capacity}`),
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

/**
 * One row for each version of a driver: what changed, when, and who changed it. Read by people and by the fault
 * checker.
 */
export const driver_event = dispatch.table(
  'driver_event',
  {
    driver_id: uuid()
      .notNull()
      .references(() => driver.id),
    version: bigint({ mode: 'number' }).notNull(),
    /** The driver's; null in what was written before there was this column, which no follower asks for any more. */
    shop_id: uuid(),
    type: text().notNull(),
    status: text().notNull(),
    load: smallint().notNull(),
    capacity: smallint().notNull(),
    delivery_id: uuid(),
    actor: text().notNull(),
    /**
     * All stops in order as this version has them, `[[delivery, "pickup" | "dropoff" | "return"], …]`, where a plan or a
     * person arranged them. Null: with ASSIGNED the stops of `delivery_id` came last; else its stops went.
     */
    route: json().$type<readonly (readonly [string, string])[]>(),
    recorded_at: now(),
    written_by: writtenBy(),
  },
  (t) => [
    primaryKey({ columns: [t.driver_id, t.version] }),
    // What followers of a shop have not seen yet.
    index('driver_event_changes').on(t.shop_id, t.written_by),
    index('driver_event_age').on(t.recorded_at),
  ],
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

/**
 * Since when drivers could be heard without a break, for whoever judges their silence: one row. Renewed by each look at
 * who is silent; where those looks failed for a while, or nobody looked, it begins anew.
 */
export const hearing = dispatch.table(
  'hearing',
  {
    one: boolean().primaryKey().default(true),
    since: now(),
    renewed_at: now(),
  },
  (t) => [check('hearing_one', sql`${t.one}`)],
);

/** The phones of a driver: a token made for one is good as long as its row is. Withdrawn ones are kept to be shown. */
export const device = dispatch.table(
  'device',
  {
    id: id(),
    shop_id: uuid().notNull(),
    driver_id: uuid()
      .notNull()
      .references(() => driver.id),
    /** What the phone says of itself. */
    name: text().notNull(),
    created_at: now(),
    expires_at: at().notNull(),
    withdrawn_at: at(),
  },
  (t) => [index('device_driver').on(t.driver_id, t.id)],
);

/**
 * A code by which one phone may become a driver's, once. The first part of a code finds its row, the second is guessed
 * against it: after a few misses the row is dead, no matter who guessed or from where.
 */
export const pairing = dispatch.table(
  'pairing',
  {
    finder: text().primaryKey(),
    /** HMAC of the whole code, by a key of the service. */
    proof: text().notNull(),
    shop_id: uuid().notNull(),
    driver_id: uuid()
      .notNull()
      .references(() => driver.id),
    misses: smallint().notNull().default(0),
    /** Of the token that it gives. */
    token_ttl_s: integer().notNull(),
    expires_at: at().notNull(),
  },
  (t) => [index('pairing_age').on(t.expires_at)],
);

export type DriverRow = typeof driver.$inferSelect;
export type DriverLocationRow = typeof driver_location.$inferSelect;
export type DriverEventRow = typeof driver_event.$inferSelect;
