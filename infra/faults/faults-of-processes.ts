import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const PROCESS_FAULTS: readonly Fault[] = [
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
