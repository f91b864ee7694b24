import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, type Environment, readConfig } from './config.ts';
import { VARIABLES } from './variables.ts';

const TOKEN_SECRET = 'a-token-secret-of-32-characters!';
const LEAST = { DATABASE_URL: 'postgres://u:p@db:5432/d', TOKEN_SECRET };

function faultsOf(env: Environment): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('the least environment gives every default', () => {
  expect(readConfig(LEAST)).toEqual({
    http: { port: 3001, host: '0.0.0.0', publicUrl: null },
    postgres: { url: 'postgres://u:p@db:5432/d', pool: 10, prepare: true, sessionTimeouts: true },
    push: { subject: 'mailto:postmaster@example.com', keys: null },
    redis: null,
    operatorKey: null,
    driverTokens: { secret: TOKEN_SECRET, previousSecret: null },
    limits: {
      keyPerMinute: 60_000,
      driverPerMinute: 1_200,
      shopPerMinute: 200_000,
      refusalsPerMinute: 1_200,
      shopStoredKeysPerDay: 1_000_000,
      driverStoredKeysPerDay: 10_000,
      streamsPerKey: 30,
      streamsPerShop: 100,
    },
    trustedProxies: 0,
    relay: { intervalMs: 250 },
    metrics: null,
    tracing: null,
    retention: {
      positionsDays: 30,
      eventsDays: 365,
      inboxDays: 8,
      outboxDays: 30,
      idempotencyDays: 1,
      photosDays: 120,
    },
    logLevel: 'info',
    webhooks: { allowPrivate: false },
    map: null,
    routing: null,
    proofs: { directory: '.data/proofs', s3: null },
    defaultShop: { apiKey: null, signingSecret: null, staticSecret: null, webhook: null, pickup: null },
  });
});

test("the original's variables work, and passwords are encoded", () => {
  const config = readConfig({
    TOKEN_SECRET,
    PORT: '8080',
    DB_HOST: 'localhost',
    DB_NAME: 'vendure',
    DB_USERNAME: 'vendure',
    DB_PASSWORD: 'p@ss/word:',
    REDIS_HOST: '::1',
    REDIS_PASSWORD: 'r@dis',
  });
  expect(config.http.port).toBe(8080);
  expect(config.postgres.url).toBe('postgres://vendure:p%40ss%2Fword%3A@localhost:5432/vendure');
  expect(config.redis).toEqual({ url: 'redis://:r%40dis@[::1]:6379', prefix: '', cluster: false });
});

test('a URL wins over its parts', () => {
  const config = readConfig({ ...LEAST, DB_HOST: 'other', REDIS_HOST: 'other', REDIS_URL: 'rediss://r:6380' });
  expect(config.postgres.url).toBe(LEAST.DATABASE_URL);
  expect(config.redis?.url).toBe('rediss://r:6380');
});

test('the default shop is read whole, and zero is a coordinate', () => {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const config = readConfig({
    ...LEAST,
    DEFAULT_SHOP_KEY: 'dk_default_0123456789abcdef',
    DEFAULT_SHOP_SECRET: secret,
    DEFAULT_SHOP_STATIC_SECRET: 'sixteen-letters!',
    DEFAULT_SHOP_WEBHOOK_URL: 'https://shop.example/hooks',
    DEFAULT_SHOP_WEBHOOK_SECRET: secret,
    DEFAULT_SHOP_PICKUP_LAT: '0',
    DEFAULT_SHOP_PICKUP_LON: '-0.5',
  });
  expect(config.defaultShop).toEqual({
    apiKey: 'dk_default_0123456789abcdef',
    signingSecret: secret,
    staticSecret: 'sixteen-letters!',
    webhook: { url: 'https://shop.example/hooks', secret },
    pickup: { lat: 0, lon: -0.5, address: null },
  });
});

test('an empty environment is refused with one line per missing variable', () => {
  const faults = faultsOf({ DB_HOST: '', REDIS_URL: '' });
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['TOKEN_SECRET', 'DB_HOST', 'DB_NAME', 'DB_USERNAME']);
});

