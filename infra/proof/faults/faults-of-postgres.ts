import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import type { Bench } from './bench.ts';
import type { Fault } from './fault.ts';
import { signal } from './stores.ts';

/** The bench's own question; it may itself be refused for a while by what it has done. */
async function ask<Row>({ postgres: { db } }: Bench, text: string, parameters: readonly unknown[] = []) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.run<Row>(text, parameters);
    } catch (error) {
      if (attempt === 50) throw error;
      await pause(100);
    }
  }
}

async function backends(bench: Bench): Promise<number[]> {
  const rows = await ask<{ pid: number }>(
    bench,
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'driver-dispatch' ORDER BY pid`,
  );
  return rows.map((row) => row.pid);
}

/** @param types ask for array types on each connect; without, `reserve` would wait for ever */
function stranger({ postgres: { urlFor, clean } }: Bench, max: number, types: boolean): postgres.Sql {
  return postgres(urlFor(clean), { max, fetch_types: types, onnotice: () => {}, idle_timeout: 0 });
}

function stopBackends(name: string, howMany: (pids: readonly number[]) => readonly number[]): Fault {
  return {
    name,
    group: 'postgres',
    inject: async (bench) => {
      const pids = howMany(await backends(bench));
      for (const pid of pids) signal(pid, 'SIGSTOP');
      return async () => {
        for (const pid of pids) signal(pid, 'SIGCONT');
      };
    },
  };
}

export const POSTGRES_FAULTS: readonly Fault[] = [
  {
    name: 'postgres_killed',
    group: 'postgres',
    inject: async ({ postgres: store }) => {
      store.kill();
      return () => store.restart();
    },
  },
  {
    name: 'postgres_postmaster_hung',
    group: 'postgres',
    inject: async ({ postgres: store }) => {
      signal(store.pid(), 'SIGSTOP');
      // Connections that are there go on; new ones have nobody to be answered by.
      store.faulty.reset();
      return async () => signal(store.pid(), 'SIGCONT');
    },
  },
  stopBackends('postgres_one_backend_hung', (pids) => pids.slice(0, 1)),
  stopBackends('postgres_all_backends_hung', (pids) => pids),
  {
    name: 'postgres_unreachable',
    group: 'postgres',
    inject: async ({ postgres: { faulty } }) => {
      faulty.set({ kind: 'blackhole' });
      return async () => faulty.set({ kind: 'pass' });
    },
  },
  {
    // Longer than the silence that sets drivers OFFLINE: nobody may be for that.
    name: 'postgres_unreachable_for_long',
    group: 'postgres',
    durationMs: 95_000,
    minMinutes: 10,
    inject: async ({ postgres: { faulty } }) => {
      faulty.set({ kind: 'blackhole' });
      return async () => faulty.set({ kind: 'pass' });
    },
  },
  {
    // Time for much to happen between a look and what is done about it.
    name: 'postgres_slow',
    group: 'postgres',
    inject: async ({ postgres: { faulty } }) => {
      faulty.set({ kind: 'slow', delayMs: 250 });
      return async () => faulty.set({ kind: 'pass' });
    },
  },
  {
    name: 'postgres_connections_reset',
    group: 'postgres',
    inject: async ({ postgres: { faulty } }) => {
      faulty.set({ kind: 'refuse' });
      return async () => faulty.set({ kind: 'pass' });
    },
  },
  {
    name: 'postgres_backends_killed',
    group: 'postgres',
    inject: async (bench) => {
      const ending = new AbortController();
      const kill = async () => {
        while (!ending.signal.aborted) {
          const pids = await backends(bench);
          if (pids.length > 0) await ask(bench, 'SELECT pg_terminate_backend($1::int)', [bench.random.pick(pids)]);
          await pause(200);
        }
      };
      const killing = kill();
      return async () => {
        ending.abort();
        await killing;
      };
    },
  },
  {
    name: 'postgres_connections_exhausted',
    group: 'postgres',
    inject: async (bench) => {
      const hog = stranger(bench, 210, false);
      const held = Array.from({ length: 210 }, () =>
        hog.unsafe('SELECT pg_sleep(60)').then(
          () => {},
          () => {},
        ),
      );
      await pause(700);
      bench.postgres.faulty.reset();
      return async () => {
        await hog.end({ timeout: 0 });
        await Promise.all(held);
        await ask(bench, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'`);
      };
    },
  },
  {
    name: 'postgres_rows_locked_by_stranger',
    group: 'postgres',
    inject: async (bench) => {
      const sql = stranger(bench, 1, true);
      const own = await sql.reserve();
      await own.unsafe('BEGIN');
      await own.unsafe('SELECT 1 FROM dispatch.driver ORDER BY id LIMIT 12 FOR UPDATE');
      await own.unsafe(
        `SELECT 1 FROM dispatch.delivery WHERE status IN ('ASSIGNED','PICKED_UP') ORDER BY id DESC LIMIT 12 FOR UPDATE SKIP LOCKED`,
      );
      return async () => {
        await own.unsafe('ROLLBACK');
        own.release();
        await sql.end({ timeout: 1 });
      };
    },
  },
];

/** Done beside others; in a long run by themselves as well. */
export const MORE_POSTGRES_FAULTS: readonly Fault[] = [
  {
    // As a change of the schema does it, and a dump that somebody takes by hand.
    name: 'postgres_table_locked_by_stranger',
    group: 'postgres',
    durationMs: 4_000,
    inject: async (bench) => {
      const sql = stranger(bench, 1, true);
      const own = await sql.reserve();
      await own.unsafe('BEGIN');
      await own.unsafe('LOCK TABLE dispatch.delivery IN ACCESS EXCLUSIVE MODE');
      return async () => {
        await own.unsafe('ROLLBACK');
        own.release();
        await sql.end({ timeout: 1 });
      };
    },
  },
  {
    // As a server is that has become a standby, and one whose disk is full.
    name: 'postgres_read_only',
    group: 'postgres',
    inject: async (bench) => {
      await ask(bench, 'ALTER SYSTEM SET default_transaction_read_only = on');
      await ask(bench, 'SELECT pg_reload_conf()');
      return async () => {
        await ask(bench, 'ALTER SYSTEM RESET default_transaction_read_only');
        await ask(bench, 'SELECT pg_reload_conf()');
      };
    },
  },
  ...(['fast', 'immediate'] as const).map(
    (how): Fault => ({
      name: `postgres_stopped_${how}`,
      group: 'postgres',
      inject: async ({ postgres: store }) => {
        await store.halt(how);
        return () => store.restart();
      },
    }),
  ),
];
