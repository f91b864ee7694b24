import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Db, openDb } from '#shared/db/open-db.ts';
import { buildDrivers, buildShop, HERE, newOrder } from '#shared/testing/builders.ts';
import { fillFinished, fillWaiting } from '#shared/testing/large-tables.ts';
import { planFor } from '#shared/testing/plan-rows.ts';
import { nobody } from '#shared/testing/shop-commands.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { assignDelivery } from './assign-delivery.ts';
import { commitPlan, type PlanInput } from './commit-plan.ts';
import { createDelivery } from './create-delivery.ts';
import { holdDelivery } from './hold-delivery.ts';
import { type Move, moveDelivery } from './move-delivery.ts';
import { readDrivers, readDueShops, readWaiting } from './read-snapshot.ts';

/*
 * What a statement costs must not grow with the deliveries that are finished. Connections live for weeks and keep their
 * plans until Postgres looks at the tables anew, which autovacuum does within a minute or so of a growing table.
 */

const FINISHED = 100_000;
const DRIVERS = 5_000;
const WAITING = 200;
/** Of 8 KiB. The deliveries alone have some 4,000, each of their indexes by shop or driver 500 and more. */
const MOST_PAGES = 2_000;
const LARGE = new Set(['delivery', 'driver', 'driver_location']);

interface World {
  shop: string;
  drivers: readonly string[];
  waiting: readonly string[];
  plan: PlanInput;
}

const NOWHERE = '00000000-0000-7000-8000-000000000001';
/** Before there is anything: a statement's text is the same whatever it is asked. */
const EMPTY: World = {
  shop: NOWHERE,
  drivers: [NOWHERE],
  waiting: [NOWHERE],
  plan: { shop_id: NOWHERE, rows: [], parts: [], holds: [], decisions: [], eta_change_s: 300 },
};

const cancelled = (shop_id: string, which: Pick<Move, 'delivery_id' | 'order_ref'>): Move => ({
  ...which,
  shop_id,
  driver_id: null,
  to_status: 'CANCELLED',
  from_statuses: ['PENDING'],
  occurred_at: null,
  lat: null,
  lon: null,
  proof: null,
  pincode: null,
  skip_pincode: false,
  failure_code: null,
  note: null,
  exclude: false,
});

const STATEMENTS: Readonly<Record<string, (db: Db, world: World) => Promise<unknown>>> = {
  createDelivery: (db, { shop, drivers }) =>
    createDelivery(db, nobody, newOrder(shop, 'A-1', drivers.slice(0, 8), { if_calm: true })),
  commitPlan: (db, { plan }) => commitPlan(db, nobody, plan),
  moveDelivery: (db, { shop, waiting }) =>
    moveDelivery(db, nobody, cancelled(shop, { delivery_id: waiting[0]!, order_ref: null })),
  'moveDelivery by its order': (db, { shop }) =>
    moveDelivery(db, nobody, cancelled(shop, { delivery_id: null, order_ref: 'WAITS-1' })),
  assignDelivery: (db, { shop, drivers, waiting }) =>
    assignDelivery(db, nobody, {
      shop_id: shop,
      delivery_id: waiting[0]!,
      driver_id: drivers[0]!,
      overrides: [],
      pinned: false,
      by_hand: true,
    }),
  holdDelivery: (db, { shop, waiting }) =>
    holdDelivery(db, nobody, { shop_id: shop, delivery_id: waiting[0]!, until: null, note: null }),
  readWaiting: (db, { shop }) => readWaiting(db, shop, 'planner'),
  readDrivers: (db, { shop, drivers }) =>
    readDrivers(db, shop, { driverIds: drivers.slice(0, 150), mostBusy: 150, center: [1, 0, 0], countToday: false }),
  readDueShops: (db) => readDueShops(db),
};
const NAMES = Object.keys(STATEMENTS);

interface Asked {
  text: string;
  parameters: readonly unknown[];
}

