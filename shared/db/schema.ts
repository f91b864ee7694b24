/**
 * The tables, in a schema of their own (`dispatch`) so that they may stand in the shop's database beside Vendure's.
 * Keys are the column names: a row type below is what `row_to_json` and a plain SELECT return, nothing is renamed.
 * drizzle-kit makes the migrations from this file, the one door to the tables. Invariants are constraints there, never
 * checks in code.
 */

export { dispatch } from './schema/columns.ts';
export * from './schema/delivery.ts';
export * from './schema/driver.ts';
export * from './schema/idempotency.ts';
export * from './schema/offer.ts';
export * from './schema/outbox.ts';
export * from './schema/plan.ts';
export * from './schema/push.ts';
export * from './schema/shop.ts';
