import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { DISPATCH_SETTINGS } from '#shared/contract/dispatch-settings.ts';
import { openDb } from '#shared/db/open-db.ts';
import { createDelivery } from '#shared/db/statements/create-delivery.ts';
import { readProjected } from '#shared/db/statements/projection.ts';
import { toProjection } from '#shared/dispatch/project-drivers.ts';
import { readKey } from '#shared/domain/key-text.ts';
import type { Environment } from '#shared/runtime/config.ts';
import { buildDrivers, HERE, newOrder, north } from '#shared/testing/builders.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { runCli } from './run-cli.ts';

/** No `npm start` keeps its data there. */
const NOWHERE = '/nowhere';
let database: TestDatabase;
let env: Environment;
let redis: { url: string; prefix: string };

beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
  env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    TOKEN_SECRET: 'a token secret for the tests, 32+',
  };
});
afterAll(() => database.drop());

async function cli(...args: string[]) {
  const told = { out: '', err: '' };
  const to = (name: 'out' | 'err') => (text: string) => {
    told[name] += `${text}\n`;
  };
  const code = await runCli(args, env, { out: to('out'), err: to('err') }, NOWHERE);
  return { code, ...told };
}
const json = async (...args: string[]) => JSON.parse((await cli(...args, '--json')).out);

test('shops and their keys, from making to revoking', async () => {
  expect(await cli('shops', 'create', 'berlin', '--name', 'Bakery Berlin')).toMatchObject({ code: 0, err: '' });
  expect(await cli('shops', 'create', 'berlin')).toMatchObject({ code: 1, err: 'Another shop is called berlin\n' });
  expect(await cli('shops', 'create', 'No Slug')).toMatchObject({
    code: 2,
    err: expect.stringContaining('slug must be'),
  });
  const [shop] = await json('shops', 'list');
  expect(shop).toMatchObject({ slug: 'berlin', name: 'Bakery Berlin', maxRadiusM: 10_000 });
  const { key } = await json('keys', 'create', 'berlin', '--scopes', 'read', '--name', 'reports');
  const { keyId, secret } = readKey(key)!;
  expect(await json('keys', 'list', shop.id)).toMatchObject([
    { id: keyId, name: 'reports', scopes: ['read'], revoked_at: null },
  ]);
  expect((await cli('keys', 'list', 'berlin')).out).not.toContain(secret);
  expect(await cli('keys', 'revoke', keyId)).toMatchObject({ code: 0 });
  expect(await json('keys', 'list', 'berlin')).toMatchObject([{ revoked_at: expect.any(String) }]);
  expect(await cli('keys', 'revoke', 'nobody')).toMatchObject({ code: 1 });
  expect(await cli('keys', 'list', 'munich')).toMatchObject({ code: 1, err: 'There is no shop munich\n' });
});

test('how a shop dispatches is shown and changed', async () => {
  const { id } = await json('shops', 'create', 'pizza');
  expect(await json('shops', 'settings', 'pizza')).toMatchObject({
    policy: 'planned',
    maxAboardS: null,
    takeBack: true,
  });
  const wanted = ['--maxAboardS', '1200', '--takeBack', 'false', '--economy', '0.5', '--policy', 'nearest'];
  const changed = { policy: 'nearest', maxAboardS: 1_200, takeBack: false, economy: 0.5, maxRadiusM: 10_000 };
  expect(await json('shops', 'settings', id, ...wanted)).toMatchObject(changed);
  expect(await json('shops', 'settings', 'pizza', '--maxAboardS', 'null')).toMatchObject({ maxAboardS: null });
  const shown = await cli('shops', 'settings', 'pizza');
  expect(shown.out).toMatch(/^economy +0\.5 +0 to 1$/m);
  expect(shown.out).toMatch(/^maxAboardS +null +60 to 86400 s, or null for no limit$/m);
  expect(shown.err).toBe('');

  for (const [option, value, why] of [
    ['--economy', '2', 'economy must be at most 1'],
    ['--economy', 'much', 'economy must be a number'],
    ['--policy', '1', 'policy must be one of planned, nearest'],
    ['--colour', 'red', "Unknown option '--colour'"],
  ] as const) {
    const wrong = await cli('shops', 'settings', 'pizza', option, value);
    expect(wrong, value).toMatchObject({ code: 2, err: expect.stringContaining(`${why}\n`) });
  }
  expect(await cli('shops', 'settings', 'munich')).toMatchObject({ code: 1, err: 'There is no shop munich\n' });
  const { out } = await cli('shops', 'settings', '--help');
  for (const [name, { does }] of Object.entries(DISPATCH_SETTINGS)) {
    expect(out).toContain(`--${name} `);
    expect(out).toContain(does);
  }
});

