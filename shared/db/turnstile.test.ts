import { expect, test, vi } from 'vitest';
import { DependencyAway } from '../domain/away.ts';
import { openTurnstile, type Turnstile } from './turnstile.ts';

const PLACES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Whoever is given a place, in order. */
function crowd(turnstile: Turnstile<number>) {
  const served: string[] = [];
  const places: [string, number][] = [];
  return {
    served,
    come: (lane: string) =>
      turnstile.enter(lane).then((place) => {
        served.push(lane);
        places.push([lane, place]);
      }),
    oneLeaves: async () => {
      const [lane, place] = places.shift()!;
      turnstile.leave(lane, place);
      await Promise.resolve();
    },
  };
}

test('a shop that takes all it can leaves places for another, who need not wait', async () => {
  const turnstile = openTurnstile(PLACES);
  const { come, served } = crowd(turnstile);
  for (let n = 0; n < 24; n += 1) void come('crowded').catch(() => {});
  await come('other');
  expect(served.filter((lane) => lane === 'crowded')).toHaveLength(8);
  expect(served.at(-1)).toBe('other');
  expect(turnstile.usage()).toEqual({ busy: 9, free: 1, waiting: 16 });
});

test('places that come free go to the lanes in turn', async () => {
  const { come, served, oneLeaves } = crowd(openTurnstile([1, 2, 3]));
  for (let n = 0; n < 3; n += 1) await come('');
  for (let n = 0; n < 9; n += 1) void come('a');
  for (const lane of ['b', 'c', 'b']) void come(lane);
  served.length = 0;
  for (let n = 0; n < 5; n += 1) await oneLeaves();
  expect(served).toEqual(['a', 'b', 'c', 'a', 'b']);
});

test('a lane has an end, and what is beyond it is refused at once; another lane is not full', async () => {
  const turnstile = openTurnstile([1, 2]);
  const { come } = crowd(turnstile);
  await come('a');
  for (let n = 0; n < 8; n += 1) void come('a').catch(() => {});
  expect(turnstile.isFull('a')).toBe(true);
  await expect(turnstile.enter('a')).rejects.toThrow(DependencyAway);
  expect(turnstile.isFull('b')).toBe(false);
  await come('b');
});

test('who has waited for half a second is refused, and takes no place later', async () => {
  vi.useFakeTimers();
  try {
    const turnstile = openTurnstile([1]);
    await turnstile.enter('a');
    const late = expect(turnstile.enter('a')).rejects.toThrow(DependencyAway);
    await vi.advanceTimersByTimeAsync(500);
    await late;
    turnstile.leave('a', 1);
    expect(turnstile.usage()).toEqual({ busy: 0, free: 1, waiting: 0 });
    expect(await turnstile.enter('b')).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('the service itself may have every place, and a pool of one serves a shop', async () => {
  const turnstile = openTurnstile([1, 2, 3]);
  for (let n = 0; n < 3; n += 1) await turnstile.enter('');
  expect(turnstile.usage().busy).toBe(3);
  expect(await openTurnstile([1]).enter('shop')).toBe(1);
});
