import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DependencyAway } from '#shared/domain/away.ts';
import { openLog } from '#shared/runtime/log.ts';
import { toEvent } from '#shared/testing/lambda-event.ts';
import { type Answer, endpoint } from './endpoint.ts';
import { lambda } from './lambda.ts';
import { mount, SERVER_OPTIONS } from './node.ts';
import type { Authenticate } from './principal.ts';
import { type HttpResponse, Problem } from './problem.ts';

const ID = '0190b5a0-0000-7000-8000-000000000001';
const Thing = v.object({
  name: v.pipe(v.string(), v.maxLength(100)),
  at: v.object({ lat: v.pipe(v.number(), v.minValue(-85), v.maxValue(85)), lon: v.number() }),
  tags: v.optional(v.array(v.union([v.string(), v.object({ label: v.string() })]))),
});

let release = (): void => {};
const waiting: (() => void)[] = [];
const handled: string[] = [];
type EchoDeps = { prefix: string };

const endpoints = [
  endpoint({
    method: 'POST',
    path: '/v1/things/:id',
    auth: ['shop:dispatch', 'driver'],
    params: v.object({ id: v.pipe(v.string(), v.uuid()) }),
    body: Thing,
    handle: ({ principal, params, body, idempotency }, deps: EchoDeps): Answer => {
      handled.push(body.name);
      return { status: 201, body: { by: `${deps.prefix}${principal.shopId}`, id: params.id, body, idempotency } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/v1/things/near',
    auth: ['shop:read'],
    query: v.object({ lat: v.pipe(v.string(), v.regex(/^-?\d+$/)), tag: v.optional(v.array(v.string())) }),
    handle: ({ query }) => ({ status: 200, body: { near: query } }),
  }),
  endpoint({
    method: 'GET',
    path: '/v1/things/:id',
    auth: ['shop:read'],
    handle: ({ params }) => ({ status: 200, body: params }),
  }),
  endpoint({ method: 'POST', path: '/v1/shops', auth: ['operator'], handle: () => ({ status: 204 }) }),
  endpoint({
    method: 'POST',
    path: '/hooks/:shop',
    auth: 'none',
    bodyLimit: 1_000,
    handle: ({ rawBody, principal }) => ({ status: 202, body: { bytes: rawBody.length, principal } }),
  }),
  endpoint({
    method: 'GET',
    path: '/fail/:how',
    auth: 'none',
    handle: ({ params }) => {
      if (params.how === 'away') throw new DependencyAway('postgres', new Error('password=hunter2'), 2);
      if (params.how === 'bug') throw new Error('password=hunter2');
      if (params.how === 'text') return { status: 200, body: '<p>hi</p>', headers: { 'content-type': 'text/html' } };
      throw new Problem('driver_busy', 'full', { extra: { load: 1 } });
    },
  }),
  endpoint({ method: 'GET', path: '/hang', auth: 'none', handle: () => new Promise<Answer>(() => {}) }),
  endpoint({
    method: 'GET',
    path: '/wait',
    auth: 'none',
    handle: () =>
      new Promise<Answer>((resolve) => {
        release = () => resolve({ status: 200 });
        for (const notify of waiting.splice(0)) notify();
      }),
  }),
  endpoint({
    method: 'GET',
    path: '/alive',
    auth: 'none',
    alwaysAdmit: true,
    handle: () => ({ status: 200, body: {} }),
  }),
];

const authenticate: Authenticate = async ({ authorization }) => {
  switch (authorization) {
    case 'Bearer operator':
      return { kind: 'operator' };
    case 'Bearer dispatch':
      return { kind: 'shop', shopId: 's', keyId: 'k', scopes: ['dispatch'] };
    case 'Bearer read':
      return { kind: 'shop', shopId: 's', keyId: 'k', scopes: ['read'] };
    case 'Bearer driver':
      return { kind: 'driver', shopId: 's', driverId: 'd' };
    default:
      return null;
  }
};

const lines: string[] = [];
const deps = {
  prefix: 'shop ',
  authenticate,
  log: openLog({ level: 'info', write: (line) => lines.push(line) }),
  clock: { nowMs: () => 0 },
};

type Ask = { method?: string; path: string; headers?: Record<string, string>; body?: string | Uint8Array };
type Asker = (ask: Ask) => Promise<HttpResponse>;

const server = (() => {
  const app = new Hono<{ Bindings: HttpBindings }>();
  mount(app, endpoints, deps, { maxInFlight: 2, bodyTimeoutMs: 150, deadlineMs: 150 });
  return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', serverOptions: SERVER_OPTIONS });
})();
const listening = once(server, 'listening');
const portOf = (): number => (server.address() as AddressInfo).port;

beforeAll(() => listening);
afterAll(() => {
  server.close();
  if ('closeAllConnections' in server) server.closeAllConnections();
});

const askServer: Asker = async ({ method = 'GET', path, headers = {}, body }) => {
  const response = await fetch(`http://127.0.0.1:${portOf()}${path}`, { method, headers, body: body ?? null });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
};
const handler = lambda(endpoints, deps);
const askLambda: Asker = async (ask) => {
  const result = await handler(toEvent(ask));
  const headers = Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]);
  return { status: result.statusCode ?? 0, headers: Object.fromEntries(headers), body: result.body ?? '' };
};

