import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, text, unique, uuid } from 'drizzle-orm/pg-core';
import { at, dispatch, id, now } from './columns.ts';
import { delivery_event } from './delivery.ts';

/**
 * What has to reach the shop's endpoint, until it has: then the row goes. The id and the body are born here and stay the
 * same over retries. How sending it stands is in `outbox_lane`; `sent_at` is null in whatever is sent since there are
 * lanes, and asked for by the version before, whose relay may still run: it goes with the next one.
 */
export const outbox = dispatch.table(
  'outbox',
  {
    id: id(),
    shop_id: uuid().notNull(),
    delivery_id: uuid().notNull(),
    seq: integer().notNull(),
    event: text().notNull(),
    body: text().notNull(),
    sent_at: at(),
    /** The request that caused it, sent along as `x-request-id`; null where nobody asked (the relay). */
    request_id: text(),
    /** W3C trace context of that request, where tracing is on. */
    traceparent: text(),
    created_at: now(),
  },
  (t) => [
    foreignKey({ columns: [t.delivery_id, t.seq], foreignColumns: [delivery_event.delivery_id, delivery_event.seq] }),
    unique('outbox_event').on(t.delivery_id, t.seq),
    index('outbox_age').on(t.created_at),
  ],
);

/**
 * One row for each delivery with events to be sent: its first one may go, the others wait behind it. So whoever looks for
 * what may go reads no event that waits. Opened, and told of later events, by a trigger on `outbox` (migration 0007);
 * what a relay does with the first event is written here, by the relay that has leased the lane.
 */
export const outbox_lane = dispatch.table(
  'outbox_lane',
  {
    delivery_id: uuid().primaryKey(),
    shop_id: uuid().notNull(),
    /** Of the latest event. Once that has left, the lane goes. */
    last_seq: integer().notNull(),
    /** When its first event may be tried (again). While it is leased: when the lease ends. Null: given up. */
    due_at: at().default(sql`now()`),
    /** The relay that sends the first event, or did. */
    leased_by: text(),
    /** Of the first event, this lease's included. */
    attempts: integer().notNull().default(0),
    /** The first event, if it has failed, and how. */
    failed_id: uuid(),
    last_error: text(),
    parked_at: at(),
  },
  (t) => [
    index('outbox_lane_due').on(t.shop_id, t.due_at, t.delivery_id).where(sql`${t.due_at} is not null`),
    index('outbox_lane_failed').on(t.shop_id, t.failed_id).where(sql`${t.failed_id} is not null`),
    check('outbox_lane_parked', sql`(${t.due_at} is null) = (${t.parked_at} is not null)`),
  ],
);

export type OutboxRow = typeof outbox.$inferSelect;
