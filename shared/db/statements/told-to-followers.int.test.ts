import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { changesSince } from '#shared/flows/changes.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { planFor } from '#shared/testing/plan-rows.ts';
import { refuseUnnoted, refuseUntold } from '#shared/testing/refuse-untold.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import type { Db } from '../open-db.ts';
import { commitAcceptance, commitDecline } from './answer-offer.ts';
import { commitRoute } from './arrange-route.ts';
import { assignDelivery } from './assign-delivery.ts';
import { commitDeliveryChange } from './change-delivery.ts';
import { commitDriverChange, commitDuty, commitRetirement, commitTokenGrant } from './change-driver.ts';
import { commitPlan, type PlanHold } from './commit-plan.ts';
import { commitDriverErasure } from './driver-data.ts';
import { endBreaks } from './end-breaks.ts';
import { exhaustDeliveries } from './exhaust-deliveries.ts';
import { commitHold, commitRelease, releaseDue } from './hold-delivery.ts';
import { makeOffers } from './make-offers.ts';
import { commitMove } from './move-delivery.ts';
import { commitRating } from './rate-delivery.ts';
import { commitRedelivery } from './redeliver-delivery.ts';
import { commitPincode } from './set-pincode.ts';
import { settleOffers } from './settle-offers.ts';
import { markUnreachable, sweepSilentDrivers } from './sweep-drivers.ts';

/*
 * Whoever follows a shop is told of events, and keeps of each row the highest version. So what a delivery or a driver
 * shows may change only with a version, and that only with an event; and what results under keys are given again with, only
 * with an event that says what it was. The database of this test refuses anything else.
 */

let commands: ShopCommands;
let db: Db;
let shop: string;
/** A driver with one delivery in hand, and a delivery that waits. */
let driver: string;
let held: string;
let waiting: string;

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop } = commands);
  await refuseUntold(db);
  await refuseUnnoted(db);
});
afterAll(() => commands.close());
beforeEach(async () => {
  [driver] = (await buildDrivers(db, shop, [HERE], { capacity: 2 })) as [string];
  held = (await commands.created(null, [driver])).id;
  waiting = (await commands.created(null)).id;
});

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const MINUTE = 60_000;
const theDriver = () => ({ shop_id: shop, driver_id: driver });
const theWaiting = () => ({ shop_id: shop, delivery_id: waiting });
const theHeld = () => ({ shop_id: shop, delivery_id: held });
const versionOf = async (id: string) =>
  (await db.run<{ version: number }>('SELECT version FROM dispatch.delivery WHERE id = $1', [id]))[0]!.version;
const silentFor = (seconds: number) =>
  db.run(`UPDATE dispatch.driver_location SET seen_at = now() - $2::int * interval '1 s' WHERE driver_id = $1`, [
    driver,
    seconds,
  ]);

async function hold(rest: Pick<PlanHold, 'state' | 'reason' | 'until' | 'pickup_at' | 'dropoff_at'>) {
  const plan = await planFor(db, shop, []);
  const next_at = inMs(MINUTE);
  return commitPlan(db, nobody, {
    ...plan,
    holds: [{ delivery: waiting, version: await versionOf(waiting), next_at, ...rest }],
  });
}

async function retime(ms: number) {
  const plan = await planFor(db, shop, [{ driver }]);
  const parts = plan.parts.map((part) => ({ ...part, pickup_at: inMs(ms), dropoff_at: inMs(2 * ms) }));
  return commitPlan(db, nobody, { ...plan, rows: plan.rows.map((row) => ({ ...row, changes: false })), parts });
}

const arrange = async (ms: number) => {
  const { rows } = await planFor(db, shop, [{ driver }]);
  const stops = (['pickup', 'dropoff'] as const).map((kind, n) => ({ delivery: held, kind, at: inMs((n + 1) * ms) }));
  return commitRoute(db, nobody, { ...theDriver(), version: rows[0]!.version, fixed_stops: 0, stops });
};

/** A person says so again, and that it shall stay so. */
const confirm = (delivery_id: string) =>
  assignDelivery(db, nobody, { ...theDriver(), delivery_id, overrides: [], pinned: true, by_hand: true });
const step = (to: Parameters<ShopCommands['move']>[1]) => commitMove(db, nobody, commands.move(held, to));
const searching = (reason: string) =>
  hold({ state: 'searching', reason, until: null, pickup_at: null, dropoff_at: null });
