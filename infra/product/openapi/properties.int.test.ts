/* biome-ignore-all lint/suspicious/noExplicitAny: a JSON document is looked into at many depths */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { api, pages, routes } from '#functions/api.ts';
import { type RunningServer, startServer } from '#functions/server.ts';
import { shopMessage } from '#shared/contract/vendure.ts';
import { parseBody } from '#shared/http/parse.ts';
import { Problem } from '#shared/http/problem.ts';
import { readConfig } from '#shared/runtime/config.ts';
import { within } from '#shared/runtime/within.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { buildDocument } from './document.ts';
import { DELIVERY_ID, PAIRING_CODE, ROUTE_VERSION } from './operations/examples.ts';
import { OPERATIONS } from './operations.ts';
import { openShapes } from './shapes.testing.ts';
import { shots } from './shots.ts';

/*
 * Generated requests, good and bad, to every operation of the real server on real stores. Whatever is sent: no 5xx, a
 * documented status, an answer as its schema says; and what the service accepts, the document allows.
 */

const RUNS = 25;
/** The same requests every time: a check judges a change, not its luck. Another number explores. */
const SEED = 1;
const ROUNDS = 12;
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const STATIC_SECRET = 'static-secret-for-the-tests';
const document = buildDocument(routes, '1') as any;
/** The stream, which never ends, has a test of its own. */
const described = [...api, ...pages].filter(({ method, path }) => OPERATIONS[`${method} ${path}`]);
type Endpoint = (typeof described)[number];
const { assertAnswer, assertAllowed, assertEvent } = openShapes(document);

let database: TestDatabase;
let running: RunningServer;
let ids: Record<'shop' | 'driver' | 'delivery' | 'token' | 'offer' | 'keyId' | 'deviceId', string>;
let routeVersion: number;
let pairingCode: string;
let proofs: Record<string, string>;
let photos: string;

beforeAll(async () => {
  database = await testDatabase();
  photos = await mkdtemp(path.join(tmpdir(), 'proofs-'));
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
    PROOF_DIR: photos,
    LOG_LEVEL: 'error',
    // Most of what is generated is refused, and one driver or address would soon have had its share.
    LIMIT_DRIVER_PER_MINUTE: '1000000',
    LIMIT_REFUSALS_PER_MINUTE: '1000000',
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
  await rm(photos, { recursive: true });
});

