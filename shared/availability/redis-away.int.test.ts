import { spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRedis } from '#infra/workshop/embedded/redis.ts';
import { findRedisBinary } from '#infra/workshop/embedded/redis-binary.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { eventually } from '#shared/testing/eventually.ts';
import type { Availability } from './availability.ts';
import { openAvailability } from './open-availability.ts';
import { at, projection } from './trial.contract.ts';

/** Its own server, so that it may be stopped, filled and killed. */
let server: NonNullable<Awaited<ReturnType<typeof startRedis>>>;
let admin: Redis;
const cleanUps: (() => unknown)[] = [];

beforeEach(async () => {
  const started = await startRedis({ durable: false });
  if (!started) throw new Error('this test needs Redis');
  server = started;
  admin = new Redis(server.url);
  admin.on('error', () => {});
  cleanUps.push(server.stop, () => admin.disconnect());
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function open(url = server.url): Availability {
  const availability = openAvailability({ url });
  cleanUps.push(() => availability.close());
  return availability;
}

const search = (store: Availability) => store.search('s', { center: at(0), radiusM: 1_000, limit: 1 });

async function warm(): Promise<Availability> {
  const store = open();
  await store.markWarm('s');
  await store.project('s', [projection('a')]);
  expect(await search(store)).toHaveLength(1);
  return store;
}

/** @returns the milliseconds until the call was refused as it must be */
async function refusal(call: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DependencyAway);
  return performance.now() - startedAt;
}

test('the first call waits for the first connection', async () => {
  expect(await search(open())).toBe('COLD');
});

test('a hung Redis: each call ends soon, after five all end at once, and it recovers by itself', async () => {
  const store = await warm();
  let ready = 0;
  store.onReady(() => {
    ready += 1;
  });
  process.kill(server.pid, 'SIGSTOP');
  cleanUps.push(() => process.kill(server.pid, 'SIGCONT'));
  for (let i = 0; i < 5; i += 1) {
    const tookMs = await refusal(search(store));
    expect(tookMs).toBeGreaterThan(100);
    expect(tookMs).toBeLessThan(400);
  }
  expect(store.breakerState()).toBe('open');
  for (let i = 0; i < 20; i += 1) expect(await refusal(search(store))).toBeLessThan(50);

  await eventually(() => {
    void search(store).catch(() => {});
    expect(store.breakerState()).toBe('half-open');
  });
  expect(await refusal(search(store))).toBeLessThan(50);

  process.kill(server.pid, 'SIGCONT');
  await eventually(() => expect(ready).toBeGreaterThan(1));
  expect(await search(store)).toHaveLength(1);
});

test('a killed Redis: refused at once; a new and empty one is cold, and repair is called', async () => {
  const store = await warm();
  let ready = 0;
  store.onReady(() => {
    ready += 1;
  });
  const { port } = new URL(server.url);
  await server.stop();
  for (let i = 0; i < 8; i += 1) expect(await refusal(search(store))).toBeLessThan(100);
  expect(store.breakerState()).toBe('open');

  const binary = await findRedisBinary();
  if (!binary) throw new Error('this test needs Redis');
  const args = ['--bind', '127.0.0.1', '--port', port, '--save', ''];
  const next = spawn(binary.command, args, { stdio: 'ignore', env: { ...process.env, ...binary.env } });
  cleanUps.push(() => next.kill('SIGKILL'));
  await eventually(() => expect(ready).toBeGreaterThan(1));
  expect(await search(store)).toBe('COLD');
});

test('nobody listens there', async () => {
  await server.stop();
  await refusal(search(open()));
});

test('the wrong password and none are refused, the right one is let in', async () => {
  await admin.config('SET', 'requirepass', 'right');
  const { host } = new URL(server.url);
  await refusal(search(open(`redis://:wrong@${host}`)));
  await refusal(search(open(`redis://${host}`)));
  expect(await search(open(`redis://:right@${host}`))).toBe('COLD');
});

test('out of memory: refused, but a driver who became BUSY is still removed, and Postgres is told what was heard', async () => {
  const store = await warm();
  await store.heartbeat('s', [{ driverId: 'a' }]);
  await admin.config('SET', 'maxmemory', '1');
  for (let i = 0; i < 6; i += 1) {
    await refusal(store.locate('s', [{ driverId: 'a', recordedAtMs: 1, position: at(1) }]));
    await refusal(store.heartbeat('s', [{ driverId: 'a' }]));
    await refusal(search(store));
  }
  expect(store.breakerState()).toBe('closed');
  expect(await store.project('s', [projection('a', { version: 2, status: 'BUSY' })])).toEqual(['OK']);
  expect(await store.statuses('s', ['a'])).toMatchObject([{ version: 2, status: 'BUSY', inGeo: false }]);
  const page = await store.unsaved('s', '0');
  expect(page?.heard).toMatchObject([{ driverId: 'a' }]);
  await store.saved('s', page!.heard, true);
  await admin.config('SET', 'maxmemory', '0');
  expect(await search(store)).toEqual([]);
});

test('read-only: refused, and the connection is made anew', async () => {
  const store = await warm();
  let ready = 0;
  store.onReady(() => {
    ready += 1;
  });
  await admin.call('REPLICAOF', '127.0.0.1', '1');
  await refusal(store.heartbeat('s', [{ driverId: 'a' }]));
  await eventually(() => expect(ready).toBeGreaterThan(1));
  await admin.call('REPLICAOF', 'NO', 'ONE');
  await eventually(async () =>
    expect(await store.heartbeat('s', [{ driverId: 'a' }])).toMatchObject([{ outcome: 'OK' }]),
  );
});

test('closed: refused, and closing a hung one does not hang', async () => {
  const store = await warm();
  process.kill(server.pid, 'SIGSTOP');
  cleanUps.push(() => process.kill(server.pid, 'SIGCONT'));
  const startedAt = performance.now();
  await store.close();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  await refusal(search(store));
});
