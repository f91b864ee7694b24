import { sql } from 'drizzle-orm';
import { boolean, index, integer, json, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { at, dispatch, now } from './columns.ts';

/**
 * First results of commands by idempotency key, and of inbound webhooks by their id. Most results are a delivery as it
 * was then: what changes on its way stands in the columns of the same names, what is left in `result`, and what hardly
 * ever changes is not kept at all (statements/kept-result.ts).
 */
export const kept_result = dispatch.table(
  'kept_result',
  {
    /** `dispatch.digest` of whose key it is and the key: an index over the texts would be larger than what is kept. */
    digest: uuid().primaryKey(),
    /** `dispatch.digest` of the request's SHA-256. */
    request: uuid().notNull(),
    created_at: now(),
    /** The delivery in the result; null: it has none, or was kept whole, by the version before. */
    delivery_id: uuid(),
    driver_id: uuid(),
    assigned_at: at(),
    waiting_since: at(),
    due_at: at(),
    next_dispatch_at: at(),
    planned_pickup_at: at(),
    planned_dropoff_at: at(),
    announced_at: at(),
    ended_at: at(),
    updated_at: at(),
    version: integer(),
    pickup_rank: integer(),
    dropoff_rank: integer(),
    exclusive: boolean(),
    pinned: boolean(),
    /** The key is the id of a shop's message, which is kept longer. */
    is_message: boolean().notNull().default(false),
    status: text(),
    result: json().$type<unknown>().notNull(),
  },
  (t) => [
    // For retention, which keeps the one kind longer than the other.
    index('kept_result_age').on(t.created_at).where(sql`not ${t.is_message}`),
    index('kept_result_message_age').on(t.created_at).where(sql`${t.is_message}`),
  ],
);

/**
 * Empty: where the version before, which may still run, looks for keys. What it puts here goes to `kept_result`, by a
 * trigger (migration 0011). Goes with the next version.
 */
export const idempotency = dispatch.table(
  'idempotency',
  {
    scope: text().notNull(),
    key: text().notNull(),
    request_sha256: text().notNull(),
    result: json().$type<unknown>().notNull(),
    created_at: now(),
  },
  (t) => [
    primaryKey({ columns: [t.scope, t.key] }),
    // For retention, which keeps the one kind longer than the other.
    index('idempotency_age').on(t.created_at).where(sql`${t.scope} not like 'webhook:%'`),
    index('idempotency_inbox_age').on(t.created_at).where(sql`${t.scope} like 'webhook:%'`),
  ],
);
