import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LambdaAsk, toEvent } from '#shared/testing/lambda-event.ts';
import { askLambda, good, handled, handler, ID, json, lines, post, startServer } from '#shared/testing/wire-fixture.ts';

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe.each([
  ['server', (what: LambdaAsk) => server.ask(what)],
  ['lambda', askLambda],
] as const)('%s', (_host, ask) => {
  const refusal = async (what: LambdaAsk) => {
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
    ['an empty segment', { path: '/v1//shops' }, 404],
    ['a trailing slash', { path: '/v1/shops/' }, 405],
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
    await ask({ path: '/v1/things/near?lat=987654321', headers: { authorization: 'Bearer read' } });
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
    expect(lines.join()).not.toContain('987654321');
  });
});

test('both hosts answer alike, byte for byte', async () => {
  const asks: LambdaAsk[] = [
    post(JSON.stringify(good)),
    post('{"at":1}'),
    { path: '/nowhere' },
    { method: 'PUT', path: '/v1/shops' },
    { path: '/fail/away' },
    { method: 'HEAD', path: '/alive' },
  ];
  for (const ask of asks) {
    const same = { ...ask, headers: { ...ask.headers, 'x-request-id': 'same' } };
    const [a, b] = [await server.ask(same), await askLambda(same)];
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
