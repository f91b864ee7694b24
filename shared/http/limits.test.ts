import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openLimits } from '#shared/composition/open-limits.ts';
import { good, handled, ID, json, post, startServer } from '#shared/testing/wire-fixture.ts';
import { limitHeaders, pointsOf } from './limits.ts';
import type { MountOptions } from './node.ts';
import { parseJson } from './parse.ts';
import { Problem } from './problem.ts';

const NONE = {
  keyPerMinute: 0,
  driverPerMinute: 0,
  shopPerMinute: 0,
  refusalsPerMinute: 0,
  shopStoredKeysPerDay: 0,
  driverStoredKeysPerDay: 0,
  streamsPerKey: 0,
  streamsPerShop: 0,
};
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
async function start(settings: Partial<typeof NONE>, options: MountOptions = {}) {
  const limits = openLimits(
    { ...NONE, ...settings },
    { availability: null, shops: { byId: async () => null } },
    { nowMs: () => 0, later: () => {} },
  );
  const server = await startServer(options, { limits });
  stops.push(server.stop);
  return server;
}
const order = (headers: Record<string, string> = {}) => post(JSON.stringify(good), { ...json, ...headers });

test('who asks too much is 429, is told which quota and when to come again, and has no effect; others go on', async () => {
  const { ask } = await start({ keyPerMinute: 60, driverPerMinute: 60 });
  for (let n = 0; n < 60; n += 1) expect((await ask(order())).status).toBe(201);
  const before = handled.length;
  const refused = await ask(order());
  expect(handled).toHaveLength(before);
  expect(refused.status).toBe(429);
  expect(refused.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'retry-after': '2',
    'ratelimit-policy': '"key";q=60;w=60',
    ratelimit: '"key";r=0;t=2',
  });
  expect(JSON.parse(refused.body)).toMatchObject({ type: 'urn:problem:too_many', 'violated-policies': ['key'] });
  expect((await ask(order({ authorization: 'Bearer driver' }))).status).toBe(201);
  expect((await ask({ method: 'POST', path: '/v1/shops', headers: { authorization: 'Bearer operator' } })).status).toBe(
    204,
  );
});

test('who has a quarter left or less is told so with every answer, and nobody else is', async () => {
  const { ask } = await start({ keyPerMinute: 4 });
  const told = [];
  for (let n = 0; n < 4; n += 1) told.push((await ask(order())).headers.ratelimit);
  expect(told).toEqual([undefined, undefined, '"key";r=1;t=1', '"key";r=0;t=15']);
});

test('a large body counts as many requests', () => {
  expect(pointsOf({})).toBe(1);
  expect(pointsOf({ 'content-length': '100' })).toBe(1);
  expect(pointsOf({ 'content-length': String(1024 * 1024) })).toBe(257);
  expect(pointsOf({ 'content-length': 'nonsense' })).toBe(1);
});

/** Without a length that is announced: Node sends it in chunks. */
function inChunks(port: number, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = `/v1/things/${ID}`;
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path, headers: json }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.write(JSON.stringify(good).slice(0, -1));
    sent.end(`,"more":"${'x'.repeat(bytes)}"}`);
  });
}

test('a body whose length nobody announced counts as much as another, once it was read', async () => {
  const { port } = await start({ keyPerMinute: 25 });
  const statuses = [];
  for (let n = 0; n < 4; n += 1) statuses.push(await inChunks(port, 40 * 1024));
  expect(statuses).toEqual([201, 201, 201, 429]);
});

test('one of them that is refused costs ten times what was read of it', async () => {
  const { port } = await start({ keyPerMinute: 170 });
  expect([await inChunks(port, 64 * 1024), await inChunks(port, 1)]).toEqual([413, 429]);
});

/** The head of a body in chunks and so much of it; the rest never comes. */
function beginInChunks(port: number, bytes: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  stops.push(() => socket.destroy());
  socket.on('error', () => {});
  const head = `POST /photos HTTP/1.1\r\nhost: h\r\nauthorization: Bearer driver\r\ntransfer-encoding: chunked\r\n\r\n`;
  socket.write(`${head}${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`);
  return new Promise((resolve) => socket.once('data', (data) => resolve(String(data).slice(9, 12))));
}

test('bodies in chunks that stop hold so much room and no more, whatever they may become', async () => {
  const { port } = await start({}, { bodyTimeoutMs: 1_500 });
  const statuses = await Promise.all(Array.from({ length: 40 }, () => beginInChunks(port, 20_000)));
  expect(statuses.sort()).toEqual([...Array(16).fill('408'), ...Array(24).fill('503')]);
});

