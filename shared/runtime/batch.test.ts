import { describe, expect, test, vi } from 'vitest';
import { type BatchOptions, batchLookUps, openBatch } from './batch.ts';

/** A batch whose runs end when the test says so. Answers are the items, doubled. */
function openDoubling(options: Partial<BatchOptions<number, number>>) {
  const runs: { key: string; items: readonly number[]; end: () => void; fail: () => void }[] = [];
  const batch = openBatch<number, number>({
    mode: 'one_at_a_time',
    ...options,
    run: (key, items) =>
      new Promise((resolve, reject) => {
        const end = () => resolve(items.map((item) => item * 2));
        runs.push({ key, items, end, fail: () => reject(new Error('away')) });
      }),
  });
  return { add: batch.add, runs, began: () => runs.map(({ key, items }) => `${key} ${items}`) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a batch', () => {
  test('one at a time: what comes while one of its key is under way goes together after it; other keys do not wait', async () => {
    const { add, runs, began } = openDoubling({});
    const first = Promise.all([add('a', 1), add('a', 2)]);
    await turn();
    const second = Promise.all([add('a', 3), add('b', 4)]);
    await turn();
    const third = add('a', 5);
    await turn();
    expect(began()).toEqual(['a 1,2', 'b 4']);
    runs[0]?.end();
    expect(await first).toEqual([2, 4]);
    await turn();
    expect(began()).toEqual(['a 1,2', 'b 4', 'a 3,5']);
    for (const run of runs) run.end();
    expect([await second, await third]).toEqual([[6, 8], 10]);
  });

  test('overlapping: each turn leaves at its end, whatever is under way', async () => {
    const { add, runs, began } = openDoubling({ mode: 'overlapping' });
    const first = Promise.all([add('a', 1), add('a', 2)]);
    await turn();
    const second = add('a', 3);
    await turn();
    expect(began()).toEqual(['a 1,2', 'a 3']);
    runs[1]?.end();
    expect(await second).toBe(6);
    runs[0]?.end();
    expect(await first).toEqual([2, 4]);
  });

  test('has at most so much in it; what is larger goes alone', async () => {
    const { add, runs, began } = openDoubling({ most: 5, sizeOf: (item) => item });
    const all = Promise.all([9, 2, 3, 1].map((item) => add('a', item)));
    for (let done = 0; done < 3; done += 1) {
      await turn();
      runs[done]?.end();
    }
    expect(await all).toEqual([18, 4, 6, 2]);
    expect(began()).toEqual(['a 9', 'a 2,3', 'a 1']);
  });

  test('items with the same mark never meet in one', async () => {
    const { add, runs, began } = openDoubling({ apart: (item) => (item > 6 ? null : String(item % 2)) });
    const all = Promise.all([1, 2, 3, 7, 9].map((item) => add('a', item)));
    await turn();
    runs[0]?.end();
    await turn();
    runs[1]?.end();
    expect(await all).toEqual([2, 4, 6, 14, 18]);
    expect(began()).toEqual(['a 1,2,7,9', 'a 3']);
  });

  test('with so many under way, keys take turns: a crowd is waited for by its own key', async () => {
    const { add, runs, began } = openDoubling({ most: 1, atOnce: 1 });
    const all = Promise.all([add('a', 1), add('a', 2), add('a', 3), add('b', 4)]);
    for (let done = 0; done < 4; done += 1) {
      await turn();
      expect(runs).toHaveLength(done + 1);
      runs[done]?.end();
    }
    expect(await all).toEqual([2, 4, 6, 8]);
    expect(began()).toEqual(['a 1', 'b 4', 'a 2', 'a 3']);
  });

  test('a failure is told to those in it, and the next goes on', async () => {
    const { add, runs } = openDoubling({});
    const first = expect(Promise.all([add('a', 1), add('a', 2)])).rejects.toThrow('away');
    await turn();
    const second = add('a', 3);
    runs[0]?.fail();
    await first;
    await turn();
    runs[1]?.end();
    expect(await second).toBe(6);
  });

  test('who has waited too long for it is refused, and is in none later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { add, runs, began } = openDoubling({ deadline: { waitMs: 100, late: () => new Error('late') } });
      const first = add('a', 1);
      await turn();
      const late = expect(add('a', 2)).rejects.toThrow('late');
      await vi.advanceTimersByTimeAsync(100);
      await late;
      const next = add('a', 3);
      runs[0]?.end();
      expect(await first).toBe(2);
      await turn();
      runs[1]?.end();
      expect(await next).toBe(6);
      expect(began()).toEqual(['a 1', 'a 3']);
    } finally {
      vi.useRealTimers();
    }
  });
});

function opened(most?: number) {
  const questions: { keys: readonly string[]; answer: () => void; fail: () => void }[] = [];
  const find = batchLookUps<string>(
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