test('what a shop’s drivers have to bring is shown and changed', async () => {
  await json('shops', 'create', 'wine');
  expect(await json('shops', 'proof', 'wine')).toEqual({ delivered: [], failed: [] });
  const asked = { delivered: ['name', 'age18'], failed: [] };
  expect(await json('shops', 'proof', 'wine', '--delivered', 'name,age18')).toEqual(asked);
  expect(await json('shops', 'proof', 'wine', '--failed', 'note')).toEqual({ ...asked, failed: ['note'] });
  expect(await json('shops', 'proof', 'wine', '--delivered', 'none')).toEqual({ delivered: [], failed: ['note'] });
  const wrong = await cli('shops', 'proof', 'wine', '--delivered', 'iris');
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('must be one of photo, signature') });
});

test('what customers see of a shop is shown, changed and taken away', async () => {
  await json('shops', 'create', 'bakery');
  const nothing = { color: null, logoUrl: null, phone: null, callDriver: false };
  expect(await json('shops', 'page', 'bakery')).toEqual({ name: 'bakery', ...nothing });
  const wanted = ['--name', 'Bakery Berlin', '--color', '#0B6E4F', '--phone', '+49 30 1234567', '--callDriver', 'true'];
  const page = { name: 'Bakery Berlin', color: '#0b6e4f', logoUrl: null, phone: '+49 30 1234567', callDriver: true };
  expect(await json('shops', 'page', 'bakery', ...wanted)).toEqual(page);
  expect(await json('shops', 'page', 'bakery', '--phone', 'none')).toEqual({ ...page, phone: null });
  const wrong = await cli('shops', 'page', 'bakery', '--color', 'red');
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('must be a colour such as #0b6e4f') });
});

test('what the callers of a shop may ask is shown, changed one by one, and given back to the environment', async () => {
  const { id } = await json('shops', 'create', 'busy');
  expect(await json('shops', 'limits', 'busy')).toEqual({});
  expect(await json('shops', 'limits', id, '--keyPerMinute', '120000')).toEqual({ keyPerMinute: 120_000 });
  const both = { keyPerMinute: 120_000, streamsPerShop: 0 };
  expect(await json('shops', 'limits', 'busy', '--streamsPerShop', '0')).toEqual(both);
  expect((await cli('shops', 'limits', 'busy')).out).toMatch(/^driverPerMinute +as the environment has it$/m);
  for (const wrong of ['', '-1', 'many', '1e12'])
    expect(await cli('shops', 'limits', 'busy', `--keyPerMinute=${wrong}`), wrong).toMatchObject({ code: 2 });
  expect(await json('shops', 'limits', 'busy')).toEqual(both);
  expect(await json('shops', 'limits', 'busy', '--keyPerMinute', 'null')).toEqual({ streamsPerShop: 0 });
  expect(await cli('shops', 'limits', 'munich')).toMatchObject({ code: 1, err: 'There is no shop munich\n' });
});

