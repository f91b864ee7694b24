import { expect, test, vi } from 'vitest';
import { ttlCache } from './ttl-cache.ts';

function counted<T>(answer: (n: number) => T) {
  let loads = 0;
  return { load: async () => answer(++loads), count: () => loads };
}

test('asks once while it remembers, and again after forgetting', async () => {
  const source = counted((n) => n);
  const memory = ttlCache(60_000, source.load);
  expect(await Promise.all([memory.get('a'), memory.get('a')])).toEqual([1, 1]);
  memory.forget('a');
  expect(await memory.get('a')).toBe(2);
});

test('remembers that there is nothing for as long as it would remember what there is', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const nothing = counted((n) => (n === 1 ? null : n));
    const memory = ttlCache(60_000, nothing.load);
    expect(await memory.get('a')).toBeNull();
    vi.advanceTimersByTime(59_999);
    expect(await memory.get('a')).toBeNull();
    vi.advanceTimersByTime(1);
    expect(await memory.get('a')).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

test('remembers also of what was there that it has gone', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const source = counted((n) => (n === 1 ? 'here' : null));
    const memory = ttlCache<string | null>(60_000, source.load);
    await memory.get('a');
    vi.advanceTimersByTime(60_000);
    expect([await memory.get('a'), await memory.get('a')]).toEqual([null, null]);
    expect(source.count()).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

test('does not remember a failure', async () => {
  const failing = counted((n) => {
    if (n === 1) throw new Error('away');
    return n;
  });
  const other = ttlCache(60_000, failing.load);
  await expect(other.get('a')).rejects.toThrow('away');
  expect(await other.get('a')).toBe(2);
});

test('what is not there makes nobody forget what is', async () => {
  const source = counted((n) => (n === 1 ? 'here' : null));
  const memory = ttlCache<string | null>(60_000, source.load, 2);
  await memory.get('a');
  for (const key of ['x', 'y', 'z']) await memory.get(key);
  expect(await memory.get('a')).toBe('here');
  expect(source.count()).toBe(4);
});

test('what was forgotten while it was loaded is loaded again', async () => {
  const source = counted((n) => n);
  const memory = ttlCache(60_000, source.load);
  const before = memory.get('a');
  memory.forget('a');
  expect([await before, await memory.get('a')]).toEqual([1, 2]);
});

test('forgets by age and by number', async () => {
  const source = counted((n) => n);
  expect([await ttlCache(-1, source.load).get('a'), await ttlCache(-1, source.load).get('a')]).toEqual([1, 2]);
  const small = ttlCache(60_000, source.load, 1);
  await small.get('a');
  await small.get('b');
  expect(await small.get('a')).toBe(5);
});