test.each([
  ['PORT', '0'],
  ['PORT', '65536'],
  ['PORT', '3001; DROP'],
  ['PORT', '1e3'],
  ['DATABASE_URL', 'mysql://x'],
  ['REDIS_URL', 'http://x'],
  ['REDIS_PORT', 'x'],
  ['OPERATOR_KEY', 'short'],
  ['OPERATOR_KEY', 'a key of several words, as people say'],
  ['OPERATOR_KEY', 'dk_operator_0123456789abcdef'],
  ['OPERATOR_KEY', 'schlüssel-des-betreibers-hier'],
  ['TOKEN_SECRET', 'short'],
  ['TOKEN_SECRET_PREVIOUS', 'short'],
  ['DB_POOL', '0'],
  ['DB_PREPARE', 'yes'],
  ['LOG_LEVEL', 'loud'],
  ['RELAY_INTERVAL_MS', '1'],
  ['WEBHOOK_ALLOW_PRIVATE', '1'],
  ['PUBLIC_URL', 'ftp://x'],
  ['ROUTING_URL', 'https://me:word@routes.example'],
  ['METRICS_PORT', '65536'],
  ['MAP_TILE_URL', 'https://me@tiles.example/{z}/{x}/{y}.png'],
  ['MAP_TILE_URL', 'https://{host}.example/{z}/{x}/{y}.png'],
  ['DEFAULT_SHOP_KEY', 'hunter2hunter2'],
  ['DEFAULT_SHOP_SECRET', 'whsec_c2hvcnQ='],
  ['DEFAULT_SHOP_WEBHOOK_URL', 'javascript:alert(1)'],
  ['DEFAULT_SHOP_WEBHOOK_URL', 'https://me:word@shop.example/hook'],
  ['DEFAULT_SHOP_PICKUP_LAT', '91'],
  ['DEFAULT_SHOP_PICKUP_LON', 'east'],
])('%s=%s is refused by name, without repeating the value', (name, value) => {
  const faults = faultsOf({ DEFAULT_SHOP_PICKUP_LAT: '1', DEFAULT_SHOP_PICKUP_LON: '1', ...LEAST, [name]: value });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${name} must `));
  if (value.length > 3) expect(faults[0]).not.toContain(value);
});

test('who a push service may turn to is said, or is where the service is; half a key is refused', () => {
  const subject = (more: Environment) => readConfig({ ...LEAST, ...more }).push.subject;
  expect(subject({ PUBLIC_URL: 'https://dispatch.example' })).toBe('https://dispatch.example');
  expect(subject({ PUBLIC_URL: 'http://localhost:3001' })).toMatch(/^mailto:/);
  expect(subject({ VAPID_SUBJECT: 'mailto:ops@shop.example' })).toBe('mailto:ops@shop.example');
  const keys = { VAPID_PUBLIC_KEY: 'B'.repeat(87), VAPID_PRIVATE_KEY: 'k'.repeat(43) };
  expect(readConfig({ ...LEAST, ...keys }).push.keys).toEqual({
    publicKey: 'B'.repeat(87),
    privateKey: 'k'.repeat(43),
  });
  expect(faultsOf({ ...LEAST, VAPID_PUBLIC_KEY: keys.VAPID_PUBLIC_KEY })).toHaveLength(1);
});

test('half a pickup point and a webhook secret without its URL are refused', () => {
  expect(faultsOf({ ...LEAST, DEFAULT_SHOP_PICKUP_LAT: '1' })).toHaveLength(1);
  const secret = `whsec_${Buffer.alloc(24).toString('base64')}`;
  expect(faultsOf({ ...LEAST, DEFAULT_SHOP_WEBHOOK_SECRET: secret })[0]).toMatch(/^DEFAULT_SHOP_WEBHOOK_URL /);
});

test('.env.example lists exactly the variables that are read, each with a comment', () => {
  const lines = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8').split('\n');
  const named = lines.flatMap((line, index) => {
    const name = /^([A-Z_]+)=/.exec(line)?.[1];
    return name ? [{ name, comment: lines[index - 1] ?? '' }] : [];
  });
  expect(named.map(({ name }) => name).sort()).toEqual(Object.keys(VARIABLES).sort());
  for (const { name, comment } of named) expect(comment, name).toMatch(/^# \S/);
});

test('each process of a PM2 cluster has its own numbers on a port of its own', () => {
  const metrics = (more: Environment) => readConfig({ ...LEAST, METRICS_PORT: '9464', ...more }).metrics;
  expect(metrics({})).toEqual({ port: 9464, host: '127.0.0.1' });
  expect(metrics({ NODE_APP_INSTANCE: '3' })?.port).toBe(9467);
  expect(metrics({ NODE_APP_INSTANCE: 'x' })?.port).toBe(9464);
});