test('why a delivery was decided so: a sentence first, then the table', async () => {
  const db = openDb({ url: database.url, pool: 1, prepare: true, sessionTimeouts: true });
  const ids: string[] = [];
  for (const slug of ['why-a', 'why-b']) {
    const { id: shopId } = await json('shops', 'create', slug);
    const ran = await createDelivery(db, { actor: 'test', idempotency: null }, newOrder(shopId, 'WHY-1'));
    if (ran.kind !== 'done' || ran.result.outcome !== 'created') throw new Error(JSON.stringify(ran));
    ids.push(ran.result.delivery.id);
    await db.run(
      `INSERT INTO dispatch.dispatch_decision (delivery_id, shop_id, plan_id, outcome, reason, policy, data)
       VALUES ($1, $2, $1, 'unplanned', 'too_far', 'planned', $3::text::json)`,
      [ran.result.delivery.id, shopId, JSON.stringify({ ruledOut: { too_far: 2 }, deliveries: 3, drivers: 2 })],
    );
  }
  await db.close();
  const sentence = 'Nobody could take it: 2 drivers were too far away.';
  const said = await cli('deliveries', 'why', ids[0]!);
  expect(said.code).toBe(0);
  expect(said.out.split('\n')[0]).toBe(sentence);
  expect(said.out).toContain('2 too_far');
  expect(await json('deliveries', 'why', ids[0]!)).toMatchObject([{ sentence, ruledOut: { too_far: 2 } }]);
  expect(await cli('deliveries', 'why', 'WHY-1')).toMatchObject({
    code: 1,
    err: 'Several shops have an order WHY-1: say --shop why-a or why-b\n',
  });
  expect(await json('deliveries', 'why', 'WHY-1', '--shop', 'why-b')).toHaveLength(1);
  expect(await cli('deliveries', 'why', 'NONE')).toMatchObject({
    code: 1,
    err: 'There is no delivery or order NONE\n',
  });
});

test('what was cancelled is tried again, once', async () => {
  const { id: shopId } = await json('shops', 'create', 'again');
  const db = openDb({ url: database.url, pool: 1, prepare: true, sessionTimeouts: true });
  const ran = await createDelivery(db, { actor: 'test', idempotency: null }, newOrder(shopId, 'AGAIN-1'));
  if (ran.kind !== 'done' || ran.result.outcome !== 'created') throw new Error(JSON.stringify(ran));
  await db.run(
    `UPDATE dispatch.delivery SET status = 'CANCELLED', dispatch = 'settled', next_dispatch_at = NULL, ended_at = now()
     WHERE id = $1`,
    [ran.result.delivery.id],
  );
  await db.close();
  expect(await json('deliveries', 'redeliver', 'AGAIN-1', '--note', 'They called')).toMatchObject({
    deliveryId: ran.result.delivery.id,
    status: 'PENDING',
    attempt: 2,
  });
  expect(await cli('deliveries', 'redeliver', 'AGAIN-1')).toMatchObject({
    code: 1,
    err: 'It is PENDING: there is no other attempt\n',
  });
});

test('drivers and deliveries are listed, shown and taken away; the projection is checked and rebuilt', async () => {
  const { id: shopId } = await json('shops', 'create', 'fleet');
  const db = openDb({ url: database.url, pool: 1, prepare: true, sessionTimeouts: true });
  const availability = openAvailability({ ...redis, commandTimeoutMs: 5_000 });
  const ids = await buildDrivers(db, shopId, [HERE, north(50)]);
  await availability.markWarm(shopId);
  await availability.project(shopId, (await readProjected(db, shopId, ids)).map(toProjection));

  expect(await json('drivers', 'list', 'fleet')).toHaveLength(2);
  expect((await cli('drivers', 'list', 'fleet', '--status', 'BUSY')).out).toBe('(none)\n');
  expect(await json('drivers', 'show', 'fleet', ids[0]!)).toMatchObject({ name: 'Driver 0', status: 'AVAILABLE' });
  expect(await cli('drivers', 'show', 'fleet', 'x')).toMatchObject({
    code: 1,
    err: 'x is not an id of a driver (a UUID)\n',
  });

  const fleet = async () => (await json('projection', 'check')).find((each: { shop: string }) => each.shop === 'fleet');
  expect(await fleet()).toEqual({ shopId, shop: 'fleet', warm: true, drivers: 2, different: [], unknown: [] });
  await db.run('UPDATE dispatch.driver SET duty = $2, version = version + 1 WHERE id = $1', [ids[0], 'BUSY']);
  expect(await fleet()).toMatchObject({ different: [ids[0]] });
  expect(await cli('projection', 'check')).toMatchObject({ code: 1 });
  expect(await cli('projection', 'rebuild')).toMatchObject({ code: 0 });
  expect(await fleet()).toMatchObject({ warm: true, different: [], unknown: [] });
  expect((await cli('projection', 'check')).code).toBe(0);

  expect(await cli('drivers', 'erase', 'fleet', ids[0]!)).toMatchObject({
    code: 2,
    err: expect.stringContaining('--yes'),
  });
  expect(await cli('drivers', 'erase', 'fleet', ids[0]!, '--yes')).toMatchObject({ code: 0 });
  expect(await json('drivers', 'export', 'fleet', ids[0]!)).toMatchObject({
    driver: { name: 'erased' },
    position: null,
  });
  expect(await json('deliveries', 'list', 'fleet')).toEqual([]);
  expect(await cli('deliveries', 'show', 'fleet', ids[0]!)).toMatchObject({ code: 1 });
  await Promise.all([db.close(), availability.close()]);
});

