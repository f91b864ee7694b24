import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ShopRow } from '#shared/db/schema.ts';
import { claimEvents } from '#shared/db/statements/outbox.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { findCandidates } from '#shared/flows/find-candidates.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { driverState, openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type Behaviour, openReceiver, type Receiver } from '#shared/testing/receiver.ts';
import { sendWebhook } from '#shared/webhooks/send.ts';
import { verifySignature } from '#shared/webhooks/verify.ts';
import { dispatchDue, giveUpSearching } from './dispatch-due.ts';
import { drainDirty } from './drain-dirty.ts';
import { rebuildColdShops, repairProjection } from './repair-projection.ts';
import { type RelayDeps, runRelay } from './run-relay.ts';
import { openSender } from './send-events.ts';
import { sweepSilent } from './sweep-silent.ts';

let deps: TestDeps;
let relay: RelayDeps;
let shop: ShopRow;
const receivers: Receiver[] = [];

beforeAll(async () => {
  deps = await openTestDeps();
  relay = {
    ...deps,
    send: (request) => sendWebhook({ ...request, allowPrivate: true, timeoutMs: 300 }),
    nowMs: Date.now,
    trackingUrlOf: (deliveryId) => `https://dispatch.example/track/${deliveryId}`,
    random01: () => 0.5,
    report: () => {},
  };
});
afterAll(() => deps.close());
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

async function openShop(behave?: Behaviour): Promise<{ shop: ShopRow; receiver: Receiver }> {
  const receiver = await openReceiver(behave);
  receivers.push(receiver);
  const opened = await shopOf(deps, await buildShop(deps.db, receiver.url));
  await deps.availability.markWarm(opened.id);
  return { shop: opened, receiver };
}

async function create(sellerOrderId?: string) {
  const ran = await createDelivery(deps, somebody(), shop, { sellerOrderId, pickup: HERE, dropoff: north(300) });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result.delivery;
}

/** One delivery that goes all the way: five events. */
async function deliverOne(): Promise<string> {
  const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
  await project(deps, shop.id, [driver!]);
  const { id } = await create();
  for (const status of ['PICKED_UP', 'IN_TRANSIT', 'DELIVERED'] as const) {
    await moveDelivery(deps, somebody(), { shopId: shop.id, driverId: null }, id, { status });
  }
  await setDuty(deps, somebody(), { shopId: shop.id, driverId: driver! }, 'OFFLINE', false);
  return id;
}

/** Sends until nothing is left unsent, making every retry due at once. */
async function sendAll(): Promise<void> {
  const sender = openSender(relay);
  await eventually(async () => {
    await deps.db.run(
      'UPDATE dispatch.outbox SET next_attempt_at = now() WHERE sent_at IS NULL AND leased_until IS NULL',
    );
    await sender.begin();
    await sender.idle();
    const [row] = await deps.db.run<{ n: number }>(
      'SELECT count(*)::int AS n FROM dispatch.outbox WHERE sent_at IS NULL AND shop_id = $1',
      [shop.id],
    );
    return row?.n === 0;
  });
}

const sequences = (receiver: Receiver) =>
  receiver.accepted.map((each) => (JSON.parse(each.body) as { sequence: number }).sequence);

