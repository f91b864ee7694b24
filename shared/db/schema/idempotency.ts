import { index, json, primaryKey, text } from 'drizzle-orm/pg-core';
import { dispatch, now } from './columns.ts';

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