test('failed webhooks are listed and sent again', async () => {
  const { id: shopId } = await json('shops', 'create', 'hooks');
  const db = openDb({ url: database.url, pool: 1, prepare: true, sessionTimeouts: true });
  await db.run(
    `WITH d AS (INSERT INTO dispatch.delivery (shop_id, dispatch, version, pickup, dropoff) VALUES ($1, 'needs_location', 1, '{}', '{}') RETURNING id),
     e AS (INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
       SELECT id, 1, $1, 'CREATED', 'PENDING', now(), 'test' FROM d)
     INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) SELECT $1, id, 1, 'DELIVERY_CREATED_V1', '{}' FROM d`,
    [shopId],
  );
  await db.run(
    `UPDATE dispatch.outbox_lane l SET parked_at = now(), due_at = NULL, failed_id = o.id, last_error = 'status 500', attempts = 12
     FROM dispatch.outbox o WHERE o.delivery_id = l.delivery_id`,
  );
  const [failure] = await json('webhooks', 'failures', 'hooks');
  expect(failure).toMatchObject({ state: 'parked', attempts: 12, lastError: 'status 500' });
  expect(await json('webhooks', 'replay', 'hooks', '--event', failure.id)).toEqual({ replayed: 1 });
  expect(await json('webhooks', 'failures', 'hooks')).toMatchObject([{ state: 'retrying' }]);
  await db.close();
});

test('retention is shown and applied', async () => {
  expect(await json('retention', 'show')).toMatchObject({ positionsDays: 30, inboxDays: 8 });
  expect(await json('retention', 'run')).toEqual({
    positions: 0,
    deliveries: 0,
    driverEvents: 0,
    sentEvents: 0,
    keys: 0,
    photos: 0,
  });
});

test('help for all and for each; what is wrong is said in plain words', async () => {
  const { code, out } = await cli('--help');
  expect(code).toBe(0);
  for (const [, name = ''] of out.matchAll(/^ {2}(\w+ \w+)/gm)) {
    const help = await cli(...name.split(' '), '--help');
    expect(help, name).toMatchObject({ code: 0, out: expect.stringContaining(`npm run cli -- ${name}`) });
  }
  expect(await cli('shops', 'fly')).toMatchObject({
    code: 2,
    err: 'There is no command shops fly. There are shops list, shops create, shops settings, shops proof, shops page, shops inbound, shops limits; more about them: npm run cli -- --help\n',
  });
  expect(await cli('fly')).toMatchObject({ err: 'There is no command fly. All there are: npm run cli -- --help\n' });
  const wrong = await cli('drivers', 'list', 'fleet', '--status', 'busy');
  expect(wrong).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^--status must be one of AVAILABLE, BUSY, OFFLINE\n/),
  });
  expect(await cli('shops', 'list', '--what')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^Unknown option '--what'\n/),
  });
  expect(await cli('keys', 'list')).toMatchObject({ code: 2, err: expect.stringContaining('Needs <shop>') });
  const quiet = { out: () => {}, err: () => {} };
  const codeIn = (changed: Environment, ...args: string[]) => runCli(args, { ...env, ...changed }, quiet, NOWHERE);
  expect(await codeIn({ TOKEN_SECRET: '' }, 'shops', 'list')).toBe(78);
  expect(await codeIn({ DATABASE_URL: 'postgres://u:p@127.0.0.1:9/none' }, 'shops', 'list')).toBe(69);
  expect(await codeIn({ REDIS_URL: undefined }, 'projection', 'check')).toBe(1);
});

