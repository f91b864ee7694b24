import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDb } from '#shared/db/open-db.ts';
import { buildDrivers, buildShop, HERE, newOrder } from '#shared/testing/builders.ts';
import { nobody } from '#shared/testing/shop-commands.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { readBoard, readChanges, readOnDuty } from './changes.ts';
import { createDelivery } from './create-delivery.ts';

/* A quiet shop asks twice a second: what others do must not be read for it. */

const FOREIGN = 100_000;
/** Of 8 KiB. The foreign events have some 2,000, each of their indexes over 400. */
const MOST_PAGES = 100;

let database: TestDatabase;
let db: Db;
let quiet: string;
let cursor: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDb({ url: database.url, pool: 2, prepare: true, sessionTimeouts: false });
  quiet = await buildShop(db);
  await buildDrivers(db, quiet, [HERE, HERE]);
  await order(quiet, 'before');
  ({ cursor } = await readBoard(db, quiet));
  await fill(await buildShop(db));
  await order(quiet, 'after');
}, 120_000);
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

async function order(shop: string, ref: string) {
  const ran = await createDelivery(db, nobody, newOrder(shop, ref));
  if (ran.kind !== 'done' || ran.result.outcome === 'lost') throw new Error(JSON.stringify(ran));
  return ran.result.delivery;
}

/** One event a transaction would take minutes: their numbers are all above the cursor, as they would be. */
async function fill(busy: string): Promise<void> {
  const { id } = await order(busy, 'busy');
  const [driver] = (await buildDrivers(db, busy, [HERE])) as [string];
  // Of its own, without a deadline.
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  await sql.unsafe(
    `INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
     SELECT $1, 10 + n, $2, 'UPDATED', 'PENDING', now(), 'test' FROM generate_series(1, ${FOREIGN}) n`,
    [id, busy],
  );
  await sql.unsafe(
    `INSERT INTO dispatch.driver_event (driver_id, version, shop_id, type, status, load, capacity, actor)
     SELECT $1, 10 + n, $2, 'CHANGED', 'AVAILABLE', 0, 1, 'test' FROM generate_series(1, ${FOREIGN}) n`,
    [driver, busy],
  );
  await sql.unsafe('ANALYZE');
  await sql.end();
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: readonly PlanNode[];
}
const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** What is read of the tables that grow, by a connection that plans as `mode` says. */
async function explained(ask: (db: Db) => Promise<unknown>, mode: string) {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  await sql.unsafe(`SET plan_cache_mode = ${mode}`);
  let plan: PlanNode | undefined;
  const spy: Db = {
    async run(text, parameters = []) {
      const literals = parameters.map((value) => `'${String(value).replaceAll("'", "''")}'`);
      await sql.unsafe(`PREPARE asked AS ${text}`);
      const rows = await sql.unsafe(
        `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE asked(${literals.join(', ')})`,
      );
      plan = rows[0]!['QUERY PLAN'][0].Plan;
      throw new Error('only looked at');
    },
    close: async () => {},
  };
  await ask(spy).catch(() => {});
  await sql.end();
  const nodes = nodesOf(plan!);
  const scans = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
  const pages = Math.max(...nodes.map((node) => (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0)));
  return { scans: scans.filter((table) => table?.endsWith('_event')), pages };
}

const QUESTIONS: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  readChanges: (on) => readChanges(on, [{ shopId: quiet, after: cursor }]),
  readBoard: (on) => readBoard(on, quiet),
  readOnDuty: (on) => readOnDuty(on, quiet),
};

test.each(
  Object.keys(QUESTIONS).flatMap((name) => [
    { name, mode: 'force_generic_plan' },
    { name, mode: 'force_custom_plan' },
  ]),
)('$name of a quiet shop reads nothing of what others did, with $mode', async ({ name, mode }) => {
  const { scans, pages } = await explained(QUESTIONS[name]!, mode);
  expect(scans).toEqual([]);
  expect(pages).toBeLessThan(MOST_PAGES);
});

test('and is told of its own', async () => {
  const [changes] = await readChanges(db, [{ shopId: quiet, after: cursor }]);
  expect(changes?.deliveries.map(({ delivery }) => delivery.order_ref)).toEqual(['after']);
});

test('a board has what failed days ago and waits for a decision, once', async () => {
  const shop = await buildShop(db);
  const [driver = ''] = await buildDrivers(db, shop, [HERE], { capacity: 9 });
  const failed: string[] = [];
  for (const days of [0, 3, 9]) {
    const ran = await createDelivery(db, nobody, newOrder(shop, `failed-${days}`));
    if (ran.kind !== 'done' || ran.result.outcome === 'lost') throw new Error(JSON.stringify(ran));
    const { id } = ran.result.delivery;
    await db.run(
      `UPDATE dispatch.delivery SET status = 'FAILED', dispatch = 'settled', next_dispatch_at = NULL, driver_id = $3, failure_code = 'REFUSED', pickup_rank = NULL, dropoff_rank = NULL,
       exclusive = false, ended_at = now() - $2::int * interval '1 day' WHERE id = $1`,
      [id, days, driver],
    );
    failed.push(id);
  }
  const { deliveries } = await readBoard(db, shop);
  expect(deliveries.map(({ id }) => id).sort()).toEqual(failed.slice(0, 2).sort());
});