const heldUntil = (ms: number) =>
  hold({ state: 'held', reason: 'not_ready', until: inMs(ms), pickup_at: inMs(ms), dropoff_at: inMs(2 * ms) });

/** The driver is asked whether they take what waits. */
async function offered(): Promise<string> {
  await makeOffers(db, nobody, {
    shop_id: shop,
    trips: [{ trip: 0, exclusive: true, wave: 1 }],
    parts: [{ trip: 0, delivery: waiting, version: await versionOf(waiting), pickup_at: inMs(1), dropoff_at: inMs(2) }],
    askings: [{ trip: 0, driver, version: null }],
    spent: [],
    answer_s: 60,
    decisions: [],
  });
  const [offer] = await db.run<{ id: string }>(
    `SELECT id FROM dispatch.offer WHERE driver_id = $1 AND state = 'open'`,
    [driver],
  );
  return offer!.id;
}
const answered = async () => ({ shop_id: shop, offer_id: await offered(), driver_id: null });

/** By the file of the statement: what it does, one after the other, each once more where the same changes nothing. */
const COMMANDS: Readonly<Record<string, readonly (() => Promise<unknown>)[]>> = {
  'answer-offer.ts': [
    async () => commitDecline(db, nobody, { ...(await answered()), reason: 'too_far' }),
    () => settleOffers(db, nobody, shop),
    async () => commitAcceptance(db, nobody, await answered()),
  ],
  'arrange-route.ts': [() => arrange(MINUTE), () => arrange(MINUTE), () => arrange(10 * MINUTE)],
  'assign-delivery.ts': [
    () => commands.assign(waiting, driver),
    () => commands.assign(waiting, driver),
    () => confirm(held),
    () => confirm(held),
  ],
  'change-delivery.ts': [
    () =>
      commitDeliveryChange(db, nobody, { ...theWaiting(), order_ref: null }, { notes: 'new', pickup_lat: 1, size: 2 }),
    () => commitDeliveryChange(db, nobody, { ...theHeld(), order_ref: null }, { dropoff_lat: 1, size: 2 }),
    () => commitDeliveryChange(db, nobody, { ...theHeld(), order_ref: null }, { dropoff_lat: 1, size: 2 }),
    () => commitDeliveryChange(db, nobody, { ...theHeld(), order_ref: null }, { size: 9 }),
  ],
  'change-driver.ts': [
    () =>
      commitDriverChange(db, nobody, theDriver(), { name: 'New', capacity: 5, tags: ['cold'], shift_ends_at: inMs(1) }),
    () => commitDuty(db, nobody, { ...theDriver(), duty: 'BUSY', contact: true }),
    () => commitDuty(db, nobody, { ...theDriver(), duty: 'BUSY', contact: true }),
    () => commitTokenGrant(db, nobody, { ...theDriver(), revoke: true }),
    () => step('CANCELLED'),
    () => commitRetirement(db, nobody, theDriver()),
  ],
  'commit-plan.ts': [
    () => heldUntil(5 * MINUTE),
    () => heldUntil(5 * MINUTE),
    () => heldUntil(20 * MINUTE),
    () => searching('no_driver'),
    () => searching('no_driver'),
    () => searching('too_far'),
    () => retime(MINUTE),
    () => retime(MINUTE),
    () => retime(3 * MINUTE),
    () => retime(30 * MINUTE),
    async () => commitPlan(db, nobody, await planFor(db, shop, [{ driver, gets: [waiting] }])),
    async () => commitPlan(db, nobody, await planFor(db, shop, [{ driver, loses: [held] }])),
  ],
  'driver-data.ts': [() => step('CANCELLED'), () => commitDriverErasure(db, nobody, theDriver())],
  'end-breaks.ts': [
    () => commitDuty(db, nobody, { ...theDriver(), duty: 'BUSY', break_s: 60, contact: true }),
    () => endBreaks(db, shop, 'relay'),
    () => commitDuty(db, nobody, { ...theDriver(), duty: 'BUSY', break_s: 0, contact: true }),
    () => endBreaks(db, shop, 'relay'),
    () => commitDuty(db, nobody, { ...theDriver(), duty: 'AVAILABLE', last_one: true, contact: true }),
  ],
  'exhaust-deliveries.ts': [
    () => exhaustDeliveries(db, -1),
    () => exhaustDeliveries(db, -1),
    () => searching('no_driver'),
  ],
  'hold-delivery.ts': [
    () => commitHold(db, nobody, { ...theWaiting(), until: inMs(MINUTE), note: 'later' }),
    () => commitHold(db, nobody, { ...theWaiting(), until: inMs(9 * MINUTE), note: null }),
    () => commitRelease(db, nobody, theWaiting()),
    () => commitRelease(db, nobody, theWaiting()),
    () => commitHold(db, nobody, { ...theWaiting(), until: inMs(-MINUTE), note: null }),
    () => releaseDue(db),
  ],
  'make-offers.ts': [offered],
  'move-delivery.ts': [() => step('PICKED_UP'), () => step('IN_TRANSIT'), () => step('FAILED'), () => step('RETURNED')],
  'rate-delivery.ts': [
    () => step('PICKED_UP'),
    () => step('DELIVERED'),
    () => commitRating(db, nobody, { ...theHeld(), stars: 5, note: null }),
    () => commitRating(db, nobody, { ...theHeld(), stars: 5, note: null }),
    () => commitRating(db, nobody, { ...theHeld(), stars: 2, note: 'late' }),
  ],
  'redeliver-delivery.ts': [
    () => step('PICKED_UP'),
    () => step('FAILED'),
    () => commitRedelivery(db, nobody, { ...theHeld(), order_ref: null }, { dropoff: { notes: 'new' } }),
    () => commitRedelivery(db, nobody, { ...theHeld(), order_ref: null }, {}),
    () => step('FAILED'),
    () => step('RETURNED'),
    () => commitRedelivery(db, nobody, { ...theHeld(), order_ref: null }, { size: 2 }),
  ],
  'set-pincode.ts': [
    () => commitPincode(db, nobody, { ...theHeld(), pincode: '4711' }),
    () => commitPincode(db, nobody, { ...theHeld(), pincode: '4711' }),
    () => commitPincode(db, nobody, { ...theHeld(), pincode: null }),
  ],
  'settle-offers.ts': [
    offered,
    () => settleOffers(db, nobody, shop),
    () => settleOffers(db, nobody, shop, waiting),
    () => settleOffers(db, nobody, shop),
  ],
  'sweep-drivers.ts': [
    () => silentFor(100),
    () => markUnreachable(db),
    () => markUnreachable(db),
    () => silentFor(0),
    () => markUnreachable(db),
    () => step('CANCELLED'),
    () => silentFor(100),
    () => sweepSilentDrivers(db),
  ],
};

