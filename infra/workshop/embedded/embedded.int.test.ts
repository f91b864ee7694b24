import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '#shared/testing/eventually.ts';
import { startPostgres } from './postgres.ts';
import { projectRoot } from './project-root.ts';
import { startRedis } from './redis.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

test('a durable PostgreSQL keeps its data over a restart and syncs to disk', async () => {
  const dataDir = path.join(folder(), 'postgres');
  const first = await startPostgres({ dataDir, durable: true });
  cleanUps.push(first.stop);
  await query(first.url, (sql) => sql`create table kept as select 42 as answer`);
  expect(await query(first.url, (sql) => sql`show fsync`)).toEqual([{ fsync: 'on' }]);
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);

  const second = await startPostgres({ dataDir, durable: true });
  cleanUps.push(second.stop);
  expect(await query(second.url, (sql) => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
});

test('a fresh PostgreSQL begins with an empty database', async () => {
  const dataDir = path.join(folder(), 'postgres');
  const first = await startPostgres({ dataDir, durable: true });
  await query(first.url, (sql) => sql`create table gone (id int)`);
  await first.stop();
  const second = await startPostgres({ dataDir, durable: true, fresh: true });
  cleanUps.push(second.stop);
  expect(await query(second.url, (sql) => sql`select to_regclass('gone') as found`)).toEqual([{ found: null }]);
});

test('a durable Redis keeps its data over a restart', async () => {
  const dataDir = path.join(folder(), 'redis');
  const first = await redis(dataDir);
  await withRedis(first.url, (client) => client.set('kept', '42'));
  await first.stop();
  const second = await redis(dataDir);
  expect(await withRedis(second.url, (client) => client.get('kept'))).toBe('42');
});

test('a locked PostgreSQL lets in its service alone, by its password, and that is no superuser', async () => {
  const dataDir = path.join(folder(), 'postgres');
  const first = await startPostgres({ dataDir, durable: true });
  // As a run of before has left it: all of it belongs to a superuser.
  await query(first.url, (sql) =>
    sql.unsafe('create schema dispatch; create table dispatch.kept as select 42 as answer'),
  );
  await first.stop();
  for (const password of ['first-password-of-it', 'other-password-of-it']) {
    const locked = await startPostgres({ dataDir, durable: true, password });
    const { host } = new URL(locked.url);
    for (const stranger of ['app@', 'dispatch@', 'dispatch:wrong-password-of-it@', 'postgres@'])
      await expect(
        query(`postgres://${stranger}${host}/postgres`, (sql) => sql`select 1`),
        stranger,
      ).rejects.toThrow(/password|pg_hba/);
    const who = await query(
      locked.url,
      (sql) => sql`select usename::text as name, usesuper as super from pg_user where usename = current_user`,
    );
    expect(who).toEqual([{ name: 'dispatch', super: false }]);
    await query(locked.url, (sql) => sql`alter table dispatch.kept add column if not exists more int`);
    expect(await query(locked.url, (sql) => sql`select answer from dispatch.kept`)).toEqual([{ answer: 42 }]);
    await expect(query(locked.url, (sql) => sql`copy dispatch.kept to program 'cat'`)).rejects.toThrow(/permission/);
    await locked.stop();
  }
});

test('a Redis with a password says nothing without it, and no command line says it', async () => {
  const started = await startRedis({ durable: false, password: 'a password of 16+' });
  if (!started) throw new Error('This test needs Redis');
  cleanUps.push(started.stop);
  expect(await withRedis(started.url, (client) => client.ping())).toBe('PONG');
  const { host } = new URL(started.url);
  await expect(withRedis(`redis://${host}`, (client) => client.ping())).rejects.toThrow(/NOAUTH/);
  expect(fs.readFileSync(`/proc/${started.pid}/cmdline`, 'utf8')).not.toContain('a password');
});

test('two of each run side by side, and a throw-away one leaves no folder', async () => {
  const [one, two] = await Promise.all([startPostgres({ durable: false }), startPostgres({ durable: false })]);
  cleanUps.push(one.stop, two.stop);
  const three = await redis();
  const four = await redis();
  expect(new Set([one.url, two.url, three.url, four.url]).size).toBe(4);
  expect(await query(two.url, (sql) => sql`select current_user as role`)).toEqual([{ role: 'app' }]);
  await one.stop();
  expect(fs.existsSync(one.dataDir)).toBe(false);
  expect(await query(two.url, (sql) => sql`select 1 as up`)).toEqual([{ up: 1 }]);
});

test('a data folder in use is refused, and its stores go on', async () => {
  const dataDir = folder();
  const { pid } = await startInChild(dataDir);
  await expect(startPostgres({ dataDir: path.join(dataDir, 'postgres'), durable: true })).rejects.toThrow(
    `in use by process ${pid}`,
  );
  await expect(startRedis({ dataDir: path.join(dataDir, 'redis'), durable: true })).rejects.toThrow(
    `in use by process ${pid}`,
  );
});

test('bundled stores end with a parent that is killed, and start again on the same data', async () => {
  const dataDir = folder();
  const { child, stores } = await startInChild(dataDir);
  child.kill('SIGKILL');
  await eventually(() => noneAnswers(stores.urls), { timeoutMs: 10_000 });
  const again = await startPostgres({ dataDir: path.join(dataDir, 'postgres'), durable: true });
  cleanUps.push(again.stop);
  expect(await query(again.url, (sql) => sql`select 1 as up`)).toEqual([{ up: 1 }]);
});

test('stores that a crashed run left on the data are stopped first', async () => {
  const dataDir = folder();
  const left = await startPostgres({ dataDir: path.join(dataDir, 'postgres'), durable: true });
  const leftRedis = await redis(path.join(dataDir, 'redis'));
  const { pid: deadPid } = spawnSync('true');
  for (const store of ['postgres', 'redis']) fs.writeFileSync(path.join(dataDir, store, 'owner.pid'), `${deadPid}\n`);

  const next = await startPostgres({ dataDir: path.join(dataDir, 'postgres'), durable: true });
  cleanUps.push(next.stop);
  const nextRedis = await redis(path.join(dataDir, 'redis'));
  expect([left.pid, leftRedis.pid].filter(isAlive)).toEqual([]);
  expect(await query(next.url, (sql) => sql`select 1 as up`)).toEqual([{ up: 1 }]);
  expect(await withRedis(nextRedis.url, (client) => client.ping())).toBe('PONG');
});

test('a stale pid file never hits the process that has the number now', async () => {
  const dataDir = path.join(folder(), 'redis');
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  cleanUps.push(() => bystander.kill());
  fs.mkdirSync(dataDir);
  fs.writeFileSync(path.join(dataDir, 'redis.pid'), `${bystander.pid}\n`);
  await redis(dataDir);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
});

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'dispatch-test-'));
  fs.chmodSync(made, 0o755);
  cleanUps.push(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

async function redis(dataDir?: string) {
  const started = await startRedis(dataDir === undefined ? { durable: false } : { dataDir, durable: true });
  if (!started) throw new Error('This test needs Redis');
  cleanUps.push(started.stop);
  return started;
}

/** Another Node process that runs both stores on `dataDir`, from a bundle as `npm start` does. */
async function startInChild(dataDir: string): Promise<{ child: ChildProcess; pid: number; stores: Stores }> {
  const outfile = path.join(projectRoot(), 'node_modules', '.cache', `embedded-test-${path.basename(dataDir)}.mjs`);
  cleanUps.push(() => fs.rmSync(outfile, { force: true }));
  await build({ stdin: { contents: CHILD, resolveDir: import.meta.dirname }, outfile, ...BUNDLE });
  const child = fork(outfile, [dataDir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], cwd: os.tmpdir() });
  const [stores] = (await once(child, 'message')) as [Stores];
  cleanUps.push(async () => {
    child.kill('SIGKILL');
    await eventually(() => noneAnswers(stores.urls), { timeoutMs: 10_000 });
  });
  return { child, pid: child.pid ?? 0, stores };
}

type Stores = { urls: string[] };
const BUNDLE = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const;
const CHILD = `
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
const dataDir = process.argv[2];
const [postgres, redis] = await Promise.all([
  startPostgres({ dataDir: dataDir + '/postgres', durable: true }),
  startRedis({ dataDir: dataDir + '/redis', durable: true }),
]);
process.send({ urls: [postgres.url, redis.url] });
`;

async function query(url: string, ask: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await ask(sql);
  } finally {
    await sql.end();
  }
}

async function withRedis<T>(url: string, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  // A refusal meets the look for readiness too, which nobody awaits; whoever asks is told of it.
  client.on('error', () => {});
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

/** Asks the ports, not the process table: below a PID 1 that does not reap, a dead process keeps its number. */
async function noneAnswers(urls: string[]): Promise<boolean> {
  const refused = urls.map((url) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    return new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    }).finally(() => socket.destroy());
  });
  return (await Promise.all(refused)).every(Boolean);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
