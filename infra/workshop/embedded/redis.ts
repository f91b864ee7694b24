import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';
import { claimDataDir, stopLeftover } from './leftover-process.ts';
import { findRedisBinary } from './redis-binary.ts';
import { type RunningStore, spawnUntilReady } from './spawn-until-ready.ts';

export type RedisOptions = {
  /** Where the data lives; without it a throw-away folder. Made if it does not exist. */
  dataDir?: string;
  /** true: the data stays (append-only file, synced each second). false: memory only, the folder goes at stop. */
  durable: boolean;
  /** Asked of every client; without it nothing is. */
  password?: string;
};

/** A private Redis or Valkey on 127.0.0.1. */
export type EmbeddedRedis = RunningStore & { url: string; kind: string };

const PID_FILE = 'redis.pid';

/**
 * Starts a private Redis on a free port of 127.0.0.1. It ends with this process, however this process ends.
 * @returns null if this machine has no Redis and none can be had; the caller decides what that means
 */
export async function startRedis(options: RedisOptions): Promise<EmbeddedRedis | null> {
  const binary = await findRedisBinary();
  if (!binary) return null;
  const dataDir = options.dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'dispatch-redis-'));
  fs.mkdirSync(dataDir, { recursive: true });
  await stopLeftover(dataDir, PID_FILE, ['redis-server', 'valkey-server']);
  claimDataDir(dataDir);
  const port = await freePort();
  const keep = ['--appendonly', options.durable ? 'yes' : 'no', '--save', ''];
  const files = ['--dir', dataDir, '--pidfile', path.resolve(dataDir, PID_FILE)];
  const { password } = options;
  const store = await spawnUntilReady({
    name: 'Redis',
    command: binary.command,
    args: [
      ...(password === undefined ? [] : [writeConfig(dataDir, password)]),
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      ...keep,
      ...files,
    ],
    options: { env: { ...process.env, ...binary.env } },
    readyLine: /Ready to accept connections/,
    readyStream: 'stdout',
    stopSignal: 'TERM',
    removeDirs: options.durable ? [] : [dataDir],
  });
  const user = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return { ...store, url: `redis://${user}127.0.0.1:${port}`, kind: binary.kind };
}

/** A command line is read by everybody on the machine; this file only by us. @returns its path */
function writeConfig(dataDir: string, password: string): string {
  const file = path.resolve(dataDir, 'redis.conf');
  fs.writeFileSync(file, `requirepass "${password}"\n`, { mode: 0o600 });
  return file;
}
