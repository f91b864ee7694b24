import { index, integer, json, text, uuid } from 'drizzle-orm/pg-core';
import { at, dispatch, id, now } from './columns.ts';
import { delivery } from './delivery.ts';
import { shop } from './shop.ts';

/**
 * Who plans a shop at the moment. It only saves work: two planners at once are harmless, since the committing statement
 * decides by the drivers' versions.
 */
export const dispatch_lease = dispatch.table('dispatch_lease', {
  shop_id: uuid()
    .primaryKey()
    .references(() => shop.id),
  holder: text().notNull(),
  until: at().notNull(),
  /** After a plan that was much work nobody plans the shop for a while. */
  rests_until: at(),
});

/** Why a delivery was given to a driver, held, or to nobody: written when that changes, not at each plan. */
export const dispatch_decision = dispatch.table(
  'dispatch_decision',
  {
    id: id(),
    delivery_id: uuid()
      .notNull()
      .references(() => delivery.id),
    shop_id: uuid().notNull(),
    plan_id: uuid().notNull(),
    outcome: text().notNull(),
    driver_id: uuid(),
    reason: text().notNull(),
    policy: text().notNull(),
    cost_s: integer(),
    /** Parts of the cost, alternatives, who was ruled out by what, what would help, the plan's size, settings. */
    data: json().$type<Record<string, unknown>>().notNull(),
    created_at: now(),
  },
  (t) => [index('dispatch_decision_delivery').on(t.delivery_id, t.id), index('dispatch_decision_age').on(t.created_at)],
);

export type DecisionRow = typeof dispatch_decision.$inferSelect;
