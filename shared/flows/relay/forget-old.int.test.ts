import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryMove } from '#shared/contract/deliveries.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import type { PhotoDeps } from '#shared/flows/proof-of-delivery.ts';
import { openObjects } from '#shared/objects/open-objects.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type Forgotten, forgetOld, forgetSome, isNothing } from './forget-old.ts';

let deps: TestDeps & PhotoDeps;
let shop: ShopRow;
const DAYS = { positionsDays: 30, eventsDays: 365, inboxDays: 14, outboxDays: 30, idempotencyDays: 2, photosDays: 120 };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'photos-'));
  deps = { ...(await openTestDeps()), objects: openObjects({ directory, s3: null }) };
});
afterAll(async () => {
  await deps.close();
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  shop = await shopOf(deps, await buildShop(deps.db));
});

/** A delivery that went all the way, everything of it `days` old. */
async function delivered(order: string, days: number): Promise<{ id: string; driver: string }> {
  const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
  await project(deps, shop.id, [driver!]);
  const ran = await createDelivery(deps, somebody(`make-${order}`), shop, {
    sellerOrderId: order,
    pickup: HERE,
    dropoff: { ...north(300), name: 'R. Meier', phone: '030 1' },
    notes: 'ring',
  });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  const { id } = ran.result.delivery;
  const move = (report: DeliveryMove) =>
    moveDelivery(deps, somebody(), { shopId: shop.id, driverId: null }, id, report);
  await move({ status: 'PICKED_UP' });
  await move({ status: 'DELIVERED', position: HERE });
  const ago = `now() - ${days} * interval '1 day'`;
  for (const statement of [
    `UPDATE dispatch.delivery SET ended_at = ${ago} WHERE id = '${id}'`,
    `UPDATE dispatch.delivery_event SET recorded_at = ${ago} WHERE delivery_id = '${id}'`,
    `UPDATE dispatch.outbox SET created_at = ${ago}, sent_at = ${ago} WHERE delivery_id = '${id}'`,
    `UPDATE dispatch.driver_event SET recorded_at = ${ago} WHERE driver_id = '${driver}'`,
    `UPDATE dispatch.driver_location SET seen_at = ${ago} WHERE driver_id = '${driver}'`,
    `UPDATE dispatch.kept_result SET created_at = ${ago} WHERE digest = dispatch.digest('test make-${order}')`,
  ]) {
    await deps.db.run(statement);
  }
  return { id, driver: driver! };
}

async function forgetAll(): Promise<void> {
  for (let step = 0; step < 50; step += 1) if (isNothing(await forgetOld(deps, DAYS))) return;
  throw new Error('there is always more to forget');
}

async function counts(id: string, driver: string): Promise<Record<string, number>> {
  const [row] = await deps.db.run<{ row: Record<string, number> }>(
    `SELECT json_build_object('events', (SELECT count(*) FROM dispatch.delivery_event WHERE delivery_id = $1),
      'placed', (SELECT count(*) FROM dispatch.delivery_event WHERE delivery_id = $1 AND lat IS NOT NULL),
      'outbox', (SELECT count(*) FROM dispatch.outbox WHERE delivery_id = $1),
      'decisions', (SELECT count(*) FROM dispatch.dispatch_decision WHERE delivery_id = $1),
      'driverEvents', (SELECT count(*) FROM dispatch.driver_event WHERE driver_id = $2),
      'located', (SELECT count(*) FROM dispatch.driver_location WHERE driver_id = $2 AND lat IS NOT NULL)) AS row`,
    [id, driver],
  );
  return row!.row;
}

test.each([
  [1, { events: 4, placed: 1, outbox: 4, decisions: 1, driverEvents: 2, located: 1 }],
  [31, { events: 4, placed: 0, outbox: 0, decisions: 1, driverEvents: 2, located: 0 }],
  [366, { events: 0, placed: 0, outbox: 0, decisions: 0, driverEvents: 1, located: 0 }],
])('of what is %s days old, what is left', async (days, left) => {
  const { id, driver } = await delivered(`o${days}`, days);
  await forgetAll();
  expect(await counts(id, driver)).toEqual(left);
});

test('a forgotten delivery has no people in it any more, and is still known by its order', async () => {
  const { id } = await delivered('known', 400);
  await forgetAll();
  const found = await readDelivery(deps, shop.id, id, null);
  expect(found).toMatchObject({
    events: [],
    delivery: {
      status: 'DELIVERED',
      order_ref: 'known',
      dropoff: {},
      dropoff_lat: null,
      notes: null,
      forgotten_at: expect.any(String),
    },
  });
  const again = await createDelivery(deps, somebody(), shop, { sellerOrderId: 'known', dropoff: {} });
  expect(again).toMatchObject({ result: { outcome: 'exists', delivery: { id } } });
});

