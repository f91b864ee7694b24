import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { type BenchRedis, signal } from './stores.ts';

const KIB = 1_024;
/** Between two pieces of a snapshot of such a size Redis says that it is loading; the service's own keys are too small. */
const PADDING = Array.from({ length: 200 }, (_, n) => `bench:padding:${n}`);

/** Of the snapshot, once it has read all of it. */
async function keysLoaded(redis: BenchRedis): Promise<number> {
  for (;;) {
    const { isLoading, keysLoaded: keys } = await redis.loading();
    if (!isLoading) return keys;
    await pause(50);
  }
}

export const REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'redis_killed_back_empty',
    group: 'redis',
    inject: async ({ redis }) => {
      redis.kill();
      return () => redis.restart({ snapshot: null });
    },
  },
  {
    name: 'redis_back_from_old_snapshot',
    group: 'redis',
    prepare: ({ redis }) => redis.saveSnapshot('old'),
    inject: async ({ redis }, _durationMs, note) => {
      redis.kill();
      return async () => {
        await redis.restart({ snapshot: 'old' });
        note({ keysLoaded: await keysLoaded(redis) });
      };
    },
  },
  {
    name: 'redis_loading',
    group: 'redis',
    inject: async ({ redis }, durationMs, note) => {
      await redis.own.mset(Object.fromEntries(PADDING.map((name) => [name, randomBytes(KIB).toString('base64')])));
      await redis.saveSnapshot('new');
      const keys = await redis.own.dbsize();
      redis.kill();
      await redis.restart({ snapshot: 'new', loadDelayUs: Math.round((durationMs * 1_000) / Math.max(1, keys)) });
      note({ loading: (await redis.loading()).isLoading ? keys : 0 });
      return async () => {
        await keysLoaded(redis);
        await redis.own.del(PADDING);
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
