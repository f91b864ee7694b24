import { expect, test } from 'vitest';
import { isBeyondChance } from './chance.ts';

// From tables of the binomial distribution: of 400 with 1 %, 12 or more come once in 1,000 times at most, 11 more often.
test.each([
  [0, 400, 0.01, false],
  [4, 400, 0.01, false],
  [11, 400, 0.01, false],
  [13, 400, 0.01, true],
  [1, 400, 0, true],
  [2, 2, 0.01, true],
])('%i of %i, with %d allowed: %s', (met, n, rate, isBeyond) => {
  expect(isBeyondChance(met, n, rate)).toBe(isBeyond);
});
