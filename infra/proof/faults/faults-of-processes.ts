import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { stopHolder } from './stop-holder.ts';

const MINUTE_MS = 60_000;

/** Stopped for longer than any deadline, any lease and the silence that rules a driver out. */
const stoppedForLong = (name: string, group: 'worker' | 'relay'): Fault => ({
  name,
  group,
  ...(group === 'worker' && { worker: 1 }),
  durationMs: MINUTE_MS + 5_000,
  minMinutes: 10,
  inject: async ({ workers: [, worker], relays }) => {
    const stopped = group === 'worker' ? [worker] : relays;
    for (const each of stopped) each?.freeze();
    return async () => {
      for (const each of stopped) each?.thaw();
    };
  },
});

export const PROCESS_FAULTS: readonly Fault[] = [
  stoppedForLong('worker_stopped_for_a_minute', 'worker'),
  stoppedForLong('relays_stopped_for_a_minute', 'relay'),
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
    // Stopped while many statements are under way: they commit, and their projection comes when the process goes on.
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
    // With its leases; what it was not sending is the other's at once.
    name: 'relay_killed',
    group: 'relay',
    alone: 'relay 0',
    inject: async ({ relays: [relay] }) => {
      relay?.kill();
      return async () => relay?.restart();
    },
  },
  {
    name: 'relays_frozen',
    group: 'relay',
    inject: async ({ relays }) => {
      for (const relay of relays) relay.freeze();
      return async () => {
        for (const relay of relays) relay.thaw();
      };
    },
  },
];

/** Done beside others; in a long run by themselves as well. */
export const MORE_PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'relay_frozen',
    group: 'relay',
    alone: 'relay 1',
    inject: async ({ relays: [, relay] }) => {
      relay?.freeze();
      return async () => relay?.thaw();
    },
  },
  {
    // As a deployment ends it, one process after the other. PM2 itself: functions/pm2.int.test.ts.
    name: 'worker_ended_in_order',
    group: 'worker',
    worker: 1,
    inject: async ({ workers: [, worker] }) => {
      await worker?.stop();
      return async () => worker?.restart();
    },
  },
  { name: 'engine_holder_stopped', group: 'worker', inject: stopHolder },
];
