import { expect, test } from 'vitest';
import { gather } from './gather.ts';

function opened(most?: number) {
  const questions: { keys: readonly string[]; answer: () => void; fail: () => void }[] = [];
  const find = gather<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        const known = keys.filter((key) => key !== 'nobody');
        const answer = () => resolve(new Map(known.map((key) => [key, `found ${key}`])));
        questions.push({ keys, answer, fail: () => reject(new Error('away')) });
      }),
    most,
  );
  return { find, questions, asked: () => questions.map(({ keys }) => keys) };
}

test('what is asked in one turn, or while a question is under way, is one question', async () => {
  const { find, questions, asked } = opened();
  const first = Promise.all([find('a'), find('b'), find('a'), find('nobody')]);
  await expect.poll(asked).toEqual([['a', 'b', 'nobody']]);
  const second = Promise.all([find('a'), find('c')]);
  questions[0]?.answer();
  expect(await first).toEqual(['found a', 'found b', 'found a', null]);
  await expect.poll(asked).toEqual([
    ['a', 'b', 'nobody'],
    ['a', 'c'],
  ]);
  questions[1]?.answer();
  expect(await second).toEqual(['found a', 'found c']);
});

test('a failure is told to those who asked then, and not to those after', async () => {
  const { find, questions } = opened();
  const first = expect(Promise.all([find('a'), find('b')])).rejects.toThrow('away');
  await expect.poll(() => questions.length).toBe(1);
  questions[0]?.fail();
  await first;
  const again = find('a');
  await expect.poll(() => questions.length).toBe(2);
  questions[1]?.answer();
  expect(await again).toBe('found a');
});

test('a question never has more keys than it may', async () => {
  const { find, questions, asked } = opened(2);
  const all = Promise.all(['a', 'b', 'c'].map(find));
  await expect.poll(asked).toEqual([['a', 'b']]);
  questions[0]?.answer();
  await expect.poll(asked).toEqual([['a', 'b'], ['c']]);
  questions[1]?.answer();
  expect(await all).toEqual(['found a', 'found b', 'found c']);
});
