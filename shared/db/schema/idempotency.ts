import { sql } from 'drizzle-orm';
import { index, json, primaryKey, text } from 'drizzle-orm/pg-core';
import { dispatch, now } from './columns.ts';

/**
 * First results of commands by idempotency key, and of inbound webhooks by their id (`scope` says which). A delivery in a
 * result is kept without its columns that are null (statements/command.ts).
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