describe('the outbox', () => {
  test('reaches an endpoint that fails, stalls and asks for time: in order, with the same id, genuine', async () => {
    const opened = await openShop((_, n) =>
      n % 4 === 1 ? 500 : n % 4 === 2 ? 'never' : n % 4 === 3 ? { status: 429, headers: { 'retry-after': '1' } } : 200,
    );
    shop = opened.shop;
    await deliverOne();
    await sendAll();
    expect(sequences(opened.receiver)).toEqual([1, 2, 3, 4, 5]);
    expect(opened.receiver.received.length).toBe(20);
    const bodies = new Map<string, string>();
    for (const { headers, body } of opened.receiver.received) {
      const verified = verifySignature({
        secrets: shop.webhook_secrets,
        headers: headers as Record<string, string>,
        body: Buffer.from(body),
        nowMs: Date.now(),
      });
      expect(verified).toMatchObject({ ok: true, id: (JSON.parse(body) as { id: string }).id });
      const { deliveryId, trackingUrl } = JSON.parse(body) as Record<string, string>;
      expect(trackingUrl).toBe(`https://dispatch.example/track/${deliveryId}`);
      expect(bodies.get(headers['webhook-id'] as string) ?? body).toBe(body);
      bodies.set(headers['webhook-id'] as string, body);
    }
    expect(bodies.size).toBe(5);
  });

  test('a sender that died after sending costs a duplicate with the same id, never a loss or another order', async () => {
    const opened = await openShop();
    shop = opened.shop;
    await deliverOne();
    const [claimed] = await claimEvents(deps.db, { limit: 10, perShop: 10 });
    expect(await claimEvents(deps.db, { limit: 10, perShop: 10 })).toEqual([]);
    // The process dies here. Its lease ends.
    await deps.db.run(`UPDATE dispatch.outbox SET leased_until = now() - interval '1 s' WHERE id = $1`, [claimed!.id]);
    await sendAll();
    expect(sequences(opened.receiver)).toEqual([1, 2, 3, 4, 5]);
    expect(opened.receiver.accepted[0]?.headers['webhook-id']).toBe(claimed!.id);
  });

  test('410 disables the endpoint until the shop sets it anew; the others go on', async () => {
    const gone = await openShop(() => 410);
    shop = gone.shop;
    await create();
    const sender = openSender(relay);
    await sender.begin();
    await sender.idle();
    await create();
    expect(await sender.begin()).toBe(0);
    expect(gone.receiver.received).toHaveLength(1);
    const other = await openShop();
    shop = other.shop;
    await create();
    await sendAll();
    expect(sequences(other.receiver)).toEqual([1]);
  });

  test('an endpoint that never answers holds its own places only', async () => {
    const dead = await openShop(() => 'never');
    shop = dead.shop;
    for (let n = 0; n < 30; n += 1) await create();
    const fine = await openShop();
    shop = fine.shop;
    await create();
    const sender = openSender({
      ...relay,
      send: (request) => sendWebhook({ ...request, allowPrivate: true, timeoutMs: 5_000 }),
    });
    await sender.begin();
    await eventually(() => fine.receiver.accepted.length === 1);
    expect(dead.receiver.received.length).toBeLessThanOrEqual(16);
    await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
    await sender.idle();
  });

  test('is given up after three days and parked, its delivery’s later events behind it', async () => {
    const opened = await openShop(() => 500);
    shop = opened.shop;
    const id = await deliverOne();
    await deps.db.run(`UPDATE dispatch.outbox SET created_at = now() - interval '73 h' WHERE delivery_id = $1`, [id]);
    const sender = openSender(relay);
    await sender.begin();
    await sender.idle();
    const rows = await deps.db.run(
      'SELECT seq, parked_at IS NOT NULL AS parked, last_error FROM dispatch.outbox WHERE delivery_id = $1 ORDER BY seq',
      [id],
    );
    expect(rows[0]).toMatchObject({ seq: 1, parked: true });
    expect(rows.slice(1).every((row) => !(row as { parked: boolean }).parked)).toBe(true);
    expect(await sender.begin()).toBe(0);
  });
});

describe('the projection', () => {
  beforeEach(async () => {
    shop = await shopOf(deps, await buildShop(deps.db, null));
  });
  const found = async () =>
    (await findCandidates(deps, somebody(), shop.id, { center: HERE, radiusM: 1_000, limit: 50 })).map(
      (each) => each.driverId,
    );
  const inRedis = async () => {
    const answer = await deps.availability.search(shop.id, { center: HERE, radiusM: 1_000, limit: 50 });
    return answer === 'COLD' ? answer : answer.map((each) => each.driverId);
  };

  test('what was committed but not projected is shown by its dirty mark', async () => {
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    // The worker dies between its commit and its projection.
    await setDuty({ ...deps, availability: null }, somebody(), { shopId: shop.id, driverId: driver! }, 'BUSY', false);
    expect(await inRedis()).toEqual([driver]);
    await drainDirty(deps);
    expect(await inRedis()).toEqual([]);
    expect(await deps.db.run('SELECT 1 FROM dispatch.projection_dirty WHERE driver_id = $1', [driver])).toEqual([]);
  });

  test('a late, older projection changes nothing', async () => {
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    const late = {
      driverId: driver!,
      version: 1,
      status: 'AVAILABLE' as const,
      position: HERE,
      idleSinceMs: 0,
      seenAgeMs: 0,
    };
    await setDuty(deps, somebody(), { shopId: shop.id, driverId: driver! }, 'BUSY', false);
    expect(await deps.availability.project(shop.id, [late])).toEqual(['STALE']);
    expect(await inRedis()).toEqual([]);
  });

  test('an empty Redis is cold, answered from Postgres, rebuilt, and then warm', async () => {
    const drivers = await buildDrivers(deps.db, shop.id, [HERE, north(10)]);
    expect(await inRedis()).toBe('COLD');
    expect(await found()).toEqual(drivers);
    const repair = await repairProjection(deps);
    expect(repair.rebuilt).toBeGreaterThanOrEqual(1);
    expect(await inRedis()).toEqual(drivers);
  });

  test('a shop that only Redis forgot is rebuilt without asking about the others', async () => {
    const drivers = await buildDrivers(deps.db, shop.id, [HERE]);
    const warm = await shopOf(deps, await buildShop(deps.db));
    const [unseen] = await buildDrivers(deps.db, warm.id, [HERE]);
    await deps.availability.markWarm(warm.id);
    expect(await rebuildColdShops(deps)).toBeGreaterThanOrEqual(1);
    expect(await inRedis()).toEqual(drivers);
    expect(await deps.availability.statuses(warm.id, [unseen!])).toEqual([null]);
    expect(await rebuildColdShops(deps)).toBe(0);
  });

  test('differences in both directions are mended and counted', async () => {
    const [gone, behind, ahead] = await buildDrivers(deps.db, shop.id, [HERE, north(10), north(20)]);
    await project(deps, shop.id, [gone!, behind!, ahead!]);
    await repairProjection(deps);
    await deps.availability.forget(shop.id, [gone!]);
    await deps.db.run(`UPDATE dispatch.driver SET duty = 'BUSY', version = version + 1 WHERE id = $1`, [behind]);
    await deps.availability.project(shop.id, [
      { driverId: ahead!, version: 99, status: 'BUSY', position: null, idleSinceMs: 0, seenAgeMs: 0 },
    ]);
    const stranger = '00000000-0000-7000-8000-000000000001';
    await deps.availability.project(shop.id, [
      { driverId: stranger, version: 1, status: 'AVAILABLE', position: HERE, idleSinceMs: 0, seenAgeMs: 0 },
    ]);
    expect(await repairProjection(deps)).toMatchObject({ mended: 3, forgotten: 1 });
    expect(await inRedis()).toEqual([gone, ahead]);
    expect(await repairProjection(deps)).toMatchObject({ mended: 0, forgotten: 0, rebuilt: 0 });
  });
});

