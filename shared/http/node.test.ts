import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { good, held, LARGE, lines, post, startServer } from '#shared/testing/wire-fixture.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function start(...options: Parameters<typeof startServer>) {
  const server = await startServer(...options);
  stops.push(server.stop);
  return server;
}

test('an endpoint that hangs is 503 at the deadline', async () => {
  const { ask } = await start({ deadlineMs: 100 });
  const response = await ask({ path: '/hang' });
  expect([response.status, response.headers['retry-after']]).toEqual([503, '1']);
});

test('more requests than the server carries are refused early; probes are not; places come free again', async () => {
  const { ask } = await start({ maxInFlight: 2 });
  const both = [ask({ path: '/wait' }), ask({ path: '/wait' })];
  await expect.poll(() => held.length).toBe(2);
  const refused = await ask({ path: '/fail/known' });
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
  expect((await ask({ path: '/alive' })).status).toBe(200);
  for (const answer of held.splice(0)) answer();
  expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await ask({ path: '/fail/known' })).status).toBe(409);
});

test('a handler is told when the request was received, as the host knows it', async () => {
  const receivedAtMs = async (options: Parameters<typeof startServer>[0]) => {
    const { ask } = await start(options);
    return JSON.parse((await ask({ path: '/received' })).body).receivedAtMs;
  };
  const before = performance.now();
  expect(await receivedAtMs({ receivedAtMs: () => before - 1_000 })).toBe(before - 1_000);
  const told = await receivedAtMs({});
  expect(told).toBeGreaterThanOrEqual(before);
  expect(told).toBeLessThanOrEqual(performance.now());
});

test('after a stop longer than anybody waits for an answer all are refused until what waited is read; probes are not', async () => {
  let stoppedForMs = 3_500;
  const { ask } = await start({ stoppedForMs: () => stoppedForMs });
  const refused = await ask({ path: '/received' });
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
  expect((await ask({ path: '/alive' })).status).toBe(200);
  stoppedForMs = 2_000;
  expect((await ask({ path: '/received' })).status).toBe(200);
});

test('while too many strangers wait for Postgres the next are refused at once; probes, what spares it, and a shop are not', async () => {
  const turns = { isFull: (principal: unknown) => principal === null, of: <Deps>(deps: Deps) => deps };
  const { ask } = await start({}, { turns });
  const paths = ['/received', '/alive', '/spares-postgres', '/nowhere'];
  const statuses = await Promise.all(paths.map(async (path) => (await ask({ path })).status));
  expect(statuses).toEqual([503, 200, 200, 404]);
  expect((await ask(post(JSON.stringify(good)))).status).toBe(201);
});

/** Sends raw bytes and collects what comes back until the server closes. */
async function raw(
  port: number,
  head: string,
  more: (write: (text: string) => void) => void = () => {},
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(head);
  more((chunk) => void socket.write(chunk));
  await once(socket, 'close');
  return text;
}

test('a body that stops coming is 408 and the connection is closed', async () => {
  const { port } = await start({ bodyTimeoutMs: 100 });
  const text = await raw(port, 'POST /hooks/a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
  expect(text.toLowerCase()).toContain('connection: close');
});

test('a chunked body past the limit is 413 while it still streams, and the connection is closed', async () => {
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const { port } = await start();
  const text = await raw(port, 'POST /hooks/a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n', (write) =>
    write(chunk),
  );
  expect(text).toMatch(/^HTTP\/1\.1 413 /);
});

test('10 MB are refused by their announced length', async () => {
  const { ask } = await start();
  const response = await ask({ method: 'POST', path: '/hooks/a', body: new Uint8Array(10_000_000) });
  expect(response.status).toBe(413);
});

test('a sender that goes away in the middle does no harm', async () => {
  const { ask, port } = await start();
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  lines.length = 0;
  socket.write('POST /hooks/a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc', () => socket.resetAndDestroy());
  await expect.poll(() => lines.some((line) => line.includes('408'))).toBe(true);
  expect((await ask({ path: '/alive' })).status).toBe(200);
});

/** Asks and reads nothing. @returns how many bytes come once it does, until the connection is closed */
async function askUnread(port: number, path: string): Promise<() => Promise<number>> {
  const socket: Socket = connect(port, '127.0.0.1');
  stops.push(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
  return async () => {
    let bytes = 0;
    socket.on('data', (data) => {
      bytes += data.length;
    });
    await once(socket, 'close');
    return bytes;
  };
}
const PATIENT = { timeout: 5_000 };
const cut = () => lines.filter((line) => line.includes('answer_not_read')).length;

test('answers that nobody reads are cut off in time, all of them; who reads is answered', async () => {
  const { ask, port } = await start({ sendWithinMs: 200 });
  lines.length = 0;
  const unread = await Promise.all(Array.from({ length: 4 }, () => askUnread(port, '/large')));
  await expect.poll(cut, PATIENT).toBe(4);
  expect((await ask({ path: '/spares-postgres' })).status).toBe(200);
  for (const bytes of await Promise.all(unread.map((read) => read()))) expect(bytes).toBeLessThan(LARGE.length);
});

test('of answers that are not read so much is kept: those that wait longest go first', async () => {
  const { ask, port } = await start({ maxUnsentBytes: 2.5 * LARGE.length });
  lines.length = 0;
  const first = await askUnread(port, '/large');
  await expect.poll(() => lines.length, PATIENT).toBe(1);
  for (let n = 0; n < 2; n += 1) await askUnread(port, '/large');
  await expect.poll(cut, PATIENT).toBe(1);
  expect(await first()).toBeLessThan(LARGE.length);
  expect((await ask({ path: '/alive' })).status).toBe(200);
});

test('what many are sent is kept once, however many do not read it', async () => {
  const { port } = await start({ maxUnsentBytes: 1.5 * LARGE.length });
  lines.length = 0;
  for (let n = 0; n < 4; n += 1) await askUnread(port, '/large/shared');
  await expect.poll(() => lines.length, PATIENT).toBe(4);
  expect(cut()).toBe(0);
});
