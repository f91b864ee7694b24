import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { openDb } from '#shared/db/open-db.ts';
import { ensureDefaultShop } from '#shared/flows/shops.ts';
import { openRouter } from '#shared/http/router.ts';
import { readConfig } from '#shared/runtime/config.ts';
import {
  type Ask,
  badRequests,
  deliverOne,
  type Heard,
  onDuty,
  openShop,
  openTalk,
  otherWays,
  type Step,
  settingsAndPlans,
} from '#shared/testing/conversation.ts';
import { type Lambda, startLambda, toEvent } from '#shared/testing/lambda-emulator.ts';
import { testDatabase, testRedis } from '#shared/testing/stores.ts';
import { endpoints as assign } from './assign/index.ts';
import { endpoints as health } from './health/index.ts';
import { endpoints as locate } from './locate/index.ts';
import { endpoints as plans } from './plans/index.ts';
import { endpoints as register } from './register/index.ts';
import { startServer } from './server.ts';
import { endpoints as status } from './status/index.ts';
import { endpoints as webhook } from './webhook/index.ts';

/*
 * One conversation, held with the server in this process and with the bundles of dist/functions, each in a process of
 * its own behind an emulated Lambda. The bundles are those of the last build: `npm test` builds first.
 */

const OPERATOR = 'operator-key-for-the-tests';
const functions = { locate, register, status, assign, plans, webhook, health };
type FunctionName = keyof typeof functions;

const closers: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** Stores of a host's own. */
async function environment(): Promise<Record<string, string>> {
  const [database, redis] = [await testDatabase(), testRedis()];
  closers.push(database.drop);
  return {
    DATABASE_URL: database.url,
    DB_POOL: '2',
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    TOKEN_SECRET: 'a token secret for the tests, 32+',
    OPERATOR_KEY: OPERATOR,
    LOG_LEVEL: 'silent',
  };
}

async function openServer(): Promise<Ask> {
  const config = readConfig(await environment());
  const { server, deps, url } = await startServer({ ...config, http: { ...config.http, port: 0, host: '127.0.0.1' } });
  closers.push(deps.close, async () => server.close().closeAllConnections());
  return async ({ method = 'GET', path, headers = {}, body }) => {
    const response = await fetch(`${url}${path}`, { method, headers, body: body ?? null });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };
}

/** As the routes of API Gateway do: the function that has this method and path, else one that has the path. */
function functionOf(method: string, path: string): FunctionName {
  const names = Object.keys(functions) as FunctionName[];
  const matches = names.map((name) => ({
    name,
    ...openRouter<{ method: string; path: string }>(functions[name])(method, path),
  }));
  const owner = matches.find(({ kind }) => kind === 'found') ?? matches.find(({ kind }) => kind === 'wrong_method');
  return owner?.name ?? 'health';
}

async function openLambdas(): Promise<Ask> {
  const env = await environment();
  // On AWS `npm run migrate` makes the default shop; the server makes it at start.
  const config = readConfig(env);
  const db = openDb(config.postgres);
  await ensureDefaultShop({ db }, config);
  await db.close();
  const running = new Map<FunctionName, Lambda>();
  for (const name of Object.keys(functions) as FunctionName[]) {
    const bundle = path.join(projectRoot(), 'dist', 'functions', `${name}.mjs`);
    if (!existsSync(bundle)) throw new Error(`There is no ${bundle}: npm run build`);
    const lambda = await startLambda({ bundle, env });
    running.set(name, lambda);
    closers.push(lambda.stop);
  }
  return async (request) => {
    const event = toEvent(request);
    const { method } = event.requestContext.http;
    const result = await running.get(functionOf(method, event.rawPath))!.invoke(event);
    const headers = Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
    return { status: result.statusCode ?? 0, headers: Object.fromEntries(headers), body: result.body ?? '' };
  };
}

