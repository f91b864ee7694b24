import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const MINUTE_MS = 60_000;

/** Stopped for longer than any deadline, any lease and the silence that rules a driver out. */
const stoppedForLong = (name: string, group: 'worker' | 'relay'): Fault => ({
  name,
  group,
  ...(group === 'worker' && { worker: 1 }),
  durationMs: MINUTE_MS + 5_000,
  minMinutes: 10,
  inject: async ({ workers: [, worker], relay }) => {
    const stopped = group === 'worker' ? worker : relay;
    stopped?.freeze();
    return async () => stopped?.thaw();
  },
});

export const PROCESS_FAULTS: readonly Fault[] = [
  stoppedForLong('worker_stopped_for_a_minute', 'worker'),
  stoppedForLong('relay_stopped_for_a_minute', 'relay'),
  {
    name: 'worker_killed',
    group: 'worker',
    worker: 0,
    inject: async ({ workers: [worker] }) => {
      worker?.kill();
      return async () => worker?.restart();
    },
  },
  {
    // Stopped while many statements are under way: they commit, and their projection comes when he wakes up.
    name: 'worker_frozen',
    group: 'worker',
    worker: 1,
    inject: async ({ workers: [, worker], postgres: { faulty } }) => {
      faulty.set({ kind: 'slow', delayMs: 300 });
      await pause(400);
      worker?.freeze();
      faulty.set({ kind: 'pass' });
      return async () => worker?.thaw();
    },
  },
  {
    name: 'relay_killed',
    group: 'relay',
    inject: async ({ relay }) => {
      relay.kill();
      return () => relay.restart();
    },
  },
  {
    name: 'relay_frozen',
    group: 'relay',
    inject: async ({ relay }) => {
      relay.freeze();
      return async () => relay.thaw();
    },
  },
];
