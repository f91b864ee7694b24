import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { signal } from './stores.ts';

export const REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'redis_killed_back_empty',
    group: 'redis',
    inject: async ({ redis }) => {
      redis.kill();
      return () => redis.restart({ snapshot: false });
    },
  },
  {
    name: 'redis_back_from_old_snapshot',
    group: 'redis',
    prepare: ({ redis }) => redis.saveSnapshot(),
    inject: async ({ redis }) => {
      redis.kill();
      return () => redis.restart({ snapshot: true });
    },
  },
  {
    name: 'redis_loading',
    group: 'redis',
    prepare: ({ redis }) => redis.saveSnapshot(),
    inject: async ({ redis }, durationMs) => {
      const keys = await redis.own.dbsize();
      redis.kill();
      await redis.restart({ snapshot: true, loadDelayUs: Math.round((durationMs * 1_000) / Math.max(1, keys)) });
      return async () => {
        while (!(await redis.own.info('persistence')).includes('loading:0')) await pause(50);
      };
    },
  },
  {
    name: 'redis_hung',
    group: 'redis',
    inject: async ({ redis }) => {
      signal(redis.pid(), 'SIGSTOP');
      return async () => signal(redis.pid(), 'SIGCONT');
    },
  },
  {
    name: 'redis_slow',
    group: 'redis',
    inject: async ({ redis: { faulty } }) => {
      faulty.set({ kind: 'slow', delayMs: 2_000 });
      return async () => faulty.set({ kind: 'pass' });
    },
  },
  {
    name: 'redis_unreachable',
    group: 'redis',
    inject: async ({ redis: { faulty } }) => {
      faulty.set({ kind: 'blackhole' });
      return async () => faulty.set({ kind: 'pass' });
    },
  },
  {
    name: 'redis_flushed',
    group: 'redis',
    inject: async ({ redis: { own } }) => {
      await own.flushall();
      return async () => {};
    },
  },
  {
    name: 'redis_read_only',
    group: 'redis',
    inject: async ({ redis: { own, faulty } }) => {
      // A replica of nobody: it keeps its data and refuses writes.
      await own.call('REPLICAOF', '127.0.0.1', '1');
      faulty.reset();
      return async () => void (await own.call('REPLICAOF', 'NO', 'ONE'));
    },
  },
  {
    name: 'redis_full',
    group: 'redis',
    inject: async ({ redis: { own } }) => {
      await own.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await own.call('CONFIG', 'SET', 'maxmemory', '1');
      return async () => void (await own.call('CONFIG', 'SET', 'maxmemory', '0'));
    },
  },
  {
    name: 'redis_password_changed',
    group: 'redis',
    inject: async ({ redis: { own, faulty } }) => {
      await own.call('CONFIG', 'SET', 'requirepass', 'another');
      faulty.reset();
      return async () => void (await own.call('CONFIG', 'SET', 'requirepass', ''));
    },
  },
];

/** Done beside others; in a long run by themselves as well. */
export const MORE_REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'redis_clients_killed',
    group: 'redis',
    inject: async ({ redis: { own } }) => {
      const killing = setInterval(() => own.call('CLIENT', 'KILL', 'TYPE', 'normal').catch(() => {}), 200);
      return async () => clearInterval(killing);
    },
  },
];
