import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ShopRow } from '#shared/db/schema.ts';
import { openDispatch } from '#shared/dispatch/open-dispatch.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { type RelayDeps, runRelay } from '#shared/flows/relay/run-relay.ts';
import { openSender } from '#shared/flows/relay/send-events.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { driverState, openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { openReceiver, type Receiver } from '#shared/testing/receiver.ts';
import { sendWebhook } from '#shared/webhooks/send.ts';
import { Died, died, dying } from './dying.ts';

/*
 * A process dies at one exact point: what it had asked for has happened, what comes next never does, and nobody is told.
 * Another process mends it. (Design: assignment.md, crash points.)
 */

let deps: TestDeps;
let relay: RelayDeps;
let receiver: Receiver;
let shop: ShopRow;
let driver: string;

beforeAll(async () => {
  deps = await openTestDeps();
  relay = {
    ...deps,
    send: (request) => sendWebhook({ ...request, allowPrivate: true, timeoutMs: 2_000 }),
    nowMs: Date.now,
    random01: () => 0.5,
    report: () => {},
  };
});
afterAll(() => deps.close());
beforeEach(async () => {
  receiver = await openReceiver();
  shop = await shopOf(deps, await buildShop(deps.db, receiver.url));
  [driver = ''] = await buildDrivers(deps.db, shop.id, [HERE]);
  await project(deps, shop.id, [driver]);
});
afterEach(() => receiver.close());

const CREATE = /INSERT INTO dispatch\.delivery AS x/;
const SETTLE = /UPDATE dispatch\.outbox_lane l SET leased_by = NULL/;

const order = { sellerOrderId: 'O', pickup: HERE, dropoff: north(300) };
/** In a process that has these stores. */
function create(with_: Partial<Pick<TestDeps, 'db' | 'availability'>> = {}) {
  const stores = { ...deps, ...with_ };
  const dispatch = openDispatch(stores, 'per request');
  return createDelivery({ ...stores, dispatch }, somebody(`order of ${shop.id}`), shop, order);
}
const stored = () =>
  deps.db.run<{ id: string; status: string }>('SELECT id, status FROM dispatch.delivery WHERE shop_id = $1', [shop.id]);
async function proposed(): Promise<readonly string[]> {
  const found = await deps.availability.search(shop.id, { center: HERE, radiusM: 1_000, limit: 10 });
  return found === 'COLD' ? [] : found.map((each) => each.driverId);
}
/** Lets a relay work until `mended`. */
async function whileRelayRuns(mended: () => Promise<boolean>): Promise<void> {
  const ending = new AbortController();
  const running = runRelay(relay, { intervalMs: 50, signal: ending.signal });
  try {
    await eventually(mended, { timeoutMs: 10_000 });
  } finally {
    ending.abort();
    await running;
  }
}

describe('a worker dies', () => {
  test('between search and commit: nothing has happened, and the client’s retry does it', async () => {
    await expect(create({ db: dying(deps.db, 'before', CREATE) })).rejects.toThrow(Died);
    expect(await stored()).toEqual([]);
    expect(await driverState(deps.db, driver)).toMatchObject({ status: 'AVAILABLE', load: 0, version: 1 });
    expect(await create()).toMatchObject({ kind: 'done', result: { delivery: { driver_id: driver } } });
  });

  test.each([
    ['with its commit, unanswered', () => ({ db: dying(deps.db, 'after', CREATE) })],
    ['between commit and projection', () => ({ availability: { ...deps.availability, project: async () => died() } })],
  ])('%s: the retry gets the stored answer, and the driver leaves the search', async (_, broken) => {
    await expect(create(broken())).rejects.toThrow(Died);
    const [delivery] = await stored();
    expect(delivery?.status).toBe('ASSIGNED');
    expect(await proposed()).toEqual([driver]);
    expect(await create()).toMatchObject({
      kind: 'replayed',
      result: { delivery: { id: delivery?.id, driver_id: driver } },
    });
    expect(await stored()).toHaveLength(1);
    expect(await driverState(deps.db, driver)).toMatchObject({ status: 'BUSY', load: 1, version: 2 });
    await whileRelayRuns(async () => (await proposed()).length === 0);
  });

  test('with the projection asked for and not yet done: done later, it is older and changes nothing', async () => {
    let late = async (): Promise<readonly string[]> => [];
    const availability = {
      ...deps.availability,
      project: async (...asked: Parameters<typeof deps.availability.project>) => {
        late = () => deps.availability.project(...asked);
        throw new DependencyAway('redis', new Error('no answer in time'));
      },
    };
    const ran = await create({ availability });
    if (ran.kind !== 'done') throw new Error(ran.kind);
    await whileRelayRuns(async () => (await proposed()).length === 0);
    await deps.db.run(`UPDATE dispatch.driver SET duty = 'OFFLINE', version = version + 1 WHERE id = $1`, [driver]);
    await project(deps, shop.id, [driver]);
    expect(await late()).toEqual(['STALE']);
    expect(await proposed()).toEqual([]);
  });
});

test('the relay dies between sending and settling: the webhook comes again, with the same id and the same bytes', async () => {
  await create();
  const dead = openSender({ ...relay, db: dying(deps.db, 'before', SETTLE) });
  await dead.begin();
  await dead.idle();
  expect(receiver.accepted).toHaveLength(1);
  // While the lease of the dead one lasts nobody else sends it, nor what comes after it.
  const other = openSender(relay);
  expect(await other.begin()).toBe(0);
  await deps.db.run(`UPDATE dispatch.outbox_lane SET due_at = now() - interval '1 s' WHERE shop_id = $1`, [shop.id]);
  await whileRelayRuns(async () => receiver.accepted.length === 3);
  const [first, again, next] = receiver.accepted;
  expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(again?.body).toBe(first?.body);
  expect(JSON.parse(next?.body ?? '{}')).toMatchObject({ event: 'DELIVERY_ASSIGNED_V1', sequence: 2 });
});
