import { expect, test } from 'vitest';
import { Refusal } from '#shared/pages/ask.ts';
import { replayAll } from './replay-all.ts';

/** A service that answers one after the other. */
function openService(answers: readonly (number | Refusal)[]) {
  const left = [...answers];
  const replay = async () => {
    const answer = left.shift();
    if (typeof answer !== 'number') throw answer;
    return answer;
  };
  return { replay, left };
}

test.each([
  { answers: [3], sum: 3 },
  { answers: [0], sum: 0 },
  { answers: [5_000, 5_000, 17], sum: 10_017 },
  { answers: [5_000, 0], sum: 5_000 },
])('of $answers the sum is $sum, and nothing is asked past the first that is not full', async ({ answers, sum }) => {
  const { replay, left } = openService([...answers, 1]);
  expect(await replayAll(replay)).toBe(sum);
  expect(left).toEqual([1]);
});

test('a refusal on the way is said', async () => {
  const { replay } = openService([5_000, new Refusal(503, { detail: 'Not now' })]);
  await expect(replayAll(replay)).rejects.toThrow('Not now');
});
