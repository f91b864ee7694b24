/* biome-ignore-all lint/suspicious/noExplicitAny: a JSON document is looked into at many depths */
import { once } from 'node:events';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { api } from '#functions/api.ts';
import { type RunningServer, startServer } from '#functions/server.ts';
import { shopMessage } from '#shared/contract/vendure.ts';
import { parseBody } from '#shared/http/parse.ts';
import { Problem } from '#shared/http/problem.ts';
import { readConfig } from '#shared/runtime/config.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { arbitraryOf, spoiled } from './arbitrary.ts';
import { buildDocument } from './document.ts';
import { OPERATIONS } from './operations.ts';

/*
 * Generated requests, good and bad, to every operation of the real server on real stores. Whatever is sent: no 5xx, a
 * documented status, an answer as its schema says; and what the service accepts, the document allows.
 */

const RUNS = 25;
const ROUNDS = 12;
const STATIC_SECRET = 'static-secret-for-the-tests';
const document = buildDocument(api, '1') as any;
const resolve = (ref: string): any =>
  ref
    .split('/')
    .slice(1)
    .reduce((at, key) => at[key], document);
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(document, 'sent');
ajv.addSchema(closed(document), 'answered');

/** The same document whose answers may have no field that is not described. */
function closed(value: any): any {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  return copy.type === 'object' && copy.properties ? { ...copy, additionalProperties: false } : copy;
}

let database: TestDatabase;
let running: RunningServer;
let ids: { shop: string; driver: string; delivery: string };
let proofs: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase();
  const redis = testRedis();
  const config = readConfig({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    TOKEN_SECRET: 'a token secret for the tests, 32+',
    OPERATOR_KEY: 'operator-key-for-the-tests',
    DEFAULT_SHOP_KEY: 'dk_test_secret-of-the-default-shop',
    DEFAULT_SHOP_STATIC_SECRET: STATIC_SECRET,
    DEFAULT_SHOP_WEBHOOK_URL: 'http://127.0.0.1:9/none',
    LOG_LEVEL: 'error',
  });
  running = await startServer({ ...config, http: { ...config.http, host: '127.0.0.1', port: 0 } });
  proofs = { operator: 'operator-key-for-the-tests', shop: 'dk_test_secret-of-the-default-shop' };
});
afterAll(async () => {
  running.server.close();
  (running.server as { closeAllConnections?: () => void }).closeAllConnections?.();
  await once(running.server, 'close');
  await running.deps.close();
  await database.drop();
});

