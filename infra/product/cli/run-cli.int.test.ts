import { beforeAll, expect, test } from 'vitest';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { openDb } from '#shared/db/open-db.ts';
import { createDelivery } from '#shared/db/statements/create-delivery.ts';
import { readProjected } from '#shared/db/statements/projection.ts';
import { toProjection } from '#shared/dispatch/project-drivers.ts';
import type { Environment } from '#shared/runtime/config.ts';
import { buildDrivers, HERE, newOrder, north } from '#shared/testing/builders.ts';
import { givenCli, NOWHERE } from './cli.testing.ts';
import { runCli } from './run-cli.ts';

const given = givenCli();
const { cli, json, redis } = given;
// Its name is in all that follows.
beforeAll(async () => {
  await cli('shops', 'create', 'berlin');
});

test('why a delivery was decided so: a sentence first, then the table', async () => {
  const db = openDb({ url: given.database.url, pool: 1, prepare: true, sessionTimeouts: true });
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
  const db = openDb({ url: given.database.url, pool: 1, prepare: true, sessionTimeouts: true });
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
  const db = openDb({ url: given.database.url, pool: 1, prepare: true, sessionTimeouts: true });
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
  const db = openDb({ url: given.database.url, pool: 1, prepare: true, sessionTimeouts: true });
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
  const codeIn = (changed: Environment, ...args: string[]) =>
    runCli(args, { ...given.env, ...changed }, quiet, NOWHERE);
  expect(await codeIn({ TOKEN_SECRET: '' }, 'shops', 'list')).toBe(78);
  expect(await codeIn({ DATABASE_URL: 'postgres://u:p@127.0.0.1:9/none' }, 'shops', 'list')).toBe(69);
  expect(await codeIn({ REDIS_URL: undefined }, 'projection', 'check')).toBe(1);
});

test('a driver’s phones: a code, and none yet', async () => {
  const [shop] = await json('shops', 'list');
  const db = openDb({ url: given.database.url, pool: 1, prepare: false, sessionTimeouts: true });
  const [driver = ''] = await buildDrivers(db, shop.id, [HERE]);
  await db.close();
  expect(await json('devices', 'pair', shop.slug, driver)).toMatchObject({ code: expect.stringMatching(/^\w{10}$/) });
  for (const days of ['0', '91', '99999']) {
    expect(await cli('devices', 'pair', shop.slug, driver, '--days', days)).toMatchObject({ code: 2 });
  }
  expect(await json('devices', 'list', shop.slug, driver)).toEqual([]);
  expect(await cli('devices', 'withdraw', shop.slug, driver, driver)).toMatchObject({ code: 1 });
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
