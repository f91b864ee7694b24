import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '#shared/db/open-db.ts';
import { fillBlocked } from '#shared/testing/blocked-events.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { EVERY_STATEMENT, functionsThatSend } from '#shared/testing/every-statement.ts';
import { asked, executionOf, explain, nodesOf, pagesOf } from '#shared/testing/explain.ts';
import { fillFinished, fillHistory, fillWaiting } from '#shared/testing/large-tables.ts';
import { openPatientDb } from '#shared/testing/patient-db.ts';
import { planFor } from '#shared/testing/plan-rows.ts';
import type { Asking } from '#shared/testing/statements/asking.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { readBoard } from './changes.ts';

/*
 * What a statement costs must not grow with the deliveries that are finished. Connections live for weeks and keep their
 * plans until Postgres looks at the tables anew, which autovacuum does within a minute or so of a growing table.
 */

const FINISHED = 100_000;
const DRIVERS = 5_000;
const WAITING = 200;
/** Of 8 KiB. The deliveries alone have some 4,000, each of their indexes by shop or driver 500 and more. */
const MOST_PAGES = 2_000;
const HASTY = 20_000;
const HASTY_DRIVERS = 100;
/** The deliveries have some 800. */
const MOST_PAGES_IN_HASTE = 600;
/** Those that grow with the years. */
const HISTORY = [
  'delivery',
  'delivery_event',
  'dispatch_decision',
  'driver_event',
  'kept_result',
  'outbox',
  'outbox_lane',
  'proof_photo',
];
/** Those that grow with the drivers. */
const FLEET = ['driver', 'driver_location'];
/** Who may read what in full, and look at more pages for it. */
const MAY_READ: Readonly<Record<string, readonly string[]>> = {
  // A board shows all drivers of the shop; a plan asks for the largest capacity, a search for who has room.
  readBoard: FLEET,
  readOnDuty: FLEET,
  readFleet: FLEET,
  // Numbers of the whole installation, every fifteen seconds at most: its drivers by status, its lanes by state.
  readGaugeRow: [...FLEET, 'outbox_lane'],
  // All are in one place here, each as near as the next.
  findNearest: FLEET,
  // Looks at the driver of every phone that may be woken.
  claimPushes: FLEET,
  // Whoever is on duty is asked for a sign of life.
  sweepSilentDrivers: FLEET,
  listShopsOfSilent: FLEET,
  // What is kept under keys names its delivery inside: an erasure, which is rare, looks through what a shop has there.
  erasePeople: ['kept_result'],
  // By lists of hundreds: of 5,000 drivers that is a share for which Postgres rather reads them all.
  readFinishedTrips: FLEET,
  readDirty: FLEET,
  readProjected: FLEET,
  saveContacts: FLEET,
  // Takes all that failed of a shop, thousands; here no other shop has any.
  replayEvents: ['outbox_lane'],
  // A step of 200 deliveries with all that belongs to them, one of 1,000 events, row by row by their indexes.
  forgetDeliveries: [],
  forgetDriverEvents: [],
  // The driver's name goes from every result that is kept of the shop: a day's.
  commitDriverErasure: ['kept_result'],
};

/** Rare ones, or of the relay's every few seconds: until autovacuum has been there they may read all deliveries. */
const MAY_READ_IN_HASTE =
  /^(markUnreachable|listStranded|listDeliveries.*|readDriverDeliveries|readNumbersNamed|readFinishedTrips)$/;

const NOWHERE = '00000000-0000-7000-8000-000000000001';
/** Before there is anything: a statement's text is the same whatever it is asked. */
const EMPTY: Asking = {
  shop: NOWHERE,
  drivers: [NOWHERE],
  waiting: [NOWHERE],
  ended: NOWHERE,
  plan: { shop_id: NOWHERE, rows: [], parts: [], holds: [], decisions: [], eta_change_s: 300 },
  cursor: '0.0',
};
const GROWING = new Set([...HISTORY, ...FLEET]);
const NAMES = Object.keys(EVERY_STATEMENT);
const preparedAs = (name: string) => `s${NAMES.indexOf(name)}`;
const sentBy = (name: string, asking: Asking) => asked((db) => EVERY_STATEMENT[name]!(db, asking));

const closing: (() => Promise<unknown>)[] = [];
/** By what they plan by. `old` has planned everything while there was nothing. */
const connections = new Map<string, { sql: postgres.Sql; asking: Asking }>();

