import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EXHAUSTED_AFTER_S, nextDispatchDelayMs } from './dispatch-schedule.ts';

test('2 s, doubled each time, up to a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 5_000].map((attempts) => nextDispatchDelayMs(attempts))).toEqual([
    2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
  expect(nextDispatchDelayMs(0)).toBe(2_000);
});

test('jitter shortens by a fifth at most', () => {
  const attemptsAndJitter = [fc.integer({ min: 0, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true })] as const;
  fc.assert(
    fc.property(...attemptsAndJitter, (attempts, jitter01) => {
      const nominalMs = nextDispatchDelayMs(attempts);
      const delayMs = nextDispatchDelayMs(attempts, jitter01);
      expect(delayMs).toBeGreaterThanOrEqual(nominalMs * 0.8 - 1);
      expect(delayMs).toBeLessThanOrEqual(nominalMs);
    }),
  );
  expect(nextDispatchDelayMs(9, 1)).toBe(48_000);
});

test('a delivery is tried some thirty times before it is exhausted', () => {
  let elapsedMs = 0;
  let attempts = 1;
  while (elapsedMs < EXHAUSTED_AFTER_S * 1_000) {
    elapsedMs += nextDispatchDelayMs(attempts);
    attempts += 1;
  }
  expect(attempts).toBeGreaterThan(30);
  expect(attempts).toBeLessThan(40);
});