async function ask(
  method: string,
  target: string,
  options: { as?: string; raw?: string | Uint8Array; headers?: Record<string, string> } = {},
) {
  const { as, raw, headers = {} } = options;
  const send = () =>
    fetch(running.url + target, {
      method,
      headers: { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${as}` }), ...headers },
      ...(raw !== undefined && method !== 'GET' && { body: raw as string }),
    });
  // The server shares its process with this test, which makes thousands of requests up: one that was busy with that for
  // seconds refuses for two more, as after any stop. Repeated, as the refusal says; what is refused for ever stays red.
  let response = await send();
  for (let again = 0; response.status === 503 && again < 30; again += 1) {
    await response.body?.cancel();
    await delay(100);
    response = await send();
  }
  const type = response.headers.get('content-type');
  const text = await response.text();
  const body = text === '' || !type?.endsWith('json') ? undefined : JSON.parse(text);
  return { status: response.status, type, body };
}

/** What is legal only while nobody has the delivery, or the driver nothing in hand. */
const WANTS_IDLE = new Set([
  'POST /v1/drivers/:id/erase',
  'DELETE /v1/drivers/:id',
  'POST /v1/deliveries/:id/assign',
  'PATCH /v1/deliveries/:id',
  'POST /v1/deliveries/:id/hold',
  'POST /v1/deliveries/:id/release',
]);

/** What there is only after the handing over. */
const WANTS_DELIVERED = new Set(['GET /v1/track/:token/photo', 'PUT /v1/track/:token/rating']);
/** And only after it was not. */
const WANTS_FAILED = new Set(['POST /v1/deliveries/:id/redeliver']);
/** Refused by what the service is set to, which its parser does not know. */
const JUDGED_LATER = new Set(['PUT /v1/shops/:id/webhook']);
/** Done to a shop that nobody asks anything else about. */
const WANTS_ANOTHER_SHOP = new Set(['PUT /v1/shops/:id/limits', 'PATCH /v1/shops/:id']);
/** The driver is asked who takes the delivery, not told. */
const WANTS_OFFER = new Set(['POST /v1/offers/:id/accept', 'POST /v1/offers/:id/decline']);

/** A driver on duty and a delivery: theirs, so that steps are legal at first, or one that waits for coordinates. */
async function freshIds(name: string): Promise<void> {
  const post = async (path: string, body: object, as = proofs.shop, method = 'POST') =>
    (await ask(method, path, { ...(as && { as }), raw: JSON.stringify(body) })).body;
  const { items } = (await ask('GET', '/v1/shops', { as: proofs.operator as string })).body;
  const shop = items.find((each: { slug: string }) => each.slug === 'default').id;
  const asking = WANTS_OFFER.has(name);
  await post(
    `/v1/shops/${shop}`,
    { dispatch: { mode: asking ? 'broadcast' : 'assign', offerTo: 1_000 } },
    proofs.shop,
    'PATCH',
  );
  const driver = await post('/v1/drivers', { name: 'D' });
  await post(`/v1/drivers/${driver.id}/status`, { status: 'AVAILABLE' }, proofs.shop, 'PUT');
  await post(`/v1/drivers/${driver.id}/location`, HERE);
  const delivery = await post(
    '/v1/deliveries',
    WANTS_IDLE.has(name) ? { dropoff: {} } : { pickup: HERE, dropoff: north(300) },
  );
  const get = async (path: string) => (await ask('GET', path, { as: proofs.shop as string })).body;
  let { driverId } = delivery;
  // Where the machine is busy, the order is planned a moment after its answer. Another test's driver may get it.
  const waits = async () => {
    const { driverId: has, events } = await get(`/v1/deliveries/${delivery.id}`);
    const asked = events.findLast(({ type }: { type: string }) => type === 'OFFERED')?.data.drivers;
    driverId = asking ? (asked?.includes(driver.id) ? driver.id : asked?.[0]) : has;
    expect(driverId ?? null).not.toBeNull();
  };
  if (WANTS_IDLE.has(name)) driverId = driver.id;
  else if (driverId === null) await vi.waitFor(waits, { timeout: 10_000 });
  proofs.driver = (await post(`/v1/drivers/${driverId}/tokens`, {})).token;
  const link = await get(`/v1/deliveries/${delivery.id}/tracking`);
  ids = {
    shop: WANTS_ANOTHER_SHOP.has(name)
      ? (await post('/v1/shops', { slug: `s-${driver.id}`, name: 'Another' }, proofs.operator)).id
      : shop,
    offer: asking ? (await get(`/v1/drivers/${driverId}/offers`)).items[0].id : delivery.id,
    ...(await keyAndDevice(shop, driverId, post)),
    driver: driverId,
    delivery: delivery.id,
    token: link.path.split('/').at(-1),
  };
  await ask('POST', `/v1/deliveries/${delivery.id}/proof`, { as: proofs.shop as string, raw: JPEG });
  // A plan that is still under way would make the route another one.
  await within(running.deps.dispatch.plan(shop), 5_000, () => undefined);
  routeVersion = (await get(`/v1/drivers/${driverId}/route`)).version;
  if (WANTS_FAILED.has(name))
    await post(`/v1/deliveries/${delivery.id}/status`, { status: 'FAILED', failureCode: 'DAMAGED' });
  if (!WANTS_DELIVERED.has(name)) return;
  for (const status of ['PICKED_UP', 'DELIVERED'])
    await post(`/v1/deliveries/${delivery.id}/status`, { status, proof: { photoUrl: 'http://p.example/1' } });
}

/** A key of the shop, a phone of the driver's, and a code for another one. */
async function keyAndDevice(shop: string, driver: string, post: (path: string, body: object) => Promise<any>) {
  const { keyId } = await post(`/v1/shops/${shop}/keys`, { name: 'to be withdrawn' });
  const { code } = await post(`/v1/drivers/${driver}/pairings`, {});
  const { deviceId } = await post('/v1/pairings', { code });
  pairingCode = (await post(`/v1/drivers/${driver}/pairings`, {})).code;
  return { keyId, deviceId };
}

/** The examples' ids, code and version are exchanged for those that exist. */
function withTheirIds(raw: string): string {
  return raw
    .replaceAll(DELIVERY_ID, ids.delivery)
    .replaceAll(PAIRING_CODE, pairingCode)
    .replaceAll(`"version":${ROUTE_VERSION},`, `"version":${routeVersion},`);
}

/** What the endpoint's own parser makes of a body: the type of its problem, or null. */
function refusalOf(endpoint: Endpoint, raw: string | Uint8Array | undefined): string | null {
  const schema = endpoint.schemas.body ?? (OPERATIONS[`${endpoint.method} ${endpoint.path}`]?.raw && shopMessage);
  if (schema === undefined) return null;
  try {
    // Of a shop's message what cannot be stored is replaced.
    const unstorable = endpoint.schemas.body === undefined ? 'replace' : 'refuse';
    parseBody(schema, { 'content-type': 'application/json' }, Buffer.from(raw ?? ''), unstorable);
    return null;
  } catch (error) {
    if (error instanceof Problem) return `urn:problem:${error.type}`;
    throw error;
  }
}

describe.each(described.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (name, endpoint) => {
    const at = endpoint.path.replace(/:(\w+)/g, '{$1}');
    const { responses } = document.paths[at][endpoint.method.toLowerCase()];
    const pointer = `#/paths/${at.replaceAll('/', '~1')}/${endpoint.method.toLowerCase()}`;

    test('answers whatever is sent as the document says', async () => {
      const seen = new Map<number, number>();
      const succeeded = () => [...seen].filter(([status]) => status < 300).reduce((sum, [, count]) => sum + count, 0);
      // What is generated at random is refused for the most part: more of it until something was accepted too.
      for (let round = 0; round < ROUNDS && succeeded() === 0; round += 1) {
        await freshIds(name);
        await fc.assert(
          fc.asyncProperty(shots(endpoint, OPERATIONS[name], document), async (shot) => {
            const target = shot.path.replace(/<(\w+)>/g, (_, kind: keyof typeof ids) => ids[kind]);
            const raw = typeof shot.raw === 'string' ? withTheirIds(shot.raw) : shot.raw;
            const headers = OPERATIONS[name]?.raw ? { 'x-webhook-secret': STATIC_SECRET } : {};
            const as = proofs[shot.as] ?? 'nobody';
            const answer = await ask(endpoint.method, target, {
              as,
              headers,
              ...(raw !== undefined && { raw }),
            });
            seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
            expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
            expect(Object.keys(responses), `status ${answer.status}`).toContain(String(answer.status));
            assertAnswer(pointer, answer);
            const refusal = refusalOf(endpoint, shot.raw);
            if (answer.status < 300) {
              expect(refusal).toBeNull();
              // Of a list of fixes wrong ones are told apart and refuse nothing: they are no more allowed for that.
              const isWhole = !(answer.body?.invalid > 0);
              if (isWhole && typeof shot.raw === 'string' && shot.raw !== '') assertAllowed(pointer, shot.raw);
            }
            if (answer.status === 422 && refusal === null && !target.includes('?') && !JUDGED_LATER.has(name))
              expect(answer.body.type).not.toBe('urn:problem:invalid');
          }),
          { numRuns: RUNS, seed: SEED + round },
        );
      }
      expect(succeeded(), `of the requests to ${name}: ${JSON.stringify([...seen])}`).toBeGreaterThan(0);
    });
  },
);

test('the stream: each event as the document says; without proof, a problem', async () => {
  await freshIds('');
  const leave = new AbortController();
  // An id that is no cursor begins anew.
  const headers = { authorization: `Bearer ${proofs.shop}`, 'last-event-id': '!' };
  const response = await fetch(`${running.url}/v1/stream`, { headers, signal: leave.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (text.split('\n\n').length < 3) text += (await reader.read()).value ?? '';
  leave.abort();
  const events = text.split('\n\n').slice(0, 2).map(eventOf);
  expect(events.map(({ event }) => event)).toEqual(['changes', 'positions']);
  for (const event of events) assertEvent('#/paths/~1v1~1stream/get', event);
  const refused = await ask('GET', '/v1/stream');
  expect(refused.status).toBe(401);
  assertAnswer('#/paths/~1v1~1stream/get', refused);
});

function eventOf(text: string) {
  const lines = Object.fromEntries(text.split('\n').map((line) => line.split(/: (.*)/s, 2)));
  return { ...lines, data: JSON.parse(lines.data) as unknown } as { event: string; data: unknown };
}
