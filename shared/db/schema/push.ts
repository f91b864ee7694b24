import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, text, unique, uuid } from 'drizzle-orm/pg-core';
import { at, dispatch, id, now } from './columns.ts';
import { driver } from './driver.ts';

/**
 * Browsers of drivers' phones that may be woken (Web Push), each with what it has been told. No message is kept: what a
 * phone has not been told follows from how its driver stands now, and several changes are one message.
 */
export const push_subscription = dispatch.table(
  'push_subscription',
  {
    id: id(),
    shop_id: uuid().notNull(),
    driver_id: uuid()
      .notNull()
      .references(() => driver.id),
    /** The paired phone; null with a token that is bound to none. */
    device_id: uuid(),
    /** The driver's when it was registered: tokens that are withdrawn wake nobody. */
    token_version: integer().notNull(),
    endpoint: text().notNull(),
    /** Of the browser, base64url: with these a message is enciphered for it alone. */
    p256dh: text().notNull(),
    auth: text().notNull(),
    /** The version of the driver that it was told of. */
    told_version: bigint({ mode: 'number' }).notNull(),
    /** The open offers that it was told of. */
    told_offers: uuid().array().notNull().default(sql`'{}'`),
    /** The latest change of an order in hand that it was told of. */
    told_changes_until: now(),
    /** The last contact after which it was asked whether its driver is still there. */
    asked_after: at(),
    /** Nobody tells it anything before this: somebody is about to, or it could not be told. */
    due_at: now(),
    leased_by: uuid(),
    attempts: integer().notNull().default(0),
    created_at: now(),
  },
  (t) => [
    // A phone is one driver's: whoever registers it last.
    unique('push_subscription_endpoint').on(t.shop_id, t.endpoint),
    index('push_subscription_driver').on(t.driver_id, t.id),
  ],
);

/** The key pair by which push services know this service (VAPID), made once. The private one is sealed. One row. */
export const push_key = dispatch.table(
  'push_key',
  {
    one: boolean().primaryKey().default(true),
    public_key: text().notNull(),
    private_key: text().notNull(),
    created_at: now(),
  },
  (t) => [check('push_key_one', sql`${t.one}`)],
);
