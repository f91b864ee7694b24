import { positionOfScore } from '#shared/domain/geo.ts';
import { type ClockReading, type Instant, readingOf, storeTimeAt } from '#shared/domain/store-time.ts';
import type { Heard, LastPosition } from './availability.ts';

/*
 * When a contact was received: measured here, by a clock that nobody sets, and told Redis as an age. An age is true when
 * it is sent; what lies on its way for seconds (a network that is cut delivers what is left in it a minute later) is
 * bounded by Redis's own clock as its last answer showed it. Read for each shop, since in a cluster each may be at another node.
 */

/** The scripts read whole, non-negative numbers. */
export function wholeMs(ms: number): number {
  if (!Number.isFinite(ms)) throw new RangeError('time is not finite');
  return Math.max(0, Math.round(ms));
}

/**
 * For how long something is so since `sinceMs`, by `performance.now()`; left out: since now. Whole milliseconds that have
 * passed: of two contacts, the second received after the first was answered, the second is never taken for the older.
 */
export function ageMs(sinceMs: number | undefined): number {
  return sinceMs === undefined ? 0 : wholeMs(Math.floor(performance.now() - sinceMs));
}

export interface RedisClocks {
  instant(): Instant;
  /** The first two arguments of a script that is told ages as of now; to be asked for when it is sent. */
  asOf(shopId: string): () => [waitedMs: number, asOfMs: number | ''];
  /** Redis's clock showed `nowMs` in the answer to what was sent then. */
  read(shopId: string, nowMs: number, sent: Instant): void;
}

export function openRedisClocks(): RedisClocks {
  const readings = new Map<string, ClockReading>();
  const instant = () => ({ monotonicMs: performance.now(), wallMs: Date.now() });
  return {
    instant,
    asOf(shopId) {
      const { monotonicMs } = instant();
      return () => {
        const now = instant();
        const asOfMs = storeTimeAt(readings.get(shopId) ?? null, monotonicMs, now);
        return [wholeMs(Math.floor(now.monotonicMs - monotonicMs)), asOfMs ?? ''];
      };
    },
    read(shopId, nowMs, sent) {
      const reading = readingOf(nowMs, sent, instant());
      if (reading !== null) readings.set(shopId, reading);
    },
  };
}

/** `recordedAtMs:heardAtMs:score`, as Redis keeps it (keys.ts). */
function readKept(text: string): { recordedAtMs: number; heardAtMs: number; score: string } {
  const [recordedAtMs, heardAtMs, score = ''] = text.split(':');
  return { recordedAtMs: Number(recordedAtMs), heardAtMs: Number(heardAtMs), score };
}

export function readOnline(value: string | null): LastPosition | null {
  if (value === null) return null;
  const { recordedAtMs, score } = readKept(value);
  return { position: score === '' ? null : positionOfScore(Number(score)), recordedAtMs };
}

/**
 * @param nowMs Redis's clock in the answer
 * @param askedAtMs when it was asked, by `performance.now()`: no later than that answer
 */
export function readHeard(
  { driverId, text }: { driverId: string; text: string },
  nowMs: number,
  askedAtMs: number,
): Heard {
  const { recordedAtMs, heardAtMs, score } = readKept(text);
  // Without a time of its own it is the position that Postgres had told.
  const fix = score === '' || recordedAtMs === 0 ? null : { position: positionOfScore(Number(score)), recordedAtMs };
  return { driverId, fix, heardAtMs: askedAtMs - Math.max(0, nowMs - heardAtMs), kept: text };
}
