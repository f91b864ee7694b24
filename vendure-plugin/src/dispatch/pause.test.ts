import { expect, it } from 'vitest';
import { Pause } from './pause';

it('grows with each failure up to 10 s, heeds Retry-After within that, and ends with a success', () => {
  let nowMs = 0;
  const pause = new Pause(() => nowMs);
  const waits = Array.from({ length: 7 }, () => {
    pause.failed(null);
    return pause.remainingMs();
  });
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  nowMs = 4_000;
  expect(pause.remainingMs()).toBe(6_000);
  pause.succeeded();
  expect(pause.remainingMs()).toBe(0);
  pause.failed(7_000);
  expect(pause.remainingMs()).toBe(7_000);
  pause.failed(3_600_000);
  expect(pause.remainingMs()).toBe(10_000);
});
