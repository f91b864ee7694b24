import { type ClockReading, type Instant, readingOf, storeTimeAt } from '../../domain/store-time.ts';
import type { Db } from '../open-db.ts';

/*
 * When a contact was received, as a statement is told it: how long ago that was when the statement was sent, and the time
 * Postgres had then, if one of its last answers tells. Each alone errs: the age does not know how long the statement lay
 * in a network, and a clock that has been read may have been replaced since. Where they differ the earlier counts.
 */

const readings = new WeakMap<Db, ClockReading>();

export interface Receipt {
  age_ms: number;
  clock_ms: number | null;
}

/** As a record definition in `json_to_recordset`. */
export const RECEIPT = 'age_ms float8, clock_ms float8';

/** Of less on its way a clock that was read before says too little. */
const LAY_S = 2;
const byAge = (row: string) => `(now() - greatest(${row}.age_ms, 0) * interval '1 ms')`;

/** When what `row` tells was received, by Postgres' clock. Null where no age is told. */
export const receivedAt = (row: string) =>
  `CASE WHEN to_timestamp(${row}.clock_ms / 1000) < ${byAge(row)} - interval '${LAY_S} s' THEN to_timestamp(${row}.clock_ms / 1000)
    ELSE ${byAge(row)} END`;

/** Postgres' clock, as `readClock` reads it: ms since 1970. */
export const CLOCK = 'floor(extract(epoch from now()) * 1000)::float8';

/** @param heardAtMs by `performance.now()` */
export function receiptOf(db: Db, heardAtMs: number, now = instant()): Receipt {
  return { age_ms: now.monotonicMs - heardAtMs, clock_ms: storeTimeAt(readings.get(db) ?? null, heardAtMs, now) };
}

/** An answer to what was sent then tells Postgres' time. */
export function readClock(db: Db, nowMs: number | undefined, sent: Instant): void {
  const reading = nowMs === undefined ? null : readingOf(nowMs, sent, instant());
  if (reading !== null) readings.set(db, reading);
}

export function instant(): Instant {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}
