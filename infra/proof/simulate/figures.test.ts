import { describe, expect, it } from 'vitest';
import { gini, mean, meanOfEach, quantile } from './figures.ts';

describe('figures', () => {
  it('means', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(mean([])).toBe(0);
    expect(
      meanOfEach([
        { a: 1, b: 10 },
        { a: 3, b: 0 },
      ]),
    ).toEqual({ a: 2, b: 5 });
  });

  it('quantiles lie between two values in proportion', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20], 0.9)).toBeCloseTo(19);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.9)).toBe(0);
  });

  it('Gini: 0 where all have the same, (n - 1) / n where one has all', () => {
    expect(gini([3, 3, 3])).toBe(0);
    expect(gini([0, 12, 0, 0])).toBeCloseTo(0.75);
    expect(gini([1, 2, 3])).toBeCloseTo(2 / 9);
    expect(gini([0, 0])).toBe(0);
  });
});
