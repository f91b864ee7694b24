import type { Fault } from './fault.ts';

const HOUR_MS = 3_600_000;

/**
 * Worker 0 with a clock that is an hour off. Business time is Postgres time, so nothing may change but one thing: it
 * takes every signed webhook for a replay, and refuses it.
 */
const wrongClock = (name: string, aheadMs: number): Fault => ({
  name,
  group: 'worker',
  worker: 0,
  inject: async ({ workers: [worker] }) => {
    worker?.kill();
    await worker?.restart({ clockAheadMs: aheadMs });
    return async () => {
      worker?.kill();
      await worker?.restart();
    };
  },
});

export const CLOCK_FAULTS: readonly Fault[] = [
  wrongClock('worker_clock_hour_ahead', HOUR_MS),
  wrongClock('worker_clock_hour_behind', -HOUR_MS),
];
