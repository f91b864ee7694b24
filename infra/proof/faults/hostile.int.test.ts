import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '#functions/server.ts';
import { readConfig } from '#shared/runtime/config.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';

/*
 * What a stranger may send to the real server, on real sockets: it is refused with the right word, nothing of it
 * reaches a store, and the server goes on.
 */

const KEY = { id: 'hostile', secret: 'a-secret-of-the-tests-0123456789' };
let database: TestDatabase;
let running: RunningServer;
let port: number;
let shopId: string;
let driverId: string;

beforeAll(async () => {
  database = await testDatabase();
  const redis = testRedis();
  running = await startServer(
    readConfig({
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      REDIS_PREFIX: redis.prefix,
      TOKEN_SECRET: 'a token secret of the tests, 32 characters',
      LOG_LEVEL: 'silent',
      HOST: '127.0.0.1',
      PORT: String(await freePort()),
    }),
  );
  port = Number(new URL(running.url).port);
  const { db } = running.deps;
  shopId = await buildShop(db, null);
  [driverId = ''] = await buildDrivers(db, shopId, [HERE]);
  await db.run(
    `INSERT INTO dispatch.api_key (id, shop_id, name, secret_sha256, scopes)
     VALUES ($1, $2, 'test', encode(sha256($3::bytea), 'hex'), '{dispatch,read}')`,
    [KEY.id, shopId, KEY.secret],
  );
});
afterAll(async () => {
  const closed = once(running.server, 'close');
  running.server.close();
  running.server.closeAllConnections();
  await closed;
  await running.deps.close();
  await database.drop();
});

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
}

const AUTHORIZED = { authorization: `Bearer dk_${KEY.id}_${KEY.secret}` };
const JSON_TYPE = { ...AUTHORIZED, 'content-type': 'application/json' };

interface Said {
  status: number;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

/** With `body` as it is, byte for byte; `chunked` announces no length. */
function say(
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = JSON_TYPE,
  chunked = false,
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const length = body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...length }, agent: false });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text.startsWith('{') ? JSON.parse(text) : {},
        });
      });
    });
    // A server that refuses a body may close before it has taken all of it; the answer decides.
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    if (chunked && body !== undefined)
      for (let at = 0; at < body.length; at += 65_536) sent.write(body.slice(at, at + 65_536));
    sent.end(chunked ? undefined : body);
  });
}

async function rowCounts(): Promise<unknown> {
  const [row] = await running.deps.db.run<{ counts: unknown }>(
    `SELECT json_build_object('deliveries', (SELECT count(*) FROM dispatch.delivery), 'keys', (SELECT count(*) FROM dispatch.kept_result),
      'events', (SELECT count(*) FROM dispatch.delivery_event), 'drivers', (SELECT sum(version) FROM dispatch.driver),
      'locations', (SELECT json_agg(l.seen_at) FROM dispatch.driver_location l), 'outbox', (SELECT count(*) FROM dispatch.outbox)) AS counts`,
  );
  return row?.counts;
}

const order = (more: object = {}) => ({ pickup: HERE, dropoff: north(300), ...more });
const TEN_MB = Buffer.alloc(10 * 1024 * 1024, 'x');
const place = (text: string) => `{"pickup":{"lat":${text},"lon":0},"dropoff":{"lat":0,"lon":0}}`;

describe('what is refused, and leaves nothing', () => {
  let before: unknown;
  beforeEach(async () => {
    before = await rowCounts();
  });

  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const fixPath = () => `/v1/drivers/${driverId}/location`;
  test.each<[string, number, () => Promise<Said>]>([
    ['10 MB, announced', 413, () => say('POST', '/v1/deliveries', TEN_MB)],
    ['10 MB, in chunks', 413, () => say('POST', '/v1/deliveries', TEN_MB, JSON_TYPE, true)],
    ['half a JSON text', 400, () => say('POST', '/v1/deliveries', '{"pickup":{')],
    ['nothing but a word', 400, () => say('POST', '/v1/deliveries', 'hello')],
    ['NaN', 400, () => say('POST', '/v1/deliveries', place('NaN'))],
    ['invalid UTF-8', 400, () => say('POST', '/v1/deliveries', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]))],
    ['nesting of 5,000', 400, () => say('POST', '/v1/deliveries', `{"notes":${deep}}`)],
    [
      'no JSON by its type',
      415,
      () => say('POST', '/v1/deliveries', '{}', { ...AUTHORIZED, 'content-type': 'text/plain' }),
    ],
    ['compressed', 415, () => say('POST', '/v1/deliveries', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' })],
    ['1e999', 422, () => say('POST', '/v1/deliveries', place('1e999'))],
    ['latitude 91', 422, () => say('POST', '/v1/deliveries', place('91'))],
    ['a text for a number', 422, () => say('POST', '/v1/deliveries', place('"52"'))],
    ['a list for an object', 422, () => say('POST', '/v1/deliveries', '[]')],
    ['NUL in a text', 422, () => say('POST', '/v1/deliveries', JSON.stringify(order({ notes: 'a\0b' })))],
    [
      'half a surrogate pair',
      422,
      () => say('POST', '/v1/deliveries', '{"dropoff":{"lat":0,"lon":0},"notes":"\\ud800"}'),
    ],
    ['a number as its own name', 422, () => say('POST', fixPath(), '{"lat":"1); redis.call(\'FLUSHALL\')--","lon":0}')],
    [
      'SQL for an id',
      404,
      () => say('GET', `/v1/deliveries/${encodeURIComponent("'; DROP TABLE dispatch.delivery; --")}`),
    ],
    ['a way up', 404, () => say('GET', '/v1/deliveries/..%2f..%2fetc%2fpasswd')],
    ['broken percent signs', 404, () => say('GET', '/v1/deliveries/%ff%')],
    ['SQL for a page', 422, () => say('GET', '/v1/deliveries?cursor=%27%20OR%201%3D1')],
    ['an infinite radius', 422, () => say('GET', '/v1/drivers/nearest?lat=0&lon=0&radiusM=1e999')],
    ['a method nobody knows', 405, () => say('DELETE', '/v1/deliveries')],
    [
      'a key of 300 characters',
      422,
      () =>
        say('POST', '/v1/deliveries', JSON.stringify(order()), { ...JSON_TYPE, 'idempotency-key': 'k'.repeat(300) }),
    ],
    ['headers of 64 KB', 431, () => say('GET', '/health', undefined, { 'x-long': 'x'.repeat(65_536) })],
    [
      'a bearer that is code',
      401,
      () => say('GET', '/v1/drivers', undefined, { authorization: "Bearer dk_' OR '1'='1_x" }),
    ],
    [
      'a token without an algorithm',
      401,
      () => say('GET', '/v1/drivers', undefined, { authorization: `Bearer ${UNSIGNED}` }),
    ],
  ])('%s: %i', async (_what, status, ask) => {
    expect((await ask()).status).toBe(status);
    expect(await rowCounts()).toEqual(before);
  });
});

