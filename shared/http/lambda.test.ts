import { expect, test } from 'vitest';
import { toEvent } from '#shared/testing/lambda-event.ts';
import { good, handler, ID, json } from '#shared/testing/wire-fixture.ts';

const headers = json;
const things = `/v1/things/${ID}`;

/** An event of a REST API: payload version 1.0. */
const version1 = (path: string, rest: object = {}) => ({
  resource: '/{proxy+}',
  path,
  httpMethod: 'POST',
  headers,
  multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: { proxy: path.slice(1) },
  body: JSON.stringify(good),
  isBase64Encoded: false,
  requestContext: { stage: 'prod', identity: { sourceIp: '192.0.2.1' }, path },
  ...rest,
});
const balanced = (path: string, rest: object = {}) => ({
  requestContext: { elb: { targetGroupArn: 'arn' } },
  httpMethod: 'POST',
  path,
  headers: { ...headers, 'x-forwarded-for': '192.0.2.1' },
  queryStringParameters: {},
  body: Buffer.from(JSON.stringify(good)).toString('base64'),
  isBase64Encoded: true,
  ...rest,
});
const version2 = (path: string, rest: object = {}) => ({
  ...toEvent({ method: 'POST', path, headers, body: JSON.stringify(good) }),
  ...rest,
});
const { headers: __, ...listed } = balanced(things, {
  multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
});

test.each([
  ['payload version 2.0', version2(things)],
  ['a trailing slash', version2(`${things}/`)],
  [
    'a base path that a domain maps, by the route',
    version2(`/dispatch${things}`, { routeKey: 'POST /v1/things/{id}' }),
  ],
  [
    'a base path and everything behind it',
    version2(`/a/b${things}`, { routeKey: 'ANY /{proxy+}', pathParameters: { proxy: things.slice(1) } }),
  ],
  ['payload version 1.0', version1(things)],
  ['payload version 1.0 in its stage', version1(`/prod${things}`, { pathParameters: { proxy: things.slice(1) } })],
  [
    'payload version 1.0 under a base path',
    version1(`/dispatch${things}/`, { pathParameters: { proxy: things.slice(1) } }),
  ],
  ['a load balancer', balanced(things)],
  ['a load balancer with lists of headers', listed],
])('%s is served', async (_, event) => {
  const answer = await handler(event);
  expect(answer.statusCode, answer.body).toBe(201);
  expect(JSON.parse(answer.body ?? '')).toMatchObject({ id: ID, body: good });
  expect(answer.multiValueHeaders?.['content-type'] ?? [answer.headers['content-type']]).toEqual(['application/json']);
});

test('a list in a query of payload version 1.0 arrives as it was asked', async () => {
  const event = version1('/v1/things/x', {
    httpMethod: 'GET',
    body: null,
    multiValueQueryStringParameters: { 'a b': ['1&2', '3'] },
  });
  expect((await handler(event)).statusCode).toBe(200);
});

test.each([
  ['a warmer’s empty one', {}],
  ['a warmer’s', { warmer: true }],
  ['a schedule’s', { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }],
  ['none', null],
  ['a text', 'warm'],
  ['half of one', { requestContext: {} }],
])('an event that is no request is refused in words: %s', async (_, event) => {
  const answer = await handler(event);
  expect(answer).toMatchObject({ statusCode: 400, headers: { 'content-type': 'application/problem+json' } });
  expect(JSON.parse(answer.body ?? '')).toMatchObject({ type: 'urn:problem:not_http', status: 400 });
});
