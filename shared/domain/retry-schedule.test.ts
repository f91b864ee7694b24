import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GIVE_UP_AFTER_MS, retryDelayMs } from './retry-schedule.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const attempt = fc.integer({ min: 0, max: 2_000 });
const jitter01 = fc.double({ min: 0, max: 1, noNaN: true });

test('5 s at first, 24 h at last, growing between', () => {
  const delays = Array.from({ length: 12 }, (_, i) => retryDelayMs(i + 1, 0.5));
  expect(delays.slice(0, 3)).toEqual([5_000, 15_000, 45_000]);
  expect(delays.slice(9)).toEqual([DAY_MS, DAY_MS, DAY_MS]);
  for (let i = 1; i < 10; i += 1) expect(delays[i]).toBeGreaterThan(delays[i - 1]!);
  expect(retryDelayMs(0, 0.5)).toBe(5_000);
});

test('jitter is a fifth either way', () => {
  expect([0, 1].map((jitter) => retryDelayMs(1, jitter))).toEqual([4_000, 6_000]);
  fc.assert(
    fc.property(attempt, jitter01, (n, jitter) => {
      const nominalMs = retryDelayMs(n, 0.5);
      expect(Math.abs(retryDelayMs(n, jitter) - nominalMs)).toBeLessThanOrEqual(nominalMs * 0.2 + 1);
    }),
  );
});

test('never sooner than Retry-After asks, but after 24 h at the latest', () => {
  expect(retryDelayMs(1, 0, 120)).toBe(120_000);
  expect(retryDelayMs(8, 0.5, 1)).toBe(retryDelayMs(8, 0.5));
  expect(retryDelayMs(1, 0.5, 10 * 86_400)).toBe(DAY_MS);
  fc.assert(
    fc.property(attempt, jitter01, fc.integer({ min: 0, max: 1_000_000 }), (n, jitter, retryAfterS) => {
      const delayMs = retryDelayMs(n, jitter, retryAfterS);
      expect(delayMs).toBeGreaterThanOrEqual(Math.min(DAY_MS, retryAfterS * 1_000));
      expect(delayMs).toBeLessThanOrEqual(DAY_MS);
    }),
  );
});

test.each([Number.NaN, -5, undefined])('Retry-After %s is ignored', (retryAfterS) => {
  expect(retryDelayMs(3, 0.25, retryAfterS)).toBe(retryDelayMs(3, 0.25));
});

test('an endpoint that never answers is tried about a dozen times in three days', () => {
  expect(GIVE_UP_AFTER_MS).toBe(3 * DAY_MS);
  let tries = 1;
  for (let elapsedMs = 0; ; tries += 1) {
    elapsedMs += retryDelayMs(tries, 0.5);
    if (elapsedMs > GIVE_UP_AFTER_MS) break;
  }
  expect(tries).toBe(12);
});