describe('waiting and silence', () => {
  beforeEach(async () => {
    shop = await shopOf(deps, await buildShop(deps.db, null));
    await deps.availability.markWarm(shop.id);
  });
  const due = (id: string) => deps.db.run('UPDATE dispatch.delivery SET next_dispatch_at = now() WHERE id = $1', [id]);

  test('a waiting delivery is tried again on its schedule', async () => {
    const { id } = await create();
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    await due(id);
    expect(await dispatchDue(deps)).toBeGreaterThanOrEqual(1);
    expect((await readDelivery(deps, shop.id, id, null))?.delivery).toMatchObject({ driver_id: driver });
  });

  test('each try comes later than the one before', async () => {
    const { id } = await create();
    const waits: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await due(id);
      await dispatchDue(deps);
      const [row] = await deps.db.run<{ s: number }>(
        'SELECT extract(epoch from next_dispatch_at - now())::float8 AS s FROM dispatch.delivery WHERE id = $1',
        [id],
      );
      waits.push(row!.s);
    }
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    expect(waits.at(-1)).toBeGreaterThan(8);
  });

  test('searched for too long, the shop is told once', async () => {
    const { id } = await create();
    await deps.db.run(`UPDATE dispatch.delivery SET waiting_since = now() - interval '31 min' WHERE id = $1`, [id]);
    expect(await giveUpSearching(deps)).toBe(1);
    expect(await giveUpSearching(deps)).toBe(0);
    const read = await readDelivery(deps, shop.id, id, null);
    expect(read?.delivery).toMatchObject({ status: 'PENDING', dispatch: 'exhausted' });
    expect(read?.events.map((event) => event.type)).toEqual(['CREATED', 'EXHAUSTED']);
  });

  test('silent for 90 s: OFFLINE; with a delivery in hand BUSY, marked, and after 5 minutes given to another', async () => {
    const [idle] = await buildDrivers(deps.db, shop.id, [HERE], { silentForS: 91 });
    await sweepSilent(deps);
    expect(await driverState(deps.db, idle!)).toMatchObject({ status: 'OFFLINE', version: 2 });

    const [carrier] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [carrier!]);
    const { id } = await create();
    await deps.db.run(`UPDATE dispatch.driver_location SET seen_at = now() - interval '91 s' WHERE driver_id = $1`, [
      carrier,
    ]);
    await sweepSilent(deps);
    expect(await driverState(deps.db, carrier!)).toMatchObject({ status: 'BUSY', load: 1 });
    const marked = await readDelivery(deps, shop.id, id, null);
    expect(marked?.delivery).toMatchObject({ status: 'ASSIGNED', unreachable_since: expect.any(String) });

    await deps.db.run(`UPDATE dispatch.delivery SET unreachable_since = now() - interval '301 s' WHERE id = $1`, [id]);
    await sweepSilent(deps);
    const taken = await readDelivery(deps, shop.id, id, null);
    expect(taken?.delivery).toMatchObject({
      status: 'PENDING',
      excluded_driver_ids: [carrier],
      failure_code: 'DRIVER_OFFLINE',
    });
    expect(await driverState(deps.db, carrier!)).toMatchObject({ load: 0 });
  });

  test('heard from again: the mark goes', async () => {
    const [carrier] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [carrier!]);
    const { id } = await create();
    await deps.db.run('UPDATE dispatch.delivery SET unreachable_since = now() WHERE id = $1', [id]);
    await sweepSilent(deps);
    expect((await readDelivery(deps, shop.id, id, null))?.delivery.unreachable_since).toBeNull();
  });
});

test('the whole relay: dispatches, projects and sends by itself, and stops cleanly', async () => {
  const opened = await openShop();
  shop = opened.shop;
  const ending = new AbortController();
  const running = runRelay(relay, { intervalMs: 20, signal: ending.signal });
  const { id } = await create();
  const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
  await project(deps, shop.id, [driver!]);
  await deps.db.run('UPDATE dispatch.delivery SET next_dispatch_at = now() WHERE id = $1', [id]);
  await eventually(() => opened.receiver.accepted.length === 2);
  expect(sequences(opened.receiver)).toEqual([1, 2]);
  ending.abort();
  await running;
});
