import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { claimDataDir, stopLeftover } from './leftover-process.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { lockUp } from './postgres-roles.ts';
import { type RunningStore, spawnUntilReady } from './spawn-until-ready.ts';
import { isReachable, makeWorkDir, type ProcessUser, reachableTempDir, unprivilegedUser } from './unprivileged.ts';

export type PostgresOptions = {
  /** Where the data lives; without it a throw-away folder. Made if it does not exist. */
  dataDir?: string;
  /** true: fsync on and the data stays. false: fast, and the data is removed at stop. */
  durable: boolean;
  /** Empties the data folder first. */
  fresh?: boolean;
  /** Of the role `dispatch`, which owns what is its and is no superuser; nobody else gets in. Without it: `app`, anybody. */
  password?: string;
  /** Receives PostgreSQL's own log, line by line. */
  log?: (line: string) => void;
};

/** A private PostgreSQL on 127.0.0.1, database `postgres`. */
export type EmbeddedPostgres = RunningStore & { url: string; kind: string; dataDir: string };

const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * Starts a private PostgreSQL on a free port of 127.0.0.1. It ends with this process, however this process ends.
 * Run as root, it becomes `nobody`; a data folder that `nobody` cannot reach is replaced by one under the system's
 * temporary folder (the same one each time, see `dataDir` in the answer), and the log says so.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const user = unprivilegedUser();
  const dataDir = prepareDataDir(options, user);
  await stopLeftover(dataDir, 'postmaster.pid', ['postgres']);
  if (options.fresh) empty(dataDir);
  const binaries = postgresBinaries(user);
  const removeDirs = [...(binaries.stagedDir ? [binaries.stagedDir] : []), ...(options.durable ? [] : [dataDir])];
  const spawnOptions = { ...user, env: { PATH: process.env.PATH, LC_ALL: 'C' }, cwd: dataDir };
  try {
    if (fs.readdirSync(dataDir).length === 0) await initialise(binaries, dataDir, spawnOptions);
    claimDataDir(dataDir);
    if (options.password !== undefined) await lockUp(binaries, dataDir, spawnOptions, options.password);
  } catch (error) {
    for (const folder of removeDirs) fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'max_connections=200', ...(options.durable ? [] : FAST)];
  const store = await spawnUntilReady({
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: ['-D', dataDir, '-k', '', '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    options: spawnOptions,
    readyLine: /ready to accept connections/,
    readyStream: 'stderr',
    stopSignal: 'INT',
    removeDirs,
    log: options.log,
  });
  const who = options.password === undefined ? 'app' : `dispatch:${encodeURIComponent(options.password)}`;
  const url = `postgres://${who}@127.0.0.1:${port}/postgres`;
  return { ...store, url, kind: `PostgreSQL ${binaries.version.split('-')[0]} (embedded)`, dataDir };
}

function prepareDataDir(options: PostgresOptions, user: ProcessUser | undefined): string {
  if (options.dataDir === undefined) return makeWorkDir('dispatch-postgres-', user);
  let dataDir = path.resolve(options.dataDir);
  fs.mkdirSync(path.dirname(dataDir), { recursive: true });
  if (!isReachable(path.dirname(dataDir), user)) {
    const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
    const instead = path.join(reachableTempDir(user), `dispatch-postgres-${hash}`);
    options.log?.(`PostgreSQL must not run as root and nobody else can reach ${dataDir}; the data is in ${instead}`);
    dataDir = instead;
  }
  fs.mkdirSync(dataDir, { recursive: true });
  fs.chmodSync(dataDir, 0o700);
  if (user) fs.chownSync(dataDir, user.uid, user.gid);
  return dataDir;
}

function empty(folder: string): void {
  for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
}

/** The built-in C.UTF-8 collation sorts by code point, the same on every platform and without the system's locales. */
async function initialise(binaries: PostgresBinaries, dataDir: string, spawnOptions: object): Promise<void> {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = ['-D', dataDir, '-U', 'app', '--auth=trust', '--no-sync', '--no-instructions', ...locale];
  await promisify(execFile)(binaries.initdb, args, spawnOptions);
}