/** `{"alg":"none"}`, `{"sub":"x"}` and no signature. */
const UNSIGNED = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.';

describe('what is text, and stays text', () => {
  const CODE = [
    "'; DROP TABLE dispatch.delivery; --",
    '#{process.exit(1)} `id` $(reboot)',
    'redis.call("FLUSHALL") return 1',
    '<script>alert(1)</script>',
    '{"$where":"1"} %s %n \\u0000',
    'اختبار 🚴 ẞ',
  ];
  test.each(CODE)('%s', async (text) => {
    const body = order({ sellerOrderId: text, notes: text, dropoff: { ...north(300), name: text } });
    const made = await say('POST', '/v1/deliveries', JSON.stringify(body));
    expect(made).toMatchObject({ status: 201, body: { sellerOrderId: text, notes: text, dropoff: { name: text } } });
    const read = await say('GET', `/v1/deliveries/${String(made.body.id)}`);
    expect(read.body).toMatchObject({ sellerOrderId: text, notes: text });
  });

  test('line ends in a text never become header lines', async () => {
    const text = 'one\r\nSet-Cookie: stolen=1';
    const made = await say('POST', '/v1/deliveries', JSON.stringify(order({ sellerOrderId: text })));
    expect(made.headers['set-cookie']).toBeUndefined();
    expect([201, 422]).toContain(made.status);
  });

  test('__proto__ and constructor are names like any other, and are ignored', async () => {
    const body = `{"__proto__":{"status":"DELIVERED","isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},${JSON.stringify(order()).slice(1)}`;
    const made = await say('POST', '/v1/deliveries', body);
    expect(made.status).toBe(201);
    expect(made.body.status).not.toBe('DELIVERED');
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

describe('slow clients', () => {
  /** Sends `first`, then a byte each 200 ms, until the server closes. @returns what it said, and after how long */
  async function dribble(first: string): Promise<{ text: string; ms: number }> {
    const socket = net.connect(port, '127.0.0.1');
    const startedMs = performance.now();
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.write(first);
    const more = setInterval(() => socket.write('x'), 200);
    await once(socket, 'close');
    clearInterval(more);
    return { text, ms: performance.now() - startedMs };
  }

  test('headers that never end are cut off', async () => {
    const { ms } = await dribble('GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    expect(ms).toBeLessThan(5_000);
  });

  test('a body that never ends is answered 408 and cut off', async () => {
    const head = `POST /v1/deliveries HTTP/1.1\r\nHost: a\r\nAuthorization: ${AUTHORIZED.authorization}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n`;
    const { text, ms } = await dribble(head);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(ms).toBeLessThan(9_000);
  });

  test('without proof of identity no byte of a body is waited for', async () => {
    const { text, ms } = await dribble('POST /v1/deliveries HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(ms).toBeLessThan(9_000);
  });
});

test('twenty bodies of 10 MB at once leave memory as it was, and everybody else is served', async () => {
  const before = process.memoryUsage().rss;
  const flood = Array.from({ length: 20 }, () => say('POST', '/v1/deliveries', TEN_MB, JSON_TYPE, true));
  const meanwhile = await say('POST', '/v1/deliveries', JSON.stringify(order()));
  expect(meanwhile.status).toBe(201);
  for (const said of await Promise.all(flood)) expect(said.status).toBe(413);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
});
