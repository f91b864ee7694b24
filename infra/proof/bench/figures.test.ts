import { expect, test } from 'vitest';
import { judged, median, percentile, sample, sideBySide, spreadOf } from './figures.ts';

test('the median of an even number is the mean of the middle two, and favours neither side', () => {
  expect([median([3]), median([1, 9]), median([9, 1, 2]), median([4, 1, 2, 9])]).toEqual([3, 5, 2, 3]);
  expect(percentile([5, 1, 4, 2, 3], 99)).toBe(5);
});

test('the sides take turns, each round gives one ratio, and who goes first changes', async () => {
  const order: string[] = [];
  const side = (name: string, values: readonly number[]) => async (round: number) => {
    order.push(`${name}${round}`);
    return sample(values[round] ?? Number.NaN);
  };
  const both = await sideBySide(3, side('ours', [10, 20, 90]), side('floor', [20, 20, 100]));
  expect(order).toEqual(['floor0', 'ours0', 'ours1', 'floor1', 'floor2', 'ours2']);
  expect([both.ratio, both.ours.value, both.floor.value]).toEqual([0.9, 20, 20]);
});

test('the ratio of CPU is inverted, pair by pair; without it on one side there is none', async () => {
  const side = (cpuUs: number | null) => async () => sample(1, { cpuUs });
  expect((await sideBySide(3, side(40), side(20))).cpuRatio).toBe(0.5);
  expect((await sideBySide(3, side(40), side(null))).cpuRatio).toBeNull();
});

test('fewer than five pairs, or pairs too far apart, are not judged', async () => {
  const side = (values: readonly number[]) => async (round: number) => sample(values[round] ?? Number.NaN);
  const of = (values: readonly number[]) => sideBySide(values.length, side(values), async () => sample(1));
  expect(judged(await of([1, 1, 1, 1, 1]), true)).toBe(true);
  expect(judged(await of([1, 1, 1, 1, 1]), false)).toBe(false);
  expect(judged(await of([1, 1, 1, 1]), true)).toBe('not judged');
  expect(judged(await of([0.8, 0.9, 1, 1.1, 1.2]), true)).toBe(true);
  expect(judged(await of([0.5, 0.7, 1, 1.3, 1.5]), true)).toBe('not judged');
  // One that was disturbed does not spoil the others.
  expect(judged(await of([1, 1, 1, 1, 9]), true)).toBe(true);
  expect(spreadOf([1, 2, 3, 4, 5])).toBeCloseTo(2 / 3);
});
