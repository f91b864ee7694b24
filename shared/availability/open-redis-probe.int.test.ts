import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DependencyAway } from '#shared/domain/away.ts';
import { testRedis } from '#shared/testing/stores.ts';
import { openRedisProbe } from './open-redis-probe.ts';

/** Takes connections and notes what it is told; answers with `reply` where there is one. */
async function listen(reply: string | null): Promise<{ server: Server; url: string; heard: () => string }> {
  let heard = '';
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      if (reply !== null) socket.write(reply);
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `127.0.0.1:${(server.address() as AddressInfo).port}`, heard: () => heard };
}

let silent: Awaited<ReturnType<typeof listen>>;
let locked: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  silent = await listen(null);
  locked = await listen('+OK\r\n+PONG\r\n');
});

afterAll(() => {
  for (const { server } of [silent, locked]) server.close();
});

test('a Redis that is there answers', async () => {
  const { latencyMs } = await openRedisProbe({ url: testRedis().url }).ping();
  expect(latencyMs).toBeGreaterThan(0);
});

test('a Redis that refuses the password counts as away', async () => {
  const url = new URL(testRedis().url);
  url.password = 'wrong';
  await expect(openRedisProbe({ url: url.href }).ping()).rejects.toThrow(DependencyAway);
});

test('user and password are sent first', async () => {
  await openRedisProbe({ url: `redis://me:p%40ss@${locked.url}` }).ping();
  expect(locked.heard()).toBe('*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$4\r\np@ss\r\n*1\r\n$4\r\nPING\r\n');
});

test('one that takes the connection and says nothing, and one that is not there, are away within the second', async () => {
  const startedMs = performance.now();
  await expect(openRedisProbe({ url: `redis://${silent.url}` }).ping()).rejects.toThrow(DependencyAway);
  await expect(openRedisProbe({ url: 'redis://127.0.0.1:1' }).ping()).rejects.toThrow(DependencyAway);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
