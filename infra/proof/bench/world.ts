import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import { type EmbeddedPostgres, startPostgres } from '#infra/workshop/embedded/postgres.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { type EmbeddedRedis, startRedis } from '#infra/workshop/embedded/redis.ts';
import { applyMigrations } from '#shared/db/migrate.ts';
import { type Db, openDb } from '#shared/db/open-db.ts';
import { openDriverTokens } from '#shared/http/tokens.ts';
import type { BenchOptions } from './options.ts';

export const TOKEN_SECRET = 'the bench signs driver tokens with it';
export const SHOP_KEY = 'dk_bench_0123456789abcdef';
export const SIGNING_SECRET = `whsec_${Buffer.from('the bench signs its webhooks with it').toString('base64')}`;

/** A process of our own making that listens on `url`. */
export interface Listening {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** What the rows share: stores, a connection to look at them with, and the means to start servers. */
export interface World {
  options: BenchOptions;
  postgres: EmbeddedPostgres;
  redis: EmbeddedRedis;
  db: Db;
  /** The environment of the service on these stores. */
  env: Readonly<Record<string, string>>;
  say(line: string): void;
  startService(env?: Readonly<Record<string, string>>): Promise<Listening>;
  /** This bundle again, as one of the floors (see `floor-servers.ts`). */
  startFloor(name: string): Promise<Listening>;
  close(): Promise<void>;
}

/** Everything on one file's disk with fsync on, as in production: a commit costs what a commit costs. */
export async function openWorld(options: BenchOptions): Promise<World> {
  const dataDir = path.join(projectRoot(), '.data', 'bench-postgres');
  const [postgres, redis] = await Promise.all([
    startPostgres({ dataDir, durable: true, fresh: true }),
    startRedis({ durable: false }),
  ]);
  if (redis === null) throw new Error('The bench needs redis-server or valkey-server');
  await applyMigrations(postgres.url);
  const db = openDb({ url: postgres.url, pool: 4, prepare: true, sessionTimeouts: false });
  const env = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    TOKEN_SECRET,
    DEFAULT_SHOP_KEY: SHOP_KEY,
    DEFAULT_SHOP_SECRET: SIGNING_SECRET,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    HOST: '127.0.0.1',
    // Each row is one caller who asks as much as there is to be had.
    LIMIT_KEY_PER_MINUTE: '999999999',
    LIMIT_DRIVER_PER_MINUTE: '999999999',
    LIMIT_SHOP_PER_MINUTE: '999999999',
  };
  const startedServers = new Set<Listening>();
  const start = async (args: readonly string[], more: Readonly<Record<string, string>>) => {
    const listening = await spawnServer(args, { ...env, ...more });
    startedServers.add(listening);
    return listening;
  };
  return {
    options,
    postgres,
    redis,
    db,
    env,
    say: (line) => console.error(line),
    startService: (more = {}) => start([path.join(projectRoot(), 'dist', 'server.mjs')], more),
    startFloor: (name) => start([process.argv[1] ?? '', '--floor', name], {}),
    async close() {
      await Promise.all([...startedServers].map((each) => each.stop()));
      await db.close();
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
}

async function spawnServer(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Listening> {
  const port = await freePort();
  const logs = path.join(projectRoot(), '.data');
  mkdirSync(logs, { recursive: true });
  const log = openSync(path.join(logs, 'bench-server.log'), 'w');
  // For a profile: BENCH_NODE_ARGS='--cpu-prof --cpu-prof-dir=dist/profile'.
  const nodeArgs = process.env.BENCH_NODE_ARGS?.split(' ').filter(Boolean) ?? [];
  const child = spawn(process.execPath, [...nodeArgs, ...args], {
    env: { PATH: process.env.PATH, ...env, PORT: String(port) },
    stdio: ['ignore', log, log, 'ipc'],
  });
  const ended = once(child, 'exit');
  const [message] = await Promise.race([once(child, 'message'), ended]);
  if (message !== 'ready') throw new Error(`${args.join(' ')} ended; its words are in .data/bench-server.log`);
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => stopChild(child, ended) };
}

/** Nothing to be lost at the end of a bench: no lame-duck time, unless a profile is to be written. */
async function stopChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill(process.env.BENCH_NODE_ARGS === undefined ? 'SIGKILL' : 'SIGINT');
  await ended;
}

export async function driverTokens(shopId: string, driverIds: readonly string[]): Promise<readonly string[]> {
  const tokens = openDriverTokens({ secret: TOKEN_SECRET, clock: { nowMs: Date.now } });
  const signed = driverIds.map((driverId) => tokens.sign({ driverId, shopId, tokenVersion: 1, shopTokenVersion: 1 }));
  return (await Promise.all(signed)).map(({ token }) => token);
}