beforeAll(async () => {
  const { database, db } = await openDatabase();
  const old = await connect(database, 'force_generic_plan');
  await planAll(old);
  const asking = await fill(db);
  connections.set('old', { sql: old, asking });
  connections.set('generic', { sql: await connect(database, 'force_generic_plan'), asking });
  connections.set('custom', { sql: await connect(database, 'force_custom_plan'), asking });
}, 120_000);
// A shop's first hours, or the first minutes after a crash, in which the statistics are lost: nobody has looked at the tables.
beforeAll(async () => {
  const { database, db } = await openDatabase();
  for (const table of GROWING) await db.run(`ALTER TABLE dispatch.${table} SET (autovacuum_enabled = false)`);
  const asking = await fillInHaste(db);
  connections.set('hasty', { sql: await connect(database, 'force_generic_plan'), asking });
}, 60_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function openDatabase(): Promise<{ database: TestDatabase; db: Db }> {
  const database = await testDatabase();
  const db = openPatientDb(database.url);
  closing.push(database.drop, db.close);
  return { database, db };
}

/** A connection of its own that has all statements prepared. */
async function connect(database: TestDatabase, mode: 'force_generic_plan' | 'force_custom_plan') {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  closing.push(() => sql.end());
  await sql.unsafe(`SET plan_cache_mode = ${mode}`);
  for (const name of NAMES) {
    await sql.unsafe(`PREPARE ${preparedAs(name)} AS ${(await sentBy(name, EMPTY)).text}`);
  }
  return sql;
}

async function planAll(sql: postgres.Sql): Promise<void> {
  for (const name of NAMES) await sql.unsafe(`EXPLAIN ${executionOf(preparedAs(name), await sentBy(name, EMPTY))}`);
}

async function fill(db: Db): Promise<Asking> {
  const shop = await buildShop(db);
  const drivers = await buildDrivers(db, shop, Array(DRIVERS).fill(HERE), { capacity: 10 });
  await fillFinished(db, shop, FINISHED);
  await fillHistory(db, shop, FINISHED);
  await fillWaiting(db, shop, WAITING);
  await fillBlocked(db, await buildShop(db), 2_500, 4);
  await db.run('ANALYZE');
  return askingOf(db, shop, drivers);
}

async function fillInHaste(db: Db): Promise<Asking> {
  const shop = await buildShop(db);
  const drivers = await buildDrivers(db, shop, Array(HASTY_DRIVERS).fill(HERE), { capacity: 10 });
  await fillFinished(db, shop, HASTY);
  await fillWaiting(db, shop, WAITING);
  return askingOf(db, shop, drivers);
}

async function askingOf(db: Db, shop: string, drivers: readonly string[]): Promise<Asking> {
  const rows = await db.run<{ id: string }>(
    `SELECT id FROM dispatch.delivery WHERE shop_id = $1 AND dispatch = 'searching' ORDER BY id`,
    [shop],
  );
  const waiting = rows.map(({ id }) => id);
  const [ended] = await db.run<{ id: string }>(`SELECT id FROM dispatch.delivery WHERE order_ref = 'OLD-500'`);
  const plans = drivers.slice(0, 20).map((driver, n) => ({ driver, gets: waiting.slice(3 * n, 3 * n + 3) }));
  const plan = await planFor(db, shop, plans);
  return { shop, drivers, waiting, ended: ended!.id, plan, cursor: (await readBoard(db, shop)).cursor };
}

test('every function that sends a statement is among those that are looked at', () => {
  const looked = new Set(NAMES.map((name) => /^\w+/.exec(name)?.[0]));
  expect(functionsThatSend().filter((name) => !looked.has(name))).toEqual([]);
});

describe.each(['old', 'generic', 'custom'])('on a connection with plans of its own: %s', (called) => {
  test.each(NAMES)('%s reads no table from end to end', async (name) => {
    const { sql, asking } = connections.get(called)!;
    const execution = executionOf(preparedAs(name), await sentBy(name, asking));
    const nodes = nodesOf(await explain(sql, execution));
    const scanned = nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : []));
    expect(scanned.filter((table) => GROWING.has(table) && !MAY_READ[name]?.includes(table))).toEqual([]);
    if (MAY_READ[name] === undefined) expect(Math.max(...nodes.map(pagesOf))).toBeLessThan(MOST_PAGES);
  });
});

test.each(NAMES.filter((name) => !MAY_READ_IN_HASTE.test(name)))(
  'while nobody has looked at the tables, %s does not read all deliveries either',
  async (name) => {
    const { sql, asking } = connections.get('hasty')!;
    const nodes = nodesOf(await explain(sql, executionOf(preparedAs(name), await sentBy(name, asking))));
    const scans = nodes.filter((node) => node['Node Type'].endsWith('Scan') && node['Relation Name'] === 'delivery');
    expect(Math.max(0, ...scans.map(pagesOf))).toBeLessThan(MOST_PAGES_IN_HASTE);
  },
);