async function ask(
  method: string,
  path: string,
  options: { as?: string; raw?: string; headers?: Record<string, string> } = {},
) {
  const { as, raw, headers = {} } = options;
  const response = await fetch(running.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${as}` }), ...headers },
    ...(raw !== undefined && method !== 'GET' && { body: raw }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: text === '' ? undefined : JSON.parse(text),
  };
}

/** What is legal only while nobody has the delivery, or the driver nothing in hand. */
const WANTS_IDLE = new Set([
  'POST /v1/drivers/:id/erase',
  'DELETE /v1/drivers/:id',
  'POST /v1/deliveries/:id/assign',
  'PATCH /v1/deliveries/:id',
]);

/** A driver on duty and a delivery: his, so that steps are legal at first, or one that waits for coordinates. */
async function freshIds(idle: boolean): Promise<void> {
  const post = async (path: string, body: object, as = proofs.shop, method = 'POST') =>
    (await ask(method, path, { ...(as && { as }), raw: JSON.stringify(body) })).body;
  const { items } = (await ask('GET', '/v1/shops', { as: proofs.operator as string })).body;
  const driver = await post('/v1/drivers', { name: 'D' });
  await post(`/v1/drivers/${driver.id}/status`, { status: 'AVAILABLE' }, proofs.shop, 'PUT');
  await post(`/v1/drivers/${driver.id}/location`, HERE);
  const delivery = await post('/v1/deliveries', idle ? { dropoff: {} } : { pickup: HERE, dropoff: north(300) });
  proofs.driver = (await post(`/v1/drivers/${driver.id}/tokens`, {})).token;
  ids = {
    shop: items.find((each: { slug: string }) => each.slug === 'default').id,
    driver: driver.id,
    delivery: delivery.id,
  };
}

type Endpoint = (typeof api)[number];
interface Shot {
  path: string;
  raw: string | undefined;
  as: string;
}

function shots(endpoint: Endpoint): fc.Arbitrary<Shot> {
  const described = document.paths[endpoint.path.replace(/:(\w+)/g, '{$1}')][endpoint.method.toLowerCase()];
  const query = (described.parameters ?? []).filter((each: any) => each.in === 'query');
  const oneOfEach = fc.record(
    Object.fromEntries(
      query.map((each: any) => [
        each.name,
        fc.oneof({ weight: 3, arbitrary: arbitraryOf(each.schema, resolve) }, fc.string()),
      ]),
    ),
    { requiredKeys: query.filter((each: any) => each.required).map((each: any) => each.name) },
  );
  const schema = described.requestBody?.content['application/json'].schema;
  const good = schema ? arbitraryOf(schema, resolve) : fc.constant(undefined);
  const body = schema
    ? fc.oneof(
        { weight: 5, arbitrary: good.map((value) => JSON.stringify(value)) },
        {
          weight: 2,
          arbitrary: fc.constant(JSON.stringify(OPERATIONS[`${endpoint.method} ${endpoint.path}`]?.example)),
        },
        { weight: 3, arbitrary: spoiled(good).map((value) => JSON.stringify(value)) },
        fc.constantFrom('', '{', '[]', 'null', '{"__proto__":{"a":1}}', '1e999', '{"lat":1e999}'),
      )
    : fc.constantFrom(undefined, '{}');
  const kinds = endpoint.auth === 'none' ? ['operator'] : endpoint.auth.map((each) => each.split(':')[0] as string);
  const id = fc.oneof(
    { weight: 6, arbitrary: fc.constant('known') },
    fc.uuid(),
    fc.constantFrom('x', '%00', '%E0%A4%A', "'--"),
  );
  return fc.record({
    as: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...kinds) },
      fc.constantFrom('operator', 'shop', 'driver', 'nobody'),
    ),
    raw: body,
    path: fc.tuple(id, oneOfEach).map(([given, values]) => {
      const search = new URLSearchParams(
        Object.entries(values).map(([name, value]) => [name, String(value)] as [string, string]),
      );
      return `${pathOf(endpoint, given)}${search.size > 0 ? `?${search.toString()}` : ''}`;
    }),
  });
}

function pathOf({ path }: Endpoint, given: string): string {
  const kind = path.includes('/drivers/') ? 'driver' : path.includes('/shops/') ? 'shop' : 'delivery';
  return path
    .replace(/:shop$/, given === 'known' ? 'default' : given)
    .replace(/:id/, given === 'known' ? `<${kind}>` : given);
}

/** What the endpoint's own parser makes of a body: the type of its problem, or null. */
function refusalOf(endpoint: Endpoint, raw: string | undefined): string | null {
  const schema = endpoint.schemas.body ?? (OPERATIONS[`${endpoint.method} ${endpoint.path}`]?.raw && shopMessage);
  if (schema === undefined) return null;
  try {
    parseBody(schema, { 'content-type': 'application/json' }, Buffer.from(raw ?? ''));
    return null;
  } catch (error) {
    if (error instanceof Problem) return `urn:problem:${error.type}`;
    throw error;
  }
}

describe.each(api.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (name, endpoint) => {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    const described = document.paths[path][endpoint.method.toLowerCase()];
    const pointer = `#/paths/${path.replaceAll('/', '~1')}/${endpoint.method.toLowerCase()}`;

    test('answers whatever is sent as the document says', async () => {
      const seen = new Map<number, number>();
      const succeeded = () => [...seen].filter(([status]) => status < 300).reduce((sum, [, count]) => sum + count, 0);
      // What is generated at random is refused for the most part: more of it until something was accepted too.
      for (let round = 0; round < ROUNDS && succeeded() === 0; round += 1) {
        await freshIds(WANTS_IDLE.has(name));
        await fc.assert(
          fc.asyncProperty(shots(endpoint), async (shot) => {
            const target = shot.path.replace(/<(\w+)>/, (_, kind: keyof typeof ids) => ids[kind]);
            const headers = OPERATIONS[name]?.raw ? { 'x-webhook-secret': STATIC_SECRET } : {};
            const as = proofs[shot.as] ?? 'nobody';
            const answer = await ask(endpoint.method, target, {
              as,
              headers,
              ...(shot.raw !== undefined && { raw: shot.raw }),
            });
            seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
            expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
            expect(Object.keys(described.responses), `status ${answer.status}`).toContain(String(answer.status));
            assertShape(pointer, answer);
            const refusal = refusalOf(endpoint, shot.raw);
            if (answer.status < 300) {
              expect(refusal).toBeNull();
              if (shot.raw) assertAllowed(pointer, shot.raw);
            }
            if (answer.status === 422 && refusal === null && !target.includes('?'))
              expect(answer.body.type).not.toBe('urn:problem:invalid');
          }),
          { numRuns: RUNS },
        );
      }
      expect(succeeded(), `of the requests to ${name}: ${JSON.stringify([...seen])}`).toBeGreaterThan(0);
    });
  },
);

function assertShape(pointer: string, answer: { status: number; type: string | null; body: unknown }): void {
  const media = answer.status < 300 ? 'application/json' : 'application/problem+json';
  if (answer.status === 204) {
    expect(answer.body).toBeUndefined();
    return;
  }
  expect(answer.type).toBe(media);
  const shared =
    (resolveAt(pointer).responses[String(answer.status)].$ref as string | undefined) ??
    `${pointer}/responses/${answer.status}`;
  const at = `answered${shared.replaceAll('{', '%7B').replaceAll('}', '%7D')}/content/${media.replaceAll('/', '~1').replace('+', '%2B')}/schema`;
  expect(ajv.validate({ $ref: at }, answer.body), `${ajv.errorsText()} in ${JSON.stringify(answer.body)}`).toBe(true);
}

function assertAllowed(pointer: string, raw: string): void {
  if (!resolveAt(pointer).requestBody) return;
  const at = `sent${pointer.replaceAll('{', '%7B').replaceAll('}', '%7D')}/requestBody/content/application~1json/schema`;
  expect(ajv.validate({ $ref: at }, JSON.parse(raw)), `${ajv.errorsText()} in ${raw}`).toBe(true);
}

function resolveAt(pointer: string): any {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/'))
    .reduce((at, key) => at[key], document);
}
