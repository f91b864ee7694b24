import { expect, test } from 'vitest';
import { feedCursor, MOST_RUNNING, readFeedCursor, writeFeedCursor } from './feed-cursor.ts';

const SERVER = 1_795_700_000_123_456n;

test('a cursor is read as it was written', () => {
  for (const cursor of [
    { server: SERVER, last: 0n, running: [] },
    { server: SERVER, last: 900n, running: [1n, 899n] },
    { server: 2n ** 63n - 1n, last: 2n ** 64n - 1n, running: [0n, 2n ** 64n - 2n] },
  ]) {
    expect(readFeedCursor(writeFeedCursor(cursor))).toEqual(cursor);
  }
});

test('it remembers what was under way below it, in order, and nothing above', () => {
  expect(feedCursor(SERVER, 10n, [12n, 9n, 3n, 10n])).toEqual({ server: SERVER, last: 10n, running: [3n, 9n] });
});

test('of more than it can remember, everything from the first left out on is read again', () => {
  const running = Array.from({ length: MOST_RUNNING + 5 }, (_, n) => BigInt(n) + 1n);
  const cursor = feedCursor(SERVER, 10_000n, running);
  expect(cursor.last).toBe(BigInt(MOST_RUNNING));
  expect(cursor.running).toEqual(running.slice(0, MOST_RUNNING));
  expect(writeFeedCursor(cursor).length).toBeLessThan(1_500);
});

test('a cursor fits into a header even if all that was under way is far below it', () => {
  const running = Array.from({ length: MOST_RUNNING }, (_, n) => BigInt(n));
  expect(writeFeedCursor(feedCursor(SERVER, 2n ** 40n, running)).length).toBeLessThan(1_500);
});

test.each([
  '',
  '12345',
  'a.b.',
  '1.00',
  '1.-1',
  'A.b',
  '1.5.6',
  '1.zzzzzzzzzzzzz',
  'zzzzzzzzzzzzz.1',
  `1.${'1.'.repeat(MOST_RUNNING + 1)}1`,
])('%j is none', (text) => {
  expect(readFeedCursor(text)).toBeNull();
});
