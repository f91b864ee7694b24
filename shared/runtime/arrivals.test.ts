import { expect, test } from 'vitest';
import { openArrivals } from './arrivals.ts';

/** Arrivals by a clock of the test's own. */
function given() {
  let now = 10_000;
  const { receivedAtMs, stoppedForMs } = openArrivals(() => now);
  const turnFor = (ms: number) => {
    for (const until = now + ms; now < until; receivedAtMs()) now = Math.min(until, now + 250);
  };
  const stopFor = (ms: number) => {
    now += ms;
  };
  return { receivedAtMs, stoppedForMs, turnFor, stopFor, now: () => now };
}

test('a request that is read while the loop turns arrived now', () => {
  const { receivedAtMs, turnFor, now } = given();
  turnFor(60_000);
  expect(receivedAtMs()).toBe(now());
});

test('what is read after a stop of 70 s counts from before it, until all that had waited is read', () => {
  const { receivedAtMs, stoppedForMs, turnFor, stopFor, now } = given();
  turnFor(1_000);
  const stoppedAtMs = now();
  expect(stoppedForMs()).toBe(0);
  stopFor(70_000);
  expect([receivedAtMs(), stoppedForMs()]).toEqual([stoppedAtMs, 70_000]);
  turnFor(1_500);
  expect([receivedAtMs(), stoppedForMs()]).toEqual([stoppedAtMs, 70_000]);
  turnFor(1_000);
  expect([receivedAtMs(), stoppedForMs()]).toEqual([now(), 0]);
});

test('as long as the loop is late after a stop it is still reading what had waited', () => {
  const { receivedAtMs, turnFor, stopFor, now } = given();
  turnFor(1_000);
  const stoppedAtMs = now();
  stopFor(70_000);
  receivedAtMs();
  // Busy with the first of it for so long that it looks like another stop, then late at every turn.
  stopFor(4_000);
  for (let turn = 0; turn < 5; turn += 1) {
    expect(receivedAtMs()).toBe(stoppedAtMs);
    stopFor(700);
  }
  receivedAtMs();
  turnFor(2_100);
  expect(receivedAtMs()).toBe(now());
});

test('a loop that stays late is not taken for stopped for ever', () => {
  const { receivedAtMs, turnFor, stopFor, now } = given();
  turnFor(1_000);
  stopFor(10_000);
  receivedAtMs();
  for (let turn = 0; turn < 20; turn += 1) {
    stopFor(700);
    receivedAtMs();
  }
  expect(receivedAtMs()).toBe(now());
});

test('a loop that was busy for half a second was not stopped', () => {
  const { receivedAtMs, stopFor, now } = given();
  stopFor(500);
  expect(receivedAtMs()).toBe(now());
});
