import { beforeEach, expect, test } from 'vitest';
import { DependencyAway } from '../domain/away.ts';
import { openTurns, type Turns } from './turns.ts';

const MOST = 4;
const WAIT_MS = 100;
let turns: Turns;
/** In the order in which it was begun. */
let begun: string[];
const ends = new Map<string, (error?: Error) => void>();

beforeEach(() => {
  turns = openTurns(MOST, WAIT_MS);
  begun = [];
  ends.clear();
});

/** Work of shop `a` is called `a1`, `a2` and so on. */
function come(name: string): Promise<string> {
  return turns.run(name.charAt(0), () => {
    begun.push(name);
    return new Promise((resolve, reject) => ends.set(name, (error) => (error ? reject(error) : resolve(name))));
  });
}

async function end(name: string, error?: Error): Promise<void> {
  ends.get(name)?.(error);
  await new Promise(setImmediate);
}

test('so many at a time, first come first served; one that fails hands its turn on all the same', async () => {
  const all = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'].map(come);
  expect(begun).toEqual(['a1', 'a2', 'a3', 'a4']);
  expect(turns.underWay('a')).toBe(4);
  await Promise.all([expect(all[2]).rejects.toThrow('no'), end('a3', new Error('no'))]);
  await end('a1');
  expect(begun.slice(MOST)).toEqual(['a5', 'a6']);
  for (const name of ['a2', 'a4', 'a5', 'a6', 'a7']) await end(name);
  expect((await Promise.allSettled(all)).filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(turns.underWay('a')).toBe(0);
  const again = ['b1', 'b2', 'b3', 'b4', 'b5'].map(come);
  expect(begun.slice(7)).toEqual(['b1', 'b2', 'b3', 'b4']);
  for (const name of ['b1', 'b2', 'b3', 'b4', 'b5']) await end(name);
  await Promise.all(again);
});

test('shops that wait take turns: one that comes behind the crowd of another is next', async () => {
  const crowd = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'].map(come);
  const others = ['b1', 'c1', 'b2'].map(come);
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'c1']) await end(name);
  expect(begun.slice(MOST)).toEqual(['a5', 'b1', 'c1', 'a6', 'b2', 'a7', 'a8']);
  expect([turns.underWay('a'), turns.underWay('b'), turns.underWay('c')]).toEqual([3, 1, 0]);
  for (const name of ['a6', 'a7', 'a8', 'b2']) await end(name);
  await Promise.all([...crowd, ...others]);
});

test('a turn is waited for so long and no longer; who has given up is passed over', async () => {
  const first = ['a1', 'a2', 'a3', 'a4'].map(come);
  const startedMs = performance.now();
  for (const each of await Promise.allSettled(['a5', 'b1', 'a6'].map(come))) {
    expect(each).toMatchObject({ status: 'rejected', reason: expect.any(DependencyAway) });
  }
  expect(performance.now() - startedMs).toBeGreaterThan(0.9 * WAIT_MS);
  const next = come('b2');
  await end('a1');
  expect(begun.slice(MOST)).toEqual(['b2']);
  for (const name of ['a2', 'a3', 'a4', 'b2']) await end(name);
  await Promise.all(first);
  expect(await next).toBe('b2');
  expect(turns.underWay('b')).toBe(0);
});