test('a driver’s phones: a code, and none yet', async () => {
  const [shop] = await json('shops', 'list');
  const db = openDb({ url: database.url, pool: 1, prepare: false, sessionTimeouts: true });
  const [driver = ''] = await buildDrivers(db, shop.id, [HERE]);
  await db.close();
  expect(await json('devices', 'pair', shop.slug, driver)).toMatchObject({ code: expect.stringMatching(/^\w{10}$/) });
  expect(await json('devices', 'list', shop.slug, driver)).toEqual([]);
  expect(await cli('devices', 'withdraw', shop.slug, driver, driver)).toMatchObject({ code: 1 });
});

test('what a shop’s orders come with is said when it is made, and changed later', async () => {
  const [first, second] = ['one', 'two'].map(
    (word) => `whsec_${Buffer.from(`${word} of the command line’s`).toString('base64')}`,
  );
  const none = { secrets: 0, staticSecret: false, pickup: null };
  await json('shops', 'create', 'hamburg');
  expect(await json('shops', 'inbound', 'hamburg')).toEqual(none);
  const pickup = { lat: 48.14, lon: 11.58, address: 'Marienplatz 1' };
  const where = ['--pickup', '48.14, 11.58', '--address', 'Marienplatz 1'];
  expect(await json('shops', 'inbound', 'hamburg', '--secrets', `${first},${second}`, ...where)).toEqual({
    ...{ secrets: 2, staticSecret: false, pickup },
  });
  const last = ['--secrets', second!, '--staticSecret', 'sixteen-letters!'];
  expect(await json('shops', 'inbound', 'hamburg', ...last)).toEqual({ secrets: 1, staticSecret: true, pickup });
  const away = ['--secrets', 'none', '--staticSecret', 'none', '--pickup', 'none'];
  expect(await json('shops', 'inbound', 'hamburg', ...away)).toEqual(none);
  await json('shops', 'create', 'cologne', '--secrets', first!, '--pickup', '50.94,6.96');
  expect(await json('shops', 'inbound', 'cologne')).toMatchObject({ secrets: 1, pickup: { lat: 50.94, lon: 6.96 } });
  for (const wrong of [
    ['--pickup', '48'],
    ['--pickup', ','],
    ['--pickup', '91,0'],
    ['--address', 'x'],
    ['--secrets', 'secret'],
  ])
    expect(await cli('shops', 'inbound', 'hamburg', ...wrong), wrong.join(' ')).toMatchObject({ code: 2 });
});

test('everything has leaked: nothing that was given out is good any more', async () => {
  const [shop] = await json('shops', 'list');
  await json('keys', 'create', shop.slug);
  expect(await cli('secrets', 'leaked')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  const told = await json('secrets', 'leaked', '--yes');
  expect(told.withdrawn.keys).toBeGreaterThan(0);
  expect(told.withdrawn.shops).toBeGreaterThan(0);
  expect(told.fresh.TOKEN_SECRET.length).toBeGreaterThanOrEqual(32);
  const keys = await json('keys', 'list', shop.slug);
  expect(keys.filter(({ revoked_at }: { revoked_at: string | null }) => revoked_at === null)).toEqual([]);
  expect(await json('secrets', 'leaked', '--yes')).toMatchObject({ withdrawn: { keys: 0, devices: 0, sessions: 0 } });
  expect(await json('secrets', 'seal')).toEqual({ shops: expect.any(Number) });
});
