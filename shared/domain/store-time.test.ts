import { expect, test } from 'vitest';
import { type Instant, readingOf, storeTimeAt } from './store-time.ts';

const HOUR_MS = 3_600_000;
const at = (monotonicMs: number, wallOffMs = 0): Instant => ({
  monotonicMs,
  wallMs: 50 * HOUR_MS + monotonicMs + wallOffMs,
});
const reading = readingOf(9_000, at(100), at(110));

test("a moment of ours by the store's clock, whatever the wall shows", () => {
  expect(storeTimeAt(reading, 110, at(500))).toBe(9_000);
  expect(storeTimeAt(reading, 70_110, at(70_200))).toBe(79_000);
  expect(storeTimeAt(reading, 10, at(500))).toBe(8_900);
});

test('nothing is known before the first answer, nor from one that took long', () => {
  expect(storeTimeAt(null, 1, at(1))).toBeNull();
  expect(readingOf(9_000, at(100), at(1_101))).toBeNull();
});

test('nothing is known after a sleep in which one clock stood, or once the wall was set', () => {
  expect(storeTimeAt(reading, 200, at(200, 60_000))).toBeNull();
  expect(storeTimeAt(reading, 200, at(200, -HOUR_MS))).toBeNull();
});
