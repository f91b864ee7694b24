import { expect, test } from 'vitest';
import { openBuckets } from './buckets.ts';

const quota = { quota: 60, windowS: 60 };

test('a bucket is full at first, fills again in its window, and never above its quota', () => {
  let now = 0;
  const buckets = openBuckets(() => now);
  buckets.of('a', quota).left -= 60;
  expect(buckets.of('a', quota).left).toBe(0);
  now = 1_500;
  expect(buckets.of('a', quota).left).toBe(1.5);
  now = 1_000_000;
  expect(buckets.of('a', quota).left).toBe(60);
});

test('a quota that became smaller holds at once', () => {
  const buckets = openBuckets(() => 0);
  buckets.of('a', quota);
  expect(buckets.of('a', { quota: 5, windowS: 60 }).left).toBe(5);
});

test('keeps so many at most, and forgets the one used longest ago', () => {
  const buckets = openBuckets(() => 0, 2);
  for (const name of ['a', 'b', 'a', 'c']) buckets.of(name, quota).left -= 1;
  expect(buckets.of('a', quota).left).toBe(58);
  expect(buckets.of('b', quota).left).toBe(60);
});
