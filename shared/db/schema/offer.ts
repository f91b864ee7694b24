import { sql } from 'drizzle-orm';
import { boolean, check, index, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { at, dispatch, id, now } from './columns.ts';
import { driver } from './driver.ts';
import { shop } from './shop.ts';

/**
 * A trip that a driver was asked to make. It is good while it is open, its time has not come, and all its deliveries are
 * `offered` since the moment it was made (`delivery.offered_at`): whatever happens to one of them ends it, and nobody has
 * to write that here for the accepting statement to know. What is written later, by `settleOffers`, is for people to read
 * and for `driver.reserved` to follow.
 */
export const offer = dispatch.table(
  'offer',
  {
    id: id(),
    shop_id: uuid()
      .notNull()
      .references(() => shop.id),
    driver_id: uuid()
      .notNull()
      .references(() => driver.id),
    /** A trip is offered whole, and accepted whole. */
    delivery_ids: uuid().array().notNull(),
    /** Units of the driver's capacity that it takes. */
    size: smallint().notNull(),
    /** Nobody else is asked meanwhile, and the driver's places are kept (`driver.reserved`) while it is open. */
    exclusive: boolean().notNull(),
    /** The how-manieth time these deliveries are offered. */
    wave: smallint().notNull(),
    state: text().notNull().default('open'),
    /** Of a declined one: what the driver said; of a withdrawn one: what ended it. */
    reason: text(),
    created_at: now(),
    expires_at: at().notNull(),
    ended_at: at(),
  },
  (t) => [
    index('offer_open').on(t.shop_id, t.expires_at).where(sql`${t.state} = 'open'`),
    index('offer_open_of').on(t.driver_id, t.id).where(sql`${t.state} = 'open'`),
    index('offer_driver').on(t.driver_id, t.id),
    index('offer_delivery').using('gin', t.delivery_ids),
    index('offer_age').on(t.created_at),
    check('offer_state', sql`${t.state} in ('open','accepted','declined','expired','withdrawn')`),
    check('offer_ended', sql`(${t.state} = 'open') = (${t.ended_at} is null)`),
  ],
);

export type OfferRow = typeof offer.$inferSelect;
