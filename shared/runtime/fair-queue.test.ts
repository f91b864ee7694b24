import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FairQueue, openFairQueue } from './fair-queue.ts';

const PLACES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const LIMITS = {
  waitMs: 500,
  waitingPerPlace: 4,
  keptForOthers: 2,
  carefulMs: 5_000,
  unreadyAtOnce: 2,
  restMs: 200,
  refused: (why: string) => new Error(why),
};

const open = (places: readonly number[]) => openFairQueue({ ...LIMITS, places, isReady: () => true });

/** Whoever is given a place, in order. */
function crowd(queue: FairQueue<number>) {
  const served: string[] = [];
  const places: [string, number][] = [];
  return {
    served,
    come: (lane: string) =>
      queue.enter(lane).then((place) => {
        served.push(lane);
        places.push([lane, place]);
      }),
    oneLeaves: async () => {
      const [lane, place] = places.shift()!;
      queue.leave(lane, place);
      await Promise.resolve();
    },
  };
}

test('a shop that takes all it can leaves places for another, who need not wait', async () => {
  const queue = open(PLACES);
  const { come, served } = crowd(queue);
  for (let n = 0; n < 24; n += 1) void come('crowded').catch(() => {});
  await come('other');
  expect(served.filter((lane) => lane === 'crowded')).toHaveLength(8);
  expect(served.at(-1)).toBe('other');
  expect(queue.usage()).toEqual({ busy: 9, free: 1, waiting: 16 });
});

test('places that come free go to the lanes in turn', async () => {
  const { come, served, oneLeaves } = crowd(open([1, 2, 3]));
  for (let n = 0; n < 3; n += 1) await come('');
  for (let n = 0; n < 9; n += 1) void come('a');
  for (const lane of ['b', 'c', 'b']) void come(lane);
  served.length = 0;
  for (let n = 0; n < 5; n += 1) await oneLeaves();
  expect(served).toEqual(['a', 'b', 'c', 'a', 'b']);
});

test('a lane has an end, and what is beyond it is refused at once; another lane is not full', async () => {
  const queue = open([1, 2]);
  const { come } = crowd(queue);
  await come('a');
  for (let n = 0; n < 8; n += 1) void come('a').catch(() => {});
  expect(queue.isFull('a')).toBe(true);
  await expect(queue.enter('a')).rejects.toThrow('its lane is full');
  expect(queue.isFull('b')).toBe(false);
  await come('b');
});

test('the own work of the process has no end, and however much of it waits, nobody is told that it is full', async () => {
  const queue = open([1, 2]);
  const { come } = crowd(queue);
  for (let n = 0; n < 20; n += 1) void come('').catch(() => {});
  expect(queue.usage().waiting).toBe(18);
  expect(queue.isFull('')).toBe(false);
});

test('who has waited for half a second is refused, and takes no place later', async () => {
  vi.useFakeTimers();
  try {
    const queue = open([1]);
    await queue.enter('a');
    const late = expect(queue.enter('a')).rejects.toThrow('no place in time');
    await vi.advanceTimersByTimeAsync(500);
    await late;
    queue.leave('a', 1);
    expect(queue.usage()).toEqual({ busy: 0, free: 1, waiting: 0 });
    expect(await queue.enter('b')).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('the service itself may have every place, and a pool of one serves a shop', async () => {
  const queue = open([1, 2, 3]);
  for (let n = 0; n < 3; n += 1) await queue.enter('');
  expect(queue.usage().busy).toBe(3);
  expect(await open([1]).enter('shop')).toBe(1);
});

describe('places that have to be made ready', () => {
  const ready = new Set<number>();
  let queue: FairQueue<number>;
  beforeEach(() => {
    vi.useFakeTimers();
    ready.clear();
    queue = openFairQueue({ ...LIMITS, places: [1, 2, 3, 4, 5], isReady: (place) => ready.has(place) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const readied = (place: number) => {
    ready.add(place);
    queue.readied(place);
  };

  test('all at once while none was lost', async () => {
    const { come, served } = crowd(queue);
    for (const lane of ['a', 'b', 'c', 'd']) void come(lane);
    await vi.advanceTimersByTimeAsync(0);
    expect(served).toEqual(['a', 'b', 'c', 'd']);
  });

  const loseOne = async () => queue.leave('', await queue.enter(''));

  test('after one was lost two at a time, and the next a while after one is ready', async () => {
    await loseOne();
    const { come, served } = crowd(queue);
    for (const lane of ['a', 'b', 'c', 'd']) void come(lane).catch(() => {});
    await vi.advanceTimersByTimeAsync(20);
    expect(served).toEqual(['a', 'b']);
    readied(5);
    await vi.advanceTimersByTimeAsync(199);
    expect(served).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(1);
    expect(served).toEqual(['a', 'b', 'c']);
    expect(queue.usage()).toEqual({ busy: 3, free: 2, waiting: 1 });
  });

  test('who waits has a place that is ready as soon as one is free', async () => {
    await loseOne();
    const { come, served, oneLeaves } = crowd(queue);
    for (const lane of ['a', 'b', 'c']) void come(lane);
    await vi.advanceTimersByTimeAsync(100);
    readied(5);
    await oneLeaves();
    expect(served).toEqual(['a', 'b', 'c']);
    expect(queue.usage()).toEqual({ busy: 2, free: 3, waiting: 0 });
  });

  test('one that could not be made ready leaves its turn to the next; who came first goes first', async () => {
    await loseOne();
    const { come, served, oneLeaves } = crowd(queue);
    for (const lane of ['a', 'b', 'c']) void come(lane);
    await vi.advanceTimersByTimeAsync(10);
    void come('d');
    await oneLeaves();
    expect(served).toEqual(['a', 'b', 'c']);
    await oneLeaves();
    await vi.advanceTimersByTimeAsync(0);
    expect(served).toEqual(['a', 'b', 'c', 'd']);
  });
});
