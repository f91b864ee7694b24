import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import { startPostgres } from '#infra/workshop/embedded/postgres.ts';
import { findRedisBinary } from '#infra/workshop/embedded/redis-binary.ts';
import { type RunningStore, spawnUntilReady } from '#infra/workshop/embedded/spawn-until-ready.ts';
import { applyMigrations } from '#shared/db/migrate.ts';
import { type Db, openDb } from '#shared/db/open-db.ts';
import { type FaultProxy, type Links, openFaultProxy, openLinks } from './fault-proxy.ts';

/** A store behind proxies: `faulty` for the processes of the service, one for each, `clean` for the bench itself. */
export interface BenchPostgres {
  faulty: Links;
  urlFor(proxy: FaultProxy): string;
  clean: FaultProxy;
  /** The bench's own way in. */
  db: Db;
  pid(): number;
  /** SIGKILL to the postmaster and all its backends, at once. */
  kill(): void;
  /** As `pg_ctl stop` does it: `fast` ends what is under way and writes everything down, `immediate` drops it. */
  halt(how: 'fast' | 'immediate'): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function openBenchPostgres(): Promise<BenchPostgres> {
  // In memory where there is such a folder: a process that is killed loses nothing there, and no disk stalls.
  const base = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const dataDir = path.join(fs.mkdtempSync(path.join(base, 'dispatch-faults-')), 'postgres');
  fs.chmodSync(path.dirname(dataDir), 0o755);
  const start = () => startPostgres({ dataDir, durable: true });
  let running = await start();
  const portOf = (url: string) => Number(new URL(url).port);
  const faulty = openLinks(portOf(running.url));
  const clean = await openFaultProxy(portOf(running.url));
  // The bench's own connections have another name, so that they are never the ones that are broken.
  const urlFor = (proxy: FaultProxy) =>
    `postgres://app@127.0.0.1:${proxy.port}/postgres${proxy === clean ? '?application_name=bench' : ''}`;
  await applyMigrations(running.url);
  const db = openDb({ url: urlFor(clean), pool: 3, prepare: true, sessionTimeouts: true });
  return {
    faulty,
    clean,
    urlFor,
    db,
    pid: () => running.pid,
    kill() {
      for (const pid of [running.pid, ...childrenOf(running.pid)]) signal(pid, 'SIGKILL');
    },
    async halt(how) {
      if (how === 'immediate') signal(running.pid, 'SIGQUIT');
      // SIGINT, which is `fast`; to a postmaster that is ending at once already it is nothing.
      await running.stop();
    },
    async restart() {
      running = await start();
      for (const proxy of [faulty, clean]) proxy.lead(portOf(running.url));
    },
    async stop() {
      await db.close();
      for (const proxy of [faulty, clean]) proxy.close();
      await running.stop();
      fs.rmSync(path.dirname(dataDir), { recursive: true, force: true });
    },
  };
}

/** The processes whose parent is `pid` (Linux). */
export function childrenOf(pid: number): number[] {
  const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export interface BenchRedis {
  faulty: Links;
  /** The bench's own connection; waits while Redis is away. */
  own: Redis;
  pid(): number;
  kill(): void;
  /** With the snapshot of that name, or empty (null). `loadDelayUs` makes it answer LOADING for a while. */
  restart(options: { snapshot: string | null; loadDelayUs?: number }): Promise<void>;
  /** Under a name of its own: what another fault does to the store's file does nothing to it. */
  saveSnapshot(name: string): Promise<void>;
  /** Whether it is reading a snapshot, and how many keys it has read from one since it started. */
  loading(): Promise<{ isLoading: boolean; keysLoaded: number }>;
  stop(): Promise<void>;
}

export async function openBenchRedis(): Promise<BenchRedis> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dispatch-faults-redis-'));
  const dump = path.join(dir, 'dump.rdb');
  const copyOf = (name: string) => path.join(dir, `${name}.rdb`);
  let running = await startRedis(dir, []);
  const faulty = openLinks(running.port);
  const clean = await openFaultProxy(running.port);
  const own = new Redis(clean.port, '127.0.0.1', { maxRetriesPerRequest: null, retryStrategy: () => 100 });
  own.on('error', () => {});
  return {
    faulty,
    own,
    pid: () => running.pid,
    kill: () => signal(running.pid, 'SIGKILL'),
    async restart({ snapshot, loadDelayUs }) {
      if (snapshot === null) fs.rmSync(dump, { force: true });
      else fs.copyFileSync(copyOf(snapshot), dump);
      running = await startRedis(dir, loadDelayUs ? [...SAYS_LOADING, '--key-load-delay', String(loadDelayUs)] : []);
      for (const proxy of [faulty, clean]) proxy.lead(running.port);
    },
    async saveSnapshot(name) {
      await own.save();
      fs.copyFileSync(dump, copyOf(name));
    },
    async loading() {
      // One that waits until the store is ready would see nothing of it.
      const asking = new Redis(clean.port, '127.0.0.1', { enableReadyCheck: false, retryStrategy: () => 100 });
      asking.on('error', () => {});
      const said = await asking.info('persistence').finally(() => asking.disconnect());
      const [, keys = '0'] = /rdb_last_load_keys_loaded:(\d+)/.exec(said) ?? [];
      return { isLoading: /^loading:1/m.test(said), keysLoaded: Number(keys) };
    },
    async stop() {
      own.disconnect();
      for (const proxy of [faulty, clean]) proxy.close();
      await running.stop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** While it reads so much it answers nobody. It is 2 MiB otherwise: a small snapshot was read before it could say LOADING. */
const SAYS_LOADING = ['--loading-process-events-interval-bytes', '1024'];

/** Ready here means: it listens. While it loads it answers LOADING, which is one of the faults. */
async function startRedis(dir: string, more: readonly string[]): Promise<RunningStore & { port: number }> {
  const binary = await findRedisBinary();
  if (binary === null) throw new Error('The fault bench needs Redis 7 or Valkey: install redis-server.');
  const port = await freePort();
  const store = await spawnUntilReady({
    name: 'Redis',
    command: binary.command,
    args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', dir, ...more],
    options: { env: { ...process.env, ...binary.env } },
    readyLine: /Server initialized|Ready to accept connections/,
    readyStream: 'stdout',
    stopSignal: 'TERM',
    removeDirs: [],
  });
  return { ...store, port };
}
