import { expect, test } from 'vitest';
import { shareNext } from './share-next.ts';

function source() {
  const open: ((value: number) => void)[] = [];
  let loads = 0;
  const load = () =>
    new Promise<number>((resolve) => {
      loads += 1;
      open.push(resolve);
    });
  return { load, answer: (value: number) => open.shift()?.(value), count: () => loads };
}

test('the first is loaded at once; all who come meanwhile share the next one', async () => {
  const { load, answer, count } = source();
  const share = shareNext(load);
  const first = share('a');
  const crowd = Array.from({ length: 24 }, () => share('a'));
  expect(count()).toBe(1);
  answer(1);
  expect(await first).toBe(1);
  await expect.poll(count).toBe(2);
  answer(2);
  expect(new Set(await Promise.all(crowd))).toEqual(new Set([2]));
  expect(count()).toBe(2);
});

test('another key does not wait', async () => {
  const { load, count } = source();
  const share = shareNext(load);
  void share('a');
  void share('b');
  expect(count()).toBe(2);
});

test('after a load of 100 ms there is none for 300 ms', async () => {
  let now = 0;
  let begun = 0;
  const share = shareNext(
    async () => {
      begun = performance.now();
      now += 100;
      return now;
    },
    () => now,
  );
  await share('a');
  const before = begun;
  await share('a');
  expect(begun - before).toBeGreaterThanOrEqual(295);
});

test('a load that failed fails its own askers, and the next one is tried', async () => {
  let n = 0;
  const share = shareNext(async () => {
    n += 1;
    if (n === 1) throw new Error('away');
    return n;
  });
  const [first, second] = [share('a'), share('a')];
  await expect(first).rejects.toThrow('away');
  expect(await second).toBe(2);
});