/** Everything the conversation is about, and every answer to it, in order. */
async function converse(ask: Ask): Promise<readonly Step[]> {
  const talk = openTalk(ask);
  for (const probe of ['/health/live', '/health', '/health/ready']) await talk.say(200, null, `GET ${probe}`);
  const shop = await openShop(talk, OPERATOR, 'first');
  const other = await openShop(talk, OPERATOR, 'second');
  const near = await onDuty(talk, shop, 200);
  const far = await onDuty(talk, shop, 800);
  await deliverOne(talk, shop, near, far);
  await otherWays(talk, shop, near, far);
  await settingsAndPlans(talk, shop);
  await badRequests(talk, OPERATOR, shop, near, other);
  return talk.steps;
}

const HEADERS = [
  'allow',
  'cache-control',
  'content-type',
  'degraded',
  'idempotent-replayed',
  'location',
  'retry-after',
  'www-authenticate',
  'x-content-type-options',
];

/** What must be the same on both hosts: all but ids (numbered as they appear), times, latencies and secrets. */
function masked(steps: readonly Step[]) {
  const numbers = new Map<string, string>();
  const numbered = (id: string) => numbers.get(id) ?? numbers.set(id, `<id ${numbers.size + 1}>`).get(id)!;
  const mask = (text: string) =>
    text
      .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>')
      .replace(/\bdk_[\w-]+|\b[0-9a-f]{24}(-[0-9a-f]{12})?\b/g, '<key>')
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, numbered)
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replace(/"latencyMs":[\d.]+/g, '"latencyMs":0')
      .replace(/"idleS":[\d.]+/g, '"idleS":0');
  return steps.map(({ name, heard: { status, headers, body } }) => ({
    name: mask(name),
    status,
    headers: Object.fromEntries(
      HEADERS.flatMap((header) => (headers[header] ? [[header, mask(headers[header])]] : [])),
    ),
    body: body === '' ? null : JSON.parse(mask(body)),
  }));
}

let server: Ask;
let lambdas: Ask;
beforeAll(async () => {
  [server, lambdas] = [await openServer(), await openLambdas()];
});

test('the server and the Lambdas hold the same conversation', async () => {
  const [ofServer, ofLambdas] = [masked(await converse(server)), masked(await converse(lambdas))];
  expect(ofServer.length).toBeGreaterThan(80);
  expect(ofLambdas).toEqual(ofServer);
  for (const { status, headers, body } of ofServer.filter((step) => step.status >= 400)) {
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject({ type: expect.stringMatching(/^urn:problem:/), status });
    if (body.type === 'urn:problem:invalid') expect(body.errors[0]).toMatchObject({ pointer: expect.any(String) });
  }
});

test('each host answers a repeated request with the bytes of the first, and marks it', async () => {
  for (const ask of [server, lambdas]) {
    const talk = openTalk(ask);
    const body = { slug: 'repeats', name: 'Repeats' };
    const shops = await talk.repeat(201, OPERATOR, 'POST /v1/shops', body);
    const { id } = JSON.parse(shops[0].body);
    const keys = await talk.repeat(201, OPERATOR, `POST /v1/shops/${id}/keys`, { name: 'a key' });
    const { key } = JSON.parse(keys[0].body);
    const drivers = await talk.repeat(201, key, 'POST /v1/drivers', { name: 'Asha' });
    const driver = JSON.parse(drivers[0].body);
    const tokens = await talk.repeat(201, key, `POST /v1/drivers/${driver.id}/tokens`, {});
    const deliveries = await talk.repeat(201, key, 'POST /v1/deliveries', { dropoff: {} });
    for (const [first, second] of [shops, keys, drivers, tokens, deliveries]) expectReplayed(first, second);
    const headers = { 'idempotency-key': 'once' };
    await talk.say(201, key, 'POST /v1/drivers', { name: 'A' }, { headers });
    const reused = await talk.say(422, key, 'POST /v1/drivers', { name: 'B' }, { headers });
    expect(reused.type).toBe('urn:problem:key_reused');
  }
});

function expectReplayed(first: Heard, second: Heard): void {
  expect(second.body).toBe(first.body);
  expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
}
