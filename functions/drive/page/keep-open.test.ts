import { expect, test } from 'vitest';
import { keepOpen } from './keep-open.ts';

const gone = (name: string) => new DOMException('Connection lost', name);

/** A store of which each connection has a number, and can be taken away. */
function openStore({ opens = () => true }: { opens?: () => boolean } = {}) {
  const told: (() => void)[] = [];
  const onConnection = keepOpen<number>(async (onGone) => {
    told.push(onGone);
    if (!opens()) throw new DOMException('Nothing is kept here', 'SecurityError');
    return told.length;
  });
  return { onConnection, opened: () => told.length, takeAway: () => told.at(-1)?.() };
}

test('one connection serves all, until it is said to be gone', async () => {
  const { onConnection, opened, takeAway } = openStore();
  const which = async () => onConnection(async (nth) => nth);
  expect(await Promise.all([which(), which()])).toEqual([1, 1]);
  takeAway();
  expect([await which(), await which(), opened()]).toEqual([2, 2, 2]);
});

test.each(['InvalidStateError', 'AbortError', 'UnknownError'])(
  'work that meets %s is done once more, on another connection, and no oftener',
  async (name) => {
    const { onConnection, opened } = openStore();
    const first = await onConnection(async (nth) => {
      if (nth === 1) throw gone(name);
      return nth;
    });
    expect([first, await onConnection(async (nth) => nth)]).toEqual([2, 2]);
    await expect(onConnection(() => Promise.reject(gone(name)))).rejects.toMatchObject({ name });
    expect(opened()).toBe(3);
  },
);

test('a call that throws at once is met like one that answers so', async () => {
  const { onConnection } = openStore();
  const found = await onConnection((nth) => {
    if (nth === 1) throw gone('InvalidStateError');
    return Promise.resolve(nth);
  });
  expect(found).toBe(2);
});

test('what is wrong with the work itself is not tried again: a full phone is full', async () => {
  const { onConnection, opened } = openStore();
  const full = () => Promise.reject(gone('QuotaExceededError'));
  await expect(onConnection(full)).rejects.toMatchObject({ name: 'QuotaExceededError' });
  expect(opened()).toBe(1);
});

test('a connection that did not open is asked for again by the next', async () => {
  let isAllowed = false;
  const { onConnection } = openStore({ opens: () => isAllowed });
  await expect(onConnection(async (nth) => nth)).rejects.toMatchObject({ name: 'SecurityError' });
  isAllowed = true;
  expect(await onConnection(async (nth) => nth)).toBe(2);
});