/** What would be sent to Postgres. */
async function asked(name: string, world: World): Promise<Asked> {
  let found: Asked | undefined;
  const db: Db = {
    run(text, parameters = []) {
      found = { text, parameters };
      return Promise.reject(new Error('only looked at'));
    },
    close: async () => {},
  };
  await STATEMENTS[name]!(db, world).catch(() => {});
  if (found === undefined) throw new Error(`${name} sends nothing`);
  return found;
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: readonly PlanNode[];
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

let database: TestDatabase;
let db: Db;
let world: World;
/** By what they plan by. `old` has planned everything while there was nothing. */
const connections = new Map<string, postgres.Sql>();

beforeAll(async () => {
  database = await testDatabase();
  db = openDb({ url: database.url, pool: 2, prepare: true, sessionTimeouts: false });
  await connect('old', 'force_generic_plan');
  for (const name of NAMES) await connections.get('old')!.unsafe(`EXPLAIN ${await execution(name, EMPTY)}`);
  world = await fill();
  await connect('generic', 'force_generic_plan');
  await connect('custom', 'force_custom_plan');
}, 120_000);
afterAll(async () => {
  await Promise.all([...connections.values()].map((sql) => sql.end()));
  await db?.close();
  await database?.drop();
});

/** A connection of its own that has all statements prepared. */
async function connect(called: string, mode: 'force_generic_plan' | 'force_custom_plan'): Promise<void> {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  connections.set(called, sql);
  await sql.unsafe(`SET plan_cache_mode = ${mode}`);
  for (const [n, name] of NAMES.entries()) await sql.unsafe(`PREPARE s${n} AS ${(await asked(name, EMPTY)).text}`);
}

async function fill(): Promise<World> {
  const shop = await buildShop(db);
  const drivers = await buildDrivers(db, shop, Array(DRIVERS).fill(HERE), { capacity: 10 });
  await fillFinished(db, shop, FINISHED);
  await fillWaiting(db, shop, WAITING);
  await db.run('ANALYZE');
  const rows = await db.run<{ id: string }>(
    `SELECT id FROM dispatch.delivery WHERE shop_id = $1 AND dispatch = 'searching' ORDER BY id`,
    [shop],
  );
  const waiting = rows.map(({ id }) => id);
  const plans = drivers.slice(0, 20).map((driver, n) => ({ driver, gets: waiting.slice(3 * n, 3 * n + 3) }));
  return { shop, drivers, waiting, plan: await planFor(db, shop, plans) };
}

/** As EXECUTE takes it on a connection that has prepared it. */
async function execution(name: string, given: World): Promise<string> {
  const { parameters } = await asked(name, given);
  const literals = parameters.map((value) => (value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`));
  return `EXECUTE s${NAMES.indexOf(name)}${literals.length === 0 ? '' : `(${literals.join(', ')})`}`;
}

/** Runs it, and takes back what it did. */
async function explained(sql: postgres.Sql, name: string): Promise<readonly PlanNode[]> {
  await sql.unsafe('BEGIN');
  const options = 'ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON';
  const rows = await sql.unsafe(`EXPLAIN (${options}) ${await execution(name, world)}`);
  await sql.unsafe('ROLLBACK');
  const [{ Plan: plan }] = rows[0]!['QUERY PLAN'] as [{ Plan: PlanNode }];
  return nodesOf(plan);
}

describe.each(['old', 'generic', 'custom'])('on a connection with plans of its own: %s', (called) => {
  test.each(NAMES)('%s reads no table from end to end', async (name) => {
    const nodes = await explained(connections.get(called)!, name);
    const scans = nodes.filter((node) => node['Node Type'] === 'Seq Scan');
    expect(scans.map((node) => node['Relation Name']).filter((table) => LARGE.has(table ?? ''))).toEqual([]);
    const pages = nodes.map((node) => (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0));
    expect(Math.max(...pages)).toBeLessThan(MOST_PAGES);
  });
});
