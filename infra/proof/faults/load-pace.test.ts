import { expect, test } from 'vitest';
import { goodHistory } from './check/good-history.ts';
import type { FaultWindow, Operation } from './history.ts';
import { openLoadPace } from './load-pace.ts';

const [example] = goodHistory().operations;
const answers = (ms: number, startMs = 0) =>
  Array.from({ length: 30 }, () => ({ ...example, startMs, endMs: startMs + ms }) as Operation);
const redisAway = { name: 'redis_killed', group: 'redis', worker: null, startMs: 0, endMs: 1_000 } as FaultWindow;

/** So many looks, each after thirty answers that took `ms`. */
function looks(times: number, ms: number, windows: FaultWindow[] = []) {
  const operations: Operation[] = [];
  const pace = openLoadPace(operations, windows);
  for (let n = 0; n < times; n += 1) {
    operations.push(...answers(ms));
    pace.look();
  }
  return { pace, operations };
}

test('a machine that answers in time has the load that is wished', () => {
  expect(looks(5, 10).pace.stretch()).toBe(1);
});

test('where all is late the pauses grow, to fifteen times at most, and shrink again', () => {
  expect(looks(2, 90).pace.stretch()).toBeCloseTo(1.69);
  const { pace, operations } = looks(30, 90);
  expect(pace.stretch()).toBe(15);
  operations.push(...answers(5));
  pace.look();
  expect(pace.stretch()).toBeCloseTo(14.25);
  expect(pace.usual()).toBe(15);
});

test('what is late because something is broken, or was a moment ago, says nothing of the machine', () => {
  expect(looks(5, 900, [redisAway]).pace.stretch()).toBe(1);
  const { pace, operations } = looks(5, 900, [redisAway]);
  operations.push(...answers(900, 2_500));
  pace.look();
  expect(pace.stretch()).toBe(1);
  operations.push(...answers(900, 3_500));
  pace.look();
  expect(pace.stretch()).toBeCloseTo(1.3);
});
