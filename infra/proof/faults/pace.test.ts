import { expect, test } from 'vitest';
import { longestFirst, openPace } from './pace.ts';

const MINUTE_MS = 60_000;
const FAULTS = [
  ...[65_000, 65_000, 95_000].map((durationMs) => ({ durationMs, minMinutes: 10 })),
  { durationMs: 4_000 },
  ...Array.from({ length: 60 }, () => ({})),
];

/** @returns how long all of them took, ms */
function runThrough(beyondMs: (lastsMs: number) => number): number {
  const pace = openPace();
  let nowMs = 0;
  for (const place of FAULTS.keys()) {
    const lastsMs = pace.lastsMs(FAULTS.slice(place), 20 * MINUTE_MS - nowMs, 1);
    nowMs += lastsMs + beyondMs(lastsMs);
    pace.took(beyondMs(lastsMs));
  }
  return nowMs;
}

test.each([1_700, 6_000, 10_000])('all kinds find time in twenty minutes where each takes %i ms longer', (beyondMs) => {
  expect(runThrough(() => beyondMs)).toBeLessThanOrEqual(20.1 * MINUTE_MS);
});

test('where nothing is ever well in time, all kinds still fit before a run is given up', () => {
  expect(runThrough(() => 14_000)).toBeLessThan(1.25 * 20 * MINUTE_MS);
});

test('time that is there is used', () => {
  expect(runThrough(() => 1_700)).toBeGreaterThan(18 * MINUTE_MS);
});

test('a fault whose time is its own is left as it is, and none is too short to meet anything', () => {
  const pace = openPace();
  expect(pace.lastsMs([{ durationMs: 95_000 }, {}], 1_000, 1)).toBe(95_000);
  expect(pace.lastsMs([{}, { durationMs: 95_000 }], 1_000, 1)).toBe(2_600);
});

test('those that need a long run come first', () => {
  expect(longestFirst([{ durationMs: 4_000 }, { minMinutes: 10 }, {}])[0]).toEqual({ minMinutes: 10 });
});
