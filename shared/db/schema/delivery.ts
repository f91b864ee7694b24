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
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  ACTIVE_STATUSES,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  DRIVEN_STATUSES,
  ENDED_STATUSES,
} from '../../domain/delivery.ts';
import { PROOF_PARTS } from '../../domain/proof.ts';
import { sqlList } from '../sql-list.ts';
import { at, dispatch, id, LAT, LON, now, writtenBy } from './columns.ts';
import { driver } from './driver.ts';
import { shop } from './shop.ts';

const STATUS = sql.raw(sqlList(DELIVERY_STATUSES));
const ACTIVE = sql.raw(sqlList(ACTIVE_STATUSES));
const DRIVEN = sql.raw(sqlList(DRIVEN_STATUSES));
const ENDED = sql.raw(sqlList(ENDED_STATUSES));
const PROOF = sql.raw(sqlList(PROOF_PARTS));
/** The dispatch states in which the engine looks for a driver. */
const SOUGHT = sql.raw(`'searching','held','exhausted'`);

export const delivery = dispatch.table(
  'delivery',
  {
    id: id(),
    shop_id: uuid()
      .notNull()
      .references(() => shop.id),
    /** The shop's order (`sellerOrderId`, Vendure's order code). One delivery for each, for ever. */
    order_ref: text(),
    /**
     * SHA-256 of what the shop's messages last said of the order. A message that says the same again changes nothing,
     * whatever a person has corrected since; null: no message has said anything.
     */
    message_digest: text(),
    channel_id: text(),
    status: text().$type<DeliveryStatus>().notNull().default('PENDING'),
    dispatch: text().notNull(),
    /** The sequence of its latest event: 1..n without gaps. */
    version: integer().notNull(),
    attempt: integer().notNull().default(1),
    driver_id: uuid().references(() => driver.id),
    /**
     * The driver's capacity was 1 when they got it: the partial unique index below allows a driver one such at a time.
     */
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
    /** Units of a driver's capacity. */
    size: smallint().notNull().default(1),
    /** Tags that its driver must have, all of them. */
    requires: text().array().notNull().default(sql`'{}'`),
    priority: smallint().notNull().default(0),
    /** The ends of its windows are limits; else being late is a cost. */
    hard_windows: boolean().notNull().default(false),
    pickup_after: at(),
    pickup_before: at(),
    dropoff_after: at(),
    /** Seconds at the door; null: as the shop says. */
    pickup_service_s: integer(),
    dropoff_service_s: integer(),
    notes: text(),
    /** Asked of whoever hands the parcel over, when set. */
    pincode: text(),
    /** Wrong codes since this one was set. From PINCODE_TRIES on it is locked: no code opens it. */
    pincode_misses: smallint().notNull().default(0),
    /** What its driver has to bring from the door (domain/proof.ts); null: as the shop says. */
    proof_required: text().array(),
    proof: json().$type<Record<string, unknown>>(),
    failure_code: text(),
    failure_note: text(),
    unreachable_since: at(),
    dispatch_attempts: integer().notNull().default(0),
    /** When the engine has to look at it; null: not by the clock (nothing waits, or only for a driver to come free). */
    next_dispatch_at: at(),
    /** Since when somebody should have been looking for a driver: later than `waiting_since` for a scheduled order. */
    due_at: now(),
    /** Until when it is held, scheduled or paused (`paused` may be without end); and why it waits. */
    held_until: at(),
    held_reason: text(),
    /** Since when drivers are asked who takes it, while `offered`: an offer made at another time is over. */
    offered_at: at(),
    /** A person gave it to its driver: no plan takes it away. */
    pinned: boolean().notNull().default(false),
    /**
     * Its places among the stops of its driver. The pickup's until it is made; the last stop's until it is made too, and
     * after FAILED as long as the parcel is still aboard and has to go back (`return`). Whatever has a last stop counts
     * towards its driver's load.
     */
    pickup_rank: integer(),
    dropoff_rank: integer(),
    /** What customers and shops are shown: also before a driver is told. */
    planned_pickup_at: at(),
    planned_dropoff_at: at(),
    /** The hand-over that an event last told the shop: ETA_CHANGED is measured from here. */
    announced_at: at(),
    /** When retention took its history and the people in it away. */
    forgotten_at: at(),
    /** Since when it has been waiting for a driver (again). */
    waiting_since: now(),
    assigned_at: at(),
    picked_up_at: at(),
    ended_at: at(),
    /** What the customer said of it once it was handed over: 1 to 5, and in a few words. */
    rating: smallint(),
    rating_note: text(),
    rated_at: at(),
    /**
     * The status once it has ended; null before. In place of `status` in indexes: a column of an index that changes makes
     * Postgres write a row of every index anew (no HOT update), and the status changes with each step on the way.
     */
    ended_as: text().generatedAlwaysAs(sql`case when status in (${ENDED}) then status end`),
    created_at: now(),
    updated_at: now(),
  },
  (t) => [
    unique('delivery_order').on(t.shop_id, t.order_ref),
    index('delivery_shop').on(t.shop_id, t.id),
    index('delivery_driver').on(t.driver_id, t.id),
    index('delivery_ended').on(t.ended_at).where(sql`${t.ended_at} is not null and ${t.forgotten_at} is null`),
    index('delivery_shop_ended').on(t.shop_id, t.ended_at).where(sql`${t.ended_at} is not null`),
    // What goes on: small however much has been.
    index('delivery_open').on(t.shop_id, t.id).where(sql`${t.ended_at} is null`),
    // What went wrong is rare among what ended well, which a page of the newest finds without an index of its own.
    index('delivery_missed').on(t.shop_id, t.ended_as, t.id).where(sql`${t.ended_as} <> 'DELIVERED'`),
    index('delivery_missed_by').on(t.driver_id, t.ended_as, t.id).where(sql`${t.ended_as} <> 'DELIVERED'`),
    index('delivery_due').on(t.next_dispatch_at).where(sql`${t.next_dispatch_at} is not null`),
    // What the engine plans: the longest due first.
    index('delivery_waiting').on(t.shop_id, t.due_at, t.id).where(sql`${t.dispatch} in (${SOUGHT})`),
    // What drivers are being asked about.
    index('delivery_offered').on(t.shop_id).where(sql`${t.dispatch} = 'offered'`),
    // The stops of a driver.
    index('delivery_aboard').on(t.driver_id).where(sql`${t.dropoff_rank} is not null`),
    uniqueIndex('delivery_one_per_driver').on(t.driver_id).where(sql`${t.exclusive} and ${t.dropoff_rank} is not null`),
    check('delivery_status', sql`${t.status} in (${STATUS})`),
    check(
      'delivery_dispatch',
      sql`${t.dispatch} in ('needs_location','scheduled','searching','held','offered','paused','exhausted','settled')`,
    ),
    check('delivery_waits', sql`(${t.status} = 'PENDING') = (${t.dispatch} <> 'settled')`),
    check('delivery_pending_has_no_driver', sql`${t.status} <> 'PENDING' or ${t.driver_id} is null`),
    check('delivery_active_has_driver', sql`${t.status} not in (${DRIVEN}) or ${t.driver_id} is not null`),
    check('delivery_failed_has_code', sql`${t.status} not in ('FAILED') or ${t.failure_code} is not null`),
    check(
      'delivery_searchable',
      sql`${t.dispatch} in ('needs_location','paused','settled') or (${t.pickup_lat} is not null and ${t.dropoff_lat} is not null)`,
    ),
    check('delivery_held', sql`${t.held_until} is null or ${t.dispatch} in ('scheduled','held','paused')`),
    check('delivery_size', sql`${t.size} between 1 and 100`),
    check('delivery_pincode_misses', sql`${t.pincode_misses} between 0 and 5`),
    check('delivery_rating', sql`${t.rating} between 1 and 5`),
    check('delivery_rated', sql`${t.rating} is not null or (${t.rating_note} is null and ${t.rated_at} is null)`),
    check('delivery_proof_required', sql`${t.proof_required} <@ array[${PROOF}]`),
    check('delivery_priority', sql`${t.priority} between -5 and 5`),
    check('delivery_pickup_rank', sql`(${t.status} = 'ASSIGNED') = (${t.pickup_rank} is not null)`),
    check(
      'delivery_dropoff_rank',
      sql`case when ${t.status} in (${ACTIVE}) then ${t.dropoff_rank} is not null else ${t.dropoff_rank} is null or ${t.status} = 'FAILED' end`,
    ),
    check('delivery_rank_order', sql`${t.pickup_rank} < ${t.dropoff_rank}`),
    check('delivery_pinned', sql`not ${t.pinned} or ${t.dropoff_rank} is not null`),
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
    /**
     * What the delivery's fixed columns were before this event (statements/columns.ts), where it changed them after all:
     * results that were kept without them are given again with these. Shown to nobody.
     */
    was: json().$type<Record<string, unknown>>(),
    written_by: writtenBy(),
  },
  (t) => [
    primaryKey({ columns: [t.delivery_id, t.seq] }),
    // What followers of a shop have not seen yet.
    index('delivery_event_changes').on(t.shop_id, t.written_by),
    // For erasures: the few that say who was to get it before it was changed.
    index('delivery_event_changed').on(t.shop_id, t.delivery_id).where(sql`${t.was} is not null`),
    // For retention: only the events that still say where somebody was.
    index('delivery_event_placed').on(t.recorded_at).where(sql`${t.lat} is not null`),
    check('delivery_event_seq', sql`${t.seq} > 0`),
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
    /** Whose it is; null: the shop's. */
    driver_id: uuid(),
    kept_at: now(),
  },
  (t) => [index('proof_photo_age').on(t.kept_at, t.delivery_id)],
);

export type DeliveryRow = typeof delivery.$inferSelect;
export type DeliveryEventRow = typeof delivery_event.$inferSelect;
