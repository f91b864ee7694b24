import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { closeWebhookConnections, readRetryAfter, sendWebhook } from './send.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  closeWebhookConnections();
  for (const close of closers.splice(0)) close();
});

async function receiver(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle).listen(0, '127.0.0.1');
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, connections: () => connections };
}

/** A receiver that speaks raw TCP. */
async function rawReceiver(handle: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    handle(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const send = (url: string, timeoutMs = 5_000, allowPrivate = true) =>
  sendWebhook({ url, body: '{"a":"ä"}', headers: { 'webhook-id': 'm' }, timeoutMs, allowPrivate });

test('posts body and headers, and keeps the connection for the next one', async () => {
  const seen: unknown[] = [];
  const { url, connections } = await receiver((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      seen.push([request.method, request.url, request.headers['webhook-id'], request.headers['content-type'], text]);
      response.writeHead(204).end();
    });
  });
  expect(await send(url)).toEqual({ outcome: 'delivered', status: 204, detail: 'status 204' });
  expect((await send(url)).outcome).toBe('delivered');
  expect(seen[0]).toEqual(['POST', '/hook', 'm', 'application/json', '{"a":"ä"}']);
  expect([seen.length, connections()]).toEqual([2, 1]);
});

test.each([
  [200, 'delivered'],
  [302, 'failed'],
  [400, 'failed'],
  [410, 'gone'],
  [500, 'failed'],
] as const)('status %i is %s', async (status, outcome) => {
  const { url } = await receiver((_request, response) => response.writeHead(status).end('x'));
  expect(await send(url)).toEqual({ outcome, status, detail: `status ${status}` });
});

test('a redirect is not followed', async () => {
  let followed = false;
  const { url } = await receiver((request, response) => {
    if (request.url === '/elsewhere') followed = true;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect((await send(url)).outcome).toBe('failed');
  expect(followed).toBe(false);
});

test('Retry-After is handed on, in seconds', async () => {
  const { url } = await receiver((_request, response) => response.writeHead(429, { 'retry-after': '120' }).end());
  expect(await send(url)).toMatchObject({ outcome: 'failed', status: 429, retryAfterS: 120 });
  const nowMs = Date.parse('2026-01-01T00:00:00Z');
  expect(readRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', nowMs)).toBe(60);
  expect(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', nowMs)).toBe(0);
  for (const nonsense of ['soon', '-1', '1e9', '', undefined]) expect(readRetryAfter(nonsense, nowMs)).toBeNull();
});

test('a receiver that is down, hangs up, or speaks nonsense is a failure with a code', async () => {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ outcome: 'failed', detail: 'ECONNREFUSED' });
  expect(await send(await rawReceiver((socket) => socket.resetAndDestroy()))).toEqual({
    outcome: 'failed',
    detail: 'ECONNRESET',
  });
  const garbage = await rawReceiver((socket) => void socket.end('garbage\r\n\r\n'));
  expect(await send(garbage)).toMatchObject({ outcome: 'failed', detail: expect.stringMatching(/^HPE_/) });
  const upgrade = await rawReceiver((socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
  });
  expect(await send(upgrade)).toMatchObject({ outcome: 'failed' });
});

test('never answering, and one byte of the head at a time, end at the time allowed', async () => {
  const silent = await rawReceiver(() => {});
  expect(await send(silent, 100)).toEqual({ outcome: 'failed', detail: 'timeout' });
  const drip = await rawReceiver((socket) => {
    const timer = setInterval(() => socket.write('H'), 10);
    socket.on('close', () => clearInterval(timer));
    socket.write('HTTP/1.1 200 OK\r\nx: ');
  });
  expect(await send(drip, 100)).toEqual({ outcome: 'failed', detail: 'timeout' });
});

test('a body that drips is cut off; the status has decided', async () => {
  const { url } = await receiver((_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 10);
    response.on('close', () => clearInterval(timer));
  });
  const startedMs = performance.now();
  expect(await send(url)).toMatchObject({ outcome: 'delivered', status: 200 });
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});

test('an endless body is cut off after 64 KiB or what was on the way', async () => {
  let written = 0;
  let receiverClosed = (): void => {};
  const cutOff = new Promise<void>((resolve) => {
    receiverClosed = resolve;
  });
  const { url } = await receiver((_request, response) => {
    const chunk = Buffer.alloc(16_384);
    response.writeHead(200, { 'content-length': 1_000_000_000 });
    const pour = (): void => {
      do written += chunk.length;
      while (response.write(chunk));
    };
    response.on('drain', pour).on('close', receiverClosed);
    pour();
  });
  expect(await send(url)).toMatchObject({ outcome: 'delivered', status: 200 });
  await cutOff;
  expect(written).toBeLessThan(50_000_000);
});

test('a kept connection that the receiver has closed is no failure', async () => {
  let answers = 0;
  const url = await rawReceiver((socket) => {
    socket.on('data', () => {
      answers += 1;
      // The second request on a connection finds it closed under its feet.
      if (answers === 2) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  });
  expect((await send(url)).outcome).toBe('delivered');
  expect((await send(url)).outcome).toBe('delivered');
  expect(answers).toBe(3);
});

test.each([
  'http://127.0.0.1/',
  'http://localhost/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://0x7f.1/',
  'http://2130706433/',
  'http://0/',
])('%s is refused without a connection', async (url) => {
  expect(await send(url, 5_000, false)).toEqual({ outcome: 'failed', detail: 'private_address' });
});

test('a name that leads inside is refused when connecting, also after an allowed call kept a connection there', async () => {
  let calls = 0;
  const { url } = await receiver((_request, response) => {
    calls += 1;
    response.end();
  });
  const byName = url.replace('127.0.0.1', 'localhost');
  expect((await send(byName)).outcome).toBe('delivered');
  expect(await send(byName, 5_000, false)).toEqual({ outcome: 'failed', detail: 'private_address' });
  expect(calls).toBe(1);
});

test.each(['ftp://x/', 'javascript:alert(1)', 'nonsense', '', 'http://user:pw@example.com/', 'file:///etc/passwd'])(
  '"%s" is no webhook address',
  async (url) => {
    expect(await send(url)).toEqual({ outcome: 'failed', detail: 'bad_url' });
  },
);

test('a header that would break the request is refused', async () => {
  const outcome = await sendWebhook({
    url: 'http://127.0.0.1:9/',
    body: '',
    headers: { 'x-a': 'a\r\nb: c' },
    allowPrivate: true,
  });
  expect(outcome).toEqual({ outcome: 'failed', detail: 'ERR_INVALID_CHAR' });
});