test('what was read of a body that stops is paid for', async () => {
  const { ask, port } = await start({ driverPerMinute: 100 }, { bodyTimeoutMs: 100 });
  expect(await beginInChunks(port, 100_000)).toBe('408');
  expect((await ask(order({ authorization: 'Bearer driver' }))).status).toBe(429);
});

test('kept results have a quota: without a key to keep one the same request is taken', async () => {
  const { ask } = await start({ shopStoredKeysPerDay: 1 });
  expect((await ask(order({ 'idempotency-key': 'a' }))).status).toBe(201);
  const refused = await ask(order({ 'idempotency-key': 'b' }));
  expect([refused.status, refused.headers['ratelimit-policy']]).toEqual([429, '"stored-keys";q=1;w=86400']);
  expect((await ask(order())).status).toBe(201);
});

test('a key where nothing is kept is none, and costs nothing', async () => {
  const { ask } = await start({ driverStoredKeysPerDay: 1 });
  const fix = (key: string) =>
    ask({ method: 'POST', path: '/fixes', headers: { authorization: 'Bearer driver', 'idempotency-key': key } });
  for (const key of ['a', 'b']) expect(await fix(key)).toMatchObject({ status: 200, body: '{"idempotency":null}' });
  const kept = (key: string) => ask(order({ authorization: 'Bearer driver', 'idempotency-key': key }));
  expect([(await kept('c')).status, (await kept('d')).status]).toEqual([201, 429]);
});

test('an address without a good proof is out after so many refusals; a good proof from it is heard all the same', async () => {
  const { ask } = await start({ refusalsPerMinute: 3 });
  const wrong = () => ask(order({ authorization: 'Bearer wrong' }));
  const statuses = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await wrong()).status);
  expect(statuses).toEqual([401, 401, 401, 429]);
  expect((await ask({ method: 'POST', path: '/hooks/s', body: 'x' })).status).toBe(202);
  expect((await ask({ path: '/nowhere' })).status).toBe(429);
  expect((await ask({ path: '/alive' })).status).toBe(200);
  expect((await ask(order())).status).toBe(201);
});

test('the headers are structured fields', () => {
  const headers = limitHeaders({ policy: 'shop', quota: 100, windowS: 60, left: 12.7 });
  expect(headers).toEqual({ 'ratelimit-policy': '"shop";q=100;w=60', ratelimit: '"shop";r=12;t=1' });
});

test('bodies that come slowly hold no place of those for work, and one address so many of their own', async () => {
  const { ask, port } = await startServer({ maxInFlight: 200 });
  const sockets: Socket[] = [];
  const answers: string[] = [];
  const startMs = performance.now();
  let firstMs = 0;
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let n = 0; n < 260; n += 1) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      firstMs ||= performance.now() - startMs;
      answers.push(String(data).split('\r\n', 1)[0]!);
    });
    socket.write('POST /hooks/s HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\n');
  }
  await expect.poll(() => answers, { timeout: 3_000 }).toEqual(Array(4).fill('HTTP/1.1 503 Service Unavailable'));
  // Told at once they would be back at once.
  expect(firstMs).toBeGreaterThan(900);
  expect((await ask({ path: '/received' })).status).toBe(200);
});

test('a body that is refused costs ten times as much', async () => {
  const { ask } = await start({ keyPerMinute: 25 });
  const statuses = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await ask(post('{"name":1}'))).status);
  expect(statuses).toEqual([422, 422, 422, 429]);
});

test('hundreds of thousands of values are refused before anything is made of them; a thousand fixes are not', () => {
  const bomb = Buffer.from(`{"fixes":[${'{},'.repeat(300_000)}{}]}`);
  expect(() => parseJson(json, bomb)).toThrow(Problem);
  const fix = { driverId: '0190b5a0-0000-7000-8000-000000000001', lat: 52.5, lon: 13.4, accuracyM: 8, headingDeg: 1 };
  const fixes = Buffer.from(JSON.stringify({ fixes: Array.from({ length: 1_000 }, () => fix) }));
  expect(parseJson(json, fixes)).toMatchObject({ fixes: { length: 1_000 } });
});

test('who is refused before their body was looked at need not send it', async () => {
  const { port } = await start({});
  const socket = connect(port, '127.0.0.1');
  stops.push(() => socket.destroy());
  const heard = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.write(`POST /v1/things/x HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\n{`);
  expect(await heard).toMatch(/^HTTP\/1\.1 401 [\s\S]*connection: close/i);
  await once(socket, 'close');
});