const json = { 'content-type': 'application/json', authorization: 'Bearer dispatch' };
const good = { name: 'a', at: { lat: 0, lon: 0 } };
const post = (body: string | Uint8Array, headers: Record<string, string> = json): Ask => ({
  method: 'POST',
  path: `/v1/things/${ID}`,
  headers,
  body,
});

describe.each([
  ['server', askServer],
  ['lambda', askLambda],
] as const)('%s', (_host, ask) => {
  const refusal = async (what: Ask) => {
    const before = handled.length;
    const response = await ask(what);
    expect(handled.length, 'a refused request has no effect').toBe(before);
    expect(response.headers['content-type']).toBe('application/problem+json');
    const problem = JSON.parse(response.body);
    expect(problem.status).toBe(response.status);
    expect(problem.instance).toBe(`urn:request:${response.headers['x-request-id']}`);
    return { status: response.status, problem, headers: response.headers };
  };

  test('a good request is handled, with the headers every answer has', async () => {
    const response = await ask(
      post(JSON.stringify({ ...good, unknown: 1 }), { ...json, 'x-request-id': 'mine-1', 'idempotency-key': 'k' }),
    );
    expect(response.status).toBe(201);
    const body = JSON.parse(response.body);
    expect(body).toMatchObject({ by: 'shop s', id: ID, body: good, idempotency: { scope: 'shop:s', key: 'k' } });
    expect(body.body).not.toHaveProperty('unknown');
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'x-request-id': 'mine-1',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  test('401 without proof, 403 with the wrong one, before the body is looked at', async () => {
    for (const authorization of ['', 'Bearer wrong', 'Basic dispatch']) {
      const { status, headers } = await refusal(post('{', { ...json, authorization }));
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
    }
    for (const authorization of ['Bearer read', 'Bearer operator']) {
      expect((await refusal(post('{', { ...json, authorization }))).status).toBe(403);
    }
    expect((await ask({ path: '/v1/things/x', headers: { authorization: 'Bearer dispatch' } })).status).toBe(200);
    expect(
      (await ask({ method: 'POST', path: '/v1/shops', headers: { authorization: 'Bearer operator' } })).status,
    ).toBe(204);
    expect((await ask(post(JSON.stringify(good), { ...json, authorization: 'Bearer driver' }))).status).toBe(201);
  });

  test.each([
    ['no media type', post('{}', { authorization: 'Bearer dispatch', 'content-type': 'text/plain' }), 415],
    ['compressed', post('{}', { ...json, 'content-encoding': 'gzip' }), 415],
    ['cut short', post('{"name":'), 400],
    ['NaN', post('{"name":NaN}'), 400],
    ['invalid UTF-8', post(new Uint8Array([0x22, 0xc3, 0x28, 0x22])), 400],
    ['deep nesting', post('['.repeat(20_000) + ']'.repeat(20_000)), 400],
    ['deep objects', post(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`), 400],
    ['an empty body', post(''), 422],
    ['null', post('null'), 422],
    ['1e999', post('{"name":"a","at":{"lat":1,"lon":1e999}}'), 422],
    ['lat 91', post('{"name":"a","at":{"lat":91,"lon":0}}'), 422],
    ['strings for numbers', post('{"name":"a","at":{"lat":"1","lon":0}}'), 422],
    ['NUL', post('{"name":"a\\u0000b","at":{"lat":1,"lon":0}}'), 422],
    ['half a surrogate pair', post('{"name":"\\ud800","at":{"lat":1,"lon":0}}'), 422],
    ['__proto__ for fields', post('{"__proto__":{"name":"a","at":{"lat":1,"lon":0}}}'), 422],
    ['a key with a line break', post(JSON.stringify(good), { ...json, 'idempotency-key': 'a b' }), 422],
    ['an unknown route', { path: '/nowhere' }, 404],
    ['a trailing slash', { path: '/v1/shops/' }, 404],
    ['a bad percent code', { path: '/v1/things/%zz', headers: json }, 404],
    ['an id that cannot be', { method: 'POST', path: '/v1/things/1', headers: json, body: JSON.stringify(good) }, 404],
    ['too large', { method: 'POST', path: '/hooks/a', body: 'x'.repeat(1_001) }, 413],
  ] as const)('%s is refused without effect', async (_name, what, status) => {
    expect((await refusal(what)).status).toBe(status);
  });

  test('all faults come at once, each with its pointer', async () => {
    const { problem } = await refusal(post('{"at":{"lat":"x"},"tags":["a",{"label":1}]}'));
    const pointers = problem.errors.map((fault: { pointer: string }) => fault.pointer).sort();
    expect(pointers).toEqual(['/at/lat', '/at/lon', '/name', '/tags/1/label']);
  });

  test('query faults point into the query; repeated parameters are lists', async () => {
    const headers = { authorization: 'Bearer read' };
    const { problem } = await refusal({ path: '/v1/things/near?lat=x&tag=a', headers });
    expect(problem.errors.map((fault: { pointer: string }) => fault.pointer).sort()).toEqual([
      '/query/lat',
      '/query/tag',
    ]);
    const response = await ask({ path: '/v1/things/near?lat=1&tag=a&tag=b%20c&__proto__=x', headers });
    expect(JSON.parse(response.body)).toEqual({ near: { lat: '1', tag: ['a', 'b c'] } });
    expect((await refusal({ path: '/v1/things/near?lat=1%00', headers })).status).toBe(422);
  });

  test('another method is 405 with Allow; HEAD answers like GET without a body', async () => {
    const { status, headers } = await refusal({ method: 'DELETE', path: `/v1/things/${ID}` });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    const head = await ask({ method: 'HEAD', path: '/v1/things/a', headers: { authorization: 'Bearer read' } });
    expect([head.status, head.body]).toEqual([200, '']);
    expect((await ask({ method: 'HEAD', path: '/nowhere' })).status).toBe(404);
  });

  test('a signature endpoint has the raw bytes and no principal', async () => {
    const response = await ask({ method: 'POST', path: '/hooks/a', body: new Uint8Array([0xff, 0, 1]) });
    expect([response.status, JSON.parse(response.body)]).toEqual([202, { bytes: 3, principal: null }]);
  });

  test('stores away: 503; bugs: 500 that says nothing; known problems: as they are; text: as it is', async () => {
    const away = await refusal({ path: '/fail/away' });
    expect([away.status, away.headers['retry-after']]).toEqual([503, '2']);
    const bug = await refusal({ path: '/fail/bug' });
    expect([bug.status, JSON.stringify(bug)]).toEqual([500, expect.not.stringContaining('hunter2')]);
    expect(await refusal({ path: '/fail/known' })).toMatchObject({ status: 409, problem: { detail: 'full', load: 1 } });
    const text = await ask({ path: '/fail/text' });
    expect([text.headers['content-type'], text.body]).toEqual(['text/html', '<p>hi</p>']);
  });

  test('an unsafe request id is replaced', async () => {
    const response = await ask({ path: '/alive', headers: { 'x-request-id': 'a b"c' } });
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('one line per request: route pattern, status, who; no query, no body', async () => {
    lines.length = 0;
    await ask({ path: '/v1/things/near?lat=52', headers: { authorization: 'Bearer read' } });
    const logged = lines.map((line) => JSON.parse(line));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({
      event: 'request',
      method: 'GET',
      route: '/v1/things/near',
      status: 200,
      shopId: 's',
      keyId: 'k',
    });
    expect(lines.join()).not.toContain('52');
  });
});

test('both hosts answer alike, byte for byte', async () => {
  const asks: Ask[] = [
    post(JSON.stringify(good)),
    post('{"at":1}'),
    { path: '/nowhere' },
    { method: 'PUT', path: '/v1/shops' },
    { path: '/fail/away' },
    { method: 'HEAD', path: '/alive' },
  ];
  for (const ask of asks) {
    const same = { ...ask, headers: { ...ask.headers, 'x-request-id': 'same' } };
    const [a, b] = [await askServer(same), await askLambda(same)];
    expect([a.status, a.body]).toEqual([b.status, b.body]);
    for (const [name, value] of Object.entries(b.headers)) expect(a.headers[name], name).toBe(value);
  }
});

test('lambda: base64 bodies, named stages, cookies and odd header case', async () => {
  const event = toEvent({
    ...post(JSON.stringify(good)),
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer dispatch' },
  });
  const result = await handler({
    ...event,
    body: Buffer.from(JSON.stringify(good)).toString('base64'),
    isBase64Encoded: true,
    rawPath: `/prod${event.rawPath}`,
    requestContext: { ...event.requestContext, stage: 'prod' },
    cookies: ['a=1', 'b=2'],
  });
  expect(result.statusCode).toBe(201);
});

test('an endpoint that hangs is 503 at the deadline', async () => {
  const response = await askServer({ path: '/hang' });
  expect([response.status, response.headers['retry-after']]).toEqual([503, '1']);
});

test('more requests than the server carries are refused early; probes are not; places come free again', async () => {
  const firstWaits = new Promise<void>((resolve) => waiting.push(resolve));
  const first = askServer({ path: '/wait' });
  await firstWaits;
  const releaseFirst = release;
  const secondWaits = new Promise<void>((resolve) => waiting.push(resolve));
  const second = askServer({ path: '/wait' });
  await secondWaits;
  const refused = await askServer({ path: '/fail/known' });
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
  expect((await askServer({ path: '/alive' })).status).toBe(200);
  releaseFirst();
  release();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  expect((await askServer({ path: '/fail/known' })).status).toBe(409);
});

/** Sends raw bytes and collects what comes back until the server closes. */
async function raw(head: string, more: (write: (text: string) => void) => void = () => {}): Promise<string> {
  const socket = connect(portOf(), '127.0.0.1');
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
  const text = await raw('POST /hooks/a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
  expect(text.toLowerCase()).toContain('connection: close');
});

test('a chunked body past the limit is 413 while it still streams, and the connection is closed', async () => {
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const text = await raw('POST /hooks/a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n', (write) =>
    write(chunk),
  );
  expect(text).toMatch(/^HTTP\/1\.1 413 /);
});

test('10 MB are refused by their announced length', async () => {
  const response = await askServer({ method: 'POST', path: '/hooks/a', body: new Uint8Array(10_000_000) });
  expect(response.status).toBe(413);
});

test('a sender that goes away in the middle does no harm', async () => {
  const socket = connect(portOf(), '127.0.0.1');
  await once(socket, 'connect');
  lines.length = 0;
  socket.write('POST /hooks/a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc', () => socket.resetAndDestroy());
  await expect.poll(() => lines.some((line) => line.includes('408'))).toBe(true);
  expect((await askServer({ path: '/alive' })).status).toBe(200);
});
