import { expect, it } from 'vitest';
import { backOffMs, Pause } from './pause';

it('grows with each failure up to 10 s, heeds Retry-After within that, and ends with a success', () => {
  let nowMs = 0;
  const pause = new Pause(
    () => nowMs,
    () => 0,
  );
  const waits = Array.from({ length: 7 }, () => {
    pause.failed(null);
    const waitMs = pause.remainingMs();
    nowMs += waitMs;
    return waitMs;
  });
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  pause.succeeded();
  pause.failed(7_000);
  expect(pause.remainingMs()).toBe(7_000);
  nowMs += 4_000;
  expect(pause.remainingMs()).toBe(3_000);
  pause.succeeded();
  expect(pause.remainingMs()).toBe(0);
  pause.failed(3_600_000);
  expect(pause.remainingMs()).toBe(10_000);
});

it('counts failures of the same moment once', () => {
  const pause = new Pause(
    () => 0,
    () => 0,
  );
  for (let each = 0; each < 8; each += 1) pause.failed(null);
  expect(pause.remainingMs()).toBe(500);
});

it('is up to a quarter shorter by chance, never longer than 10 s', () => {
  expect(backOffMs(0, 0, () => 0.999_999)).toBe(375);
  expect(backOffMs(50, 0, () => 0)).toBe(10_000);
  expect(backOffMs(50, 0, () => 0.5)).toBe(8_750);
});
