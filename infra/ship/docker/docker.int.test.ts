import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { readCompose, readFinalStage } from './compose-file.ts';

/*
 * The commands of the image and of docker-compose.yml, run in a folder that holds what the image holds and nothing else.
 * The bundles are those in dist/: `npm test` builds first.
 */

const stage = readFinalStage();
const compose = readCompose();
const started: ChildProcess[] = [];
let image: string;
let database: TestDatabase;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  image = fs.mkdtempSync(path.join(tmpdir(), 'dispatch-image-'));
  for (const { from, source, target } of stage.copies) {
    if (from === 'packages') linkPackages(path.join(image, target));
    else fs.cpSync(path.join(projectRoot(), source), path.join(image, target), { recursive: true });
  }
  fs.mkdirSync(path.join(image, 'secrets'));
  database = await testDatabase();
  const redis = testRedis();
  env = {
    PATH: process.env.PATH,
    PM2_HOME: path.join(image, '.pm2'),
    WEB_CONCURRENCY: '1',
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    // As Compose hands on a line of .env that was left empty.
    TOKEN_SECRET: '',
  };
});

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await database?.drop();
  fs.rmSync(image, { recursive: true, force: true });
});

/** What `npm ci --omit=dev --omit=optional` installs, by the lockfile. */
function linkPackages(folder: string): void {
  const lock = JSON.parse(fs.readFileSync(path.join(projectRoot(), 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
  };
  for (const [name, { dev, optional, devOptional }] of Object.entries(lock.packages)) {
    if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(name) || dev || optional || devOptional) continue;
    const target = path.join(folder, name.slice('node_modules/'.length));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.symlinkSync(path.join(projectRoot(), name), target);
  }
}

function argumentsOf(service: string): string[] {
  const [program, ...entry] = stage.entrypoint;
  if (program !== 'node') throw new Error(`the entry point is ${program}`);
  return [...entry, ...(compose.services[service]?.command ?? stage.command)];
}

function toItsEnd(service: string, more: readonly string[] = []): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, [...argumentsOf(service), ...more], { cwd: image, env });
}

function start(service: string): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, argumentsOf(service), { cwd: image, env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  return { child, output: () => output };
}

async function stop(child: ChildProcess): Promise<number | null> {
  const exited = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  return (await exited)[0];
}

test('secrets are made once, kept, and shown; the password is where PostgreSQL reads it', async () => {
  await toItsEnd('secrets');
  const { stdout: shown } = await toItsEnd('secrets', ['--show']);
  const password = fs.readFileSync(path.join(image, 'secrets', 'db-password'), 'utf8');
  expect(shown).toContain(`DB_PASSWORD=${password}\n`);
  expect(shown).toMatch(/^TOKEN_SECRET=.{40,}$/m);
  await toItsEnd('secrets');
  expect((await toItsEnd('secrets', ['--show'])).stdout).toBe(shown);
  expect(fs.statSync(path.join(image, 'secrets', 'secrets.json')).mode & 0o077).toBe(0);
});

test('migrations run from the image, again without harm', async () => {
  expect((await toItsEnd('migrate')).stdout).toMatch(/up to date/);
  expect((await toItsEnd('migrate')).stdout).toMatch(/up to date/);
});

test('the relay starts, and ends by itself when it is stopped', async () => {
  const { child, output } = start('relay');
  await eventually(() => output().includes('relay_started'));
  expect(await stop(child)).toBe(0);
});

test('the service starts under PM2, is healthy by the image’s own check, and stops', { timeout: 60_000 }, async () => {
  const { child, output } = start('service');
  const [program, ...args] = stage.healthcheck;
  const isHealthy = () =>
    promisify(execFile)(program!, args, { env }).then(
      () => true,
      () => false,
    );
  await eventually(
    async () => (await isHealthy()) || (child.exitCode !== null && Promise.reject(new Error(output()))),
    { timeoutMs: 30_000 },
  );
  const exit = await stop(child);
  expect([exit, output()]).toEqual([0, expect.stringContaining('shutdown_finished')]);
  expect(await isHealthy()).toBe(false);
});