/** What a follower has who has taken every answer so far. */
function follow() {
  let cursor: string | null = null;
  const rows = new Map<string, { id: string; version: number }>();
  return {
    rows,
    async goOn(): Promise<void> {
      const changes = await changesSince({ db }, shop, cursor);
      cursor = changes.cursor;
      for (const row of [...changes.deliveries, ...changes.drivers]) {
        if ((rows.get(row.id)?.version ?? -1) < row.version) rows.set(row.id, row);
      }
    },
  };
}

test.each(Object.keys(COMMANDS))('%s: nothing that is shown changes without a version and an event', async (file) => {
  const follower = follow();
  await follower.goOn();
  for (const [n, run] of COMMANDS[file]!.entries()) {
    await expect(run(), `${file} ${n}`).resolves.not.toThrow();
    await follower.goOn();
    const board = await changesSince({ db }, shop, null);
    for (const row of [...board.deliveries, ...board.drivers]) expect(follower.rows.get(row.id), `${n}`).toEqual(row);
  }
});

test('each statement that writes deliveries or drivers is tried here, and is one of the commands', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !file.includes('.test.'));
  const containing = (pattern: RegExp) =>
    files.filter((file) => pattern.test(readFileSync(path.join(import.meta.dirname, file), 'utf8')));
  const writers = containing(/import \{[^}]*\b(deliveryWith|driverWith)\b[^}]*\} from '\.\/command\.ts'/);
  // Before a new delivery is stored there is nothing that could change.
  expect(writers.filter((file) => file !== 'create-delivery.ts').sort()).toEqual(Object.keys(COMMANDS).sort());
  // The token's version is not shown; a photograph, what retention takes, and an erased recipient go after the end.
  const others = ['change-driver.ts', 'command.ts', 'erasure.ts', 'photos.ts', 'retention.ts'];
  expect(containing(/UPDATE dispatch\.(delivery|driver)\b/).sort()).toEqual(others);
});
