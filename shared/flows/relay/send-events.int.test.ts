import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '#shared/db/open-db.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { claimEvents } from '#shared/db/statements/outbox.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openTestDeps, project, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import type { Behaviour, Receiver } from '#shared/testing/receiver.ts';
import { createOrder, openListeningShop, relayDeps, sequences } from '#shared/testing/relay-deps.ts';
import { sendWebhook } from '#shared/webhooks/send.ts';
import { verifySignature } from '#shared/webhooks/verify.ts';
import type { RelayDeps } from './run-relay.ts';
import { openSender } from './send-events.ts';

let deps: TestDeps;
let relay: RelayDeps;
let shop: ShopRow;
const receivers: Receiver[] = [];

beforeAll(async () => {
  deps = await openTestDeps();
  relay = relayDeps(deps);
});
afterAll(() => deps.close());
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

async function openShop(behave?: Behaviour) {
  const opened = await openListeningShop(deps, behave);
  receivers.push(opened.receiver);
  return opened;
}

/** One delivery that goes all the way: five events. */
async function deliverOne(): Promise<string> {
  const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
  await project(deps, shop.id, [driver!]);
  const { id } = await createOrder(deps, shop);
  for (const status of ['PICKED_UP', 'IN_TRANSIT', 'DELIVERED'] as const) {
    await moveDelivery(deps, somebody(), { shopId: shop.id, driverId: null }, id, { status });
  }
  await setDuty(deps, somebody(), { shopId: shop.id, driverId: driver! }, { status: 'OFFLINE' }, false);
  return id;
}

/** Sends until nothing is left unsent, making every retry due at once. */
async function sendAll(): Promise<void> {
  const sender = openSender(relay);
  await eventually(async () => {
    await deps.db.run('UPDATE dispatch.outbox_lane SET due_at = now() WHERE due_at > now() AND leased_by IS NULL');
    await sender.begin();
    await sender.idle();
    const [row] = await deps.db.run<{ n: number }>(
      'SELECT count(*)::int AS n FROM dispatch.outbox WHERE shop_id = $1',
      [shop.id],
    );
    return row?.n === 0;
  });
}

function openGate() {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

describe('the outbox', () => {
  test('tells of an event that left while a claim was under way, which may not have seen it', async () => {
    const opened = await openShop();
    shop = opened.shop;
    await deliverOne();
    const [mayLeave, hasRead, mayClaim] = [openGate(), openGate(), openGate()];
    let isSecond = false;
    const run: Db['run'] = async (text, parameters) => {
      const rows = await deps.db.run<never>(text, parameters);
      if (isSecond && text.includes('emptied AS')) {
        hasRead.open();
        await mayClaim.passed;
      }
      return rows;
    };
    const send: RelayDeps['send'] = (request) => mayLeave.passed.then(() => relay.send(request));
    const sender = openSender({ ...relay, db: { ...deps.db, run }, send });
    expect(await sender.begin()).toBe(1);
    isSecond = true;
    const second = sender.begin();
    await hasRead.passed;
    mayLeave.open();
    await sender.idle();
    mayClaim.open();
    expect(await second).toBe(0);
    await sender.progress();
    expect(await sender.begin()).toBe(1);
    await sender.idle();
    await sendAll();
    expect(sequences(opened.receiver)).toEqual([1, 2, 3, 4, 5]);
  });

  test('sends an event that was claimed before the answer came that the one before it is settled', async () => {
    const opened = await openShop();
    shop = opened.shop;
    await deliverOne();
    const [isSettled, mayHear] = [openGate(), openGate()];
    const run: Db['run'] = async (text, parameters) => {
      const rows = await deps.db.run<never>(text, parameters);
      if (text.includes('SET leased_by = NULL')) {
        isSettled.open();
        await mayHear.passed;
      }
      return rows;
    };
    const sender = openSender({ ...relay, db: { ...deps.db, run } });
    expect(await sender.begin()).toBe(1);
    await isSettled.passed;
    expect(await sender.begin()).toBe(1);
    mayHear.open();
    await sender.idle();
    await sendAll();
    expect(sequences(opened.receiver)).toEqual([1, 2, 3, 4, 5]);
  });

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
    const claim = { relay: 'dead', limit: 10, perShop: 10, underWay: {} };
    const [claimed] = await claimEvents(deps.db, claim);
    expect(await claimEvents(deps.db, claim)).toEqual([]);
    // The process dies here. Its lease ends.
    await deps.db.run(`UPDATE dispatch.outbox_lane SET due_at = now() - interval '1 s' WHERE leased_by = 'dead'`);
    await sendAll();
    expect(sequences(opened.receiver)).toEqual([1, 2, 3, 4, 5]);
    expect(opened.receiver.accepted[0]?.headers['webhook-id']).toBe(claimed!.id);
  });

  test('410 disables the endpoint until the shop sets it anew; the others go on', async () => {
    const gone = await openShop(() => 410);
    shop = gone.shop;
    await createOrder(deps, shop);
    const sender = openSender(relay);
    await sender.begin();
    await sender.idle();
    await createOrder(deps, shop);
    expect(await sender.begin()).toBe(0);
    expect(gone.receiver.received).toHaveLength(1);
    const other = await openShop();
    shop = other.shop;
    await createOrder(deps, shop);
    await sendAll();
    expect(sequences(other.receiver)).toEqual([1]);
  });

  test('an endpoint that never answers holds its own places only', async () => {
    const dead = await openShop(() => 'never');
    shop = dead.shop;
    for (let n = 0; n < 30; n += 1) await createOrder(deps, shop);
    const fine = await openShop();
    shop = fine.shop;
    await createOrder(deps, shop);
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

  test('an event that cannot be read is told of, and keeps no other from leaving', async () => {
    const opened = await openShop();
    shop = opened.shop;
    const { id } = await createOrder(deps, shop);
    await createOrder(deps, shop);
    await deps.db.run(`UPDATE dispatch.outbox SET body = '{' WHERE delivery_id = $1`, [id]);
    const told: string[] = [];
    const sender = openSender({
      ...relay,
      trackingUrlOf: () => 'https://dispatch.example/track/x',
      report: (event, { shopId }) => (shopId === shop.id ? told.push(event) : undefined),
    });
    await sender.begin();
    await sender.idle();
    expect(told.sort()).toEqual(['webhook_sent', 'webhook_unsettled']);
    expect(opened.receiver.accepted).toHaveLength(1);
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
      `SELECT o.seq, l.failed_id = o.id AND l.parked_at IS NOT NULL AS parked FROM dispatch.outbox o
       JOIN dispatch.outbox_lane l ON l.delivery_id = o.delivery_id WHERE o.delivery_id = $1 ORDER BY o.seq`,
      [id],
    );
    expect(rows).toEqual([1, 2, 3, 4, 5].map((seq) => ({ seq, parked: seq === 1 })));
    expect(await sender.begin()).toBe(0);
  });
});
