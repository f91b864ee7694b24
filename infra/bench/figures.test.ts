import { expect, test } from 'vitest';
import { median, percentile, sample, sideBySide } from './figures.ts';

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