test('what failed and is still aboard is kept until it is back: its driver’s route needs its place', async () => {
  const { id } = await delivered('aboard', 400);
  await deps.db.run(
    `UPDATE dispatch.delivery SET status = 'FAILED', failure_code = 'REFUSED', dropoff_rank = 1 WHERE id = $1`,
    [id],
  );
  await forgetAll();
  const kept = async () => (await readDelivery(deps, shop.id, id, null))!.delivery;
  expect(await kept()).toMatchObject({ dropoff: { name: 'R. Meier' }, forgotten_at: null });
  await deps.db.run(`UPDATE dispatch.delivery SET dropoff_rank = NULL WHERE id = $1`, [id]);
  await forgetAll();
  expect(await kept()).toMatchObject({ dropoff: {}, forgotten_at: expect.any(String) });
});

test('an event that is still being tried stays, however old; one that was given up goes', async () => {
  const { id } = await delivered('late', 100);
  await deps.db.run('UPDATE dispatch.outbox SET sent_at = NULL WHERE delivery_id = $1', [id]);
  await forgetAll();
  const unsent = () => deps.db.run('SELECT id FROM dispatch.outbox WHERE delivery_id = $1', [id]);
  expect(await unsent()).toHaveLength(4);
  await deps.db.run('UPDATE dispatch.outbox_lane SET parked_at = now(), due_at = NULL WHERE delivery_id = $1', [id]);
  await forgetAll();
  expect(await unsent()).toHaveLength(0);
  expect(await deps.db.run('SELECT 1 FROM dispatch.outbox_lane WHERE delivery_id = $1', [id])).toHaveLength(0);
});

test('what waited behind an event that is forgotten is due', async () => {
  const { id } = await delivered('half', 100);
  await deps.db.run(
    `UPDATE dispatch.outbox SET sent_at = NULL, created_at = CASE WHEN seq = 1 THEN created_at ELSE now() END WHERE delivery_id = $1`,
    [id],
  );
  await deps.db.run('UPDATE dispatch.outbox_lane SET parked_at = now(), due_at = NULL WHERE delivery_id = $1', [id]);
  await forgetAll();
  const left = await deps.db.run(
    `SELECT o.seq, l.due_at <= now() AS due FROM dispatch.outbox o JOIN dispatch.outbox_lane l ON l.delivery_id = o.delivery_id
     WHERE o.delivery_id = $1 ORDER BY o.seq`,
    [id],
  );
  expect(left).toEqual([2, 3, 4].map((seq) => ({ seq, due: true })));
});

test('keys go after their days, ids of shops’ messages after theirs', async () => {
  const keep = (isMessage: boolean, key: string, days: number) =>
    deps.db.run(
      `INSERT INTO dispatch.kept_result (digest, request, is_message, result, created_at)
       VALUES (dispatch.digest($1), dispatch.digest('x'), $2, '{}', now() - $3::int * interval '1 day')`,
      [`days ${key}`, isMessage, days],
    );
  for (const days of [1, 3, 13, 15]) {
    await keep(false, `k${days}`, days);
    await keep(true, `m${days}`, days);
  }
  await forgetAll();
  const left = await deps.db.run<{ key: string }>(
    `SELECT key FROM unnest($1::text[]) key JOIN dispatch.kept_result ON digest = dispatch.digest('days ' || key) ORDER BY key`,
    [`{${[1, 3, 13, 15].map((days) => `k${days},m${days}`).join(',')}}`],
  );
  expect(left.map(({ key }) => key)).toEqual(['k1', 'm1', 'm13', 'm3']);
});

test('a step is small', async () => {
  await deps.db.run(
    `INSERT INTO dispatch.kept_result (digest, request, result, created_at)
     SELECT dispatch.uuid_v7(), dispatch.uuid_v7(), '{}', now() - interval '9 days' FROM generate_series(1, 2500) n`,
  );
  const steps: Forgotten[] = [];
  for (let n = 0; n < 4; n += 1) steps.push(await forgetOld(deps, DAYS));
  expect(steps.map(({ keys }) => keys)).toEqual([1000, 1000, 500, 0]);
});

test('at a time a relay forgets no more than autovacuum takes away until the next, and goes on then', async () => {
  await deps.db.run(
    `INSERT INTO dispatch.kept_result (digest, request, result, created_at)
     SELECT dispatch.uuid_v7(), dispatch.uuid_v7(), '{}', now() - interval '9 days' FROM generate_series(1, 5500) n`,
  );
  const times: number[] = [];
  for (let n = 0; n < 4; n += 1) times.push((await forgetSome(deps, DAYS, 2_000)).keys);
  expect(times).toEqual([2000, 2000, 1500, 0]);
});

test('autovacuum comes to the tables that are forgotten from after a hundredth, not a fifth', async () => {
  const rows = await deps.db.run<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relnamespace = 'dispatch'::regnamespace
       AND reloptions @> array['autovacuum_vacuum_scale_factor=0.01'] ORDER BY relname`,
  );
  const forgottenFrom = ['delivery', 'delivery_event', 'dispatch_decision', 'driver_event', 'kept_result', 'outbox'];
  expect(rows.map(({ relname }) => relname)).toEqual(expect.arrayContaining(forgottenFrom));
});
