import { sql } from 'drizzle-orm';
import { customType, pgSchema, timestamp, uuid } from 'drizzle-orm/pg-core';

export const dispatch = pgSchema('dispatch');

/** UUID v7, made by Postgres (migration 0000): time-ordered, so that inserts go to the end of the index. */
export const id = () => uuid().primaryKey().default(sql`dispatch.uuid_v7()`);
export const at = () => timestamp({ withTimezone: true, mode: 'string' });
export const now = () => at().notNull().default(sql`now()`);
/**
 * The transaction that wrote the row. Sequences are handed out in one order and committed in another; with this number
 * a reader can tell what it may have missed (statements/changes.ts).
 */
export const writtenBy = () =>
  customType<{ data: string }>({ dataType: () => 'xid8' })()
    .notNull()
    .default(sql`pg_current_xact_id()`);
/** Point on the unit sphere, 3-D: its kNN order is the great-circle order, with no seam at the antimeridian or poles. */
export const cube = customType<{ data: string }>({ dataType: () => 'cube' });

export const LAT = sql.raw('between -85.05112878 and 85.05112878');
export const LON = sql.raw('between -180 and 180');
