import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '#shared/db/open-db.ts';
import { EVERY_STATEMENT } from '#shared/testing/every-statement.ts';
import { openPatientDb } from '#shared/testing/patient-db.ts';
import type { Asking, Statement } from '#shared/testing/statements/asking.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { fillOneOfTwo } from '#shared/testing/two-shops.ts';

/*
 * To a shop it makes no difference whether there is another one. Every statement that is sent for one shop is asked with
 * a second shop of equal data in the tables, and again without it: it has to answer the same, and to leave the other's
 * rows as they are. It is asked about what is its own, and about ids of the other, which must be as good as unknown.
 *
 * This test is what keeps shops apart, beside the predicate that each statement writes by hand. Row-level security was
 * tried as a second belt and left out: .github/CONTRIBUTING.md says why, with figures.
 */

/** Those that are told no shop, by why. A new one has to be put here by whoever has thought about it. */
const TOLD_NO_SHOP: Readonly<Record<string, readonly string[]>> = {
  'the relay looks after all shops': [
    'claimEvents',
    'claimPushes',
    'endBreaks',
    'exhaustDeliveries',
    'forgetDeliveries',
    'forgetDriverEvents',
    'forgetKeys',
    'forgetOutbox',
    'forgetPositions',
    'listShopsOfSilent',
    'listStranded',
    'markUnreachable',
    'readDirty',
    'readDueShops',
    'readOldPhotos',
    'readShopsToPlanAnew',
    'readUnsealed',
    'releaseDue',
    'selectShops',
    'sweepSilentDrivers',
  ],
  'by ids that the service itself has just read for a shop': [
    'clearDirty',
    'dropPhotos',
    'readAskedBefore',
    'readPhotoNote',
    'readStopsBefore',
    'renewLeases',
  ],
  'by what a genuine link, token, key, ticket, code or cookie says, and asked for whose it is': [
    'insertSession',
    'noteKeyUse',
    'readKey',
    'readOldestKeys',
    'readShopsBySlug',
    'readTokenVersions',
    'readTracked',
    'usePairing',
    'useTicket',
  ],
  'by the operator, for all shops': ['createShop', 'insertDefaultShop', 'readGaugeRow', 'selectDeliveriesNamed'],
  'of the service, not of shops': [
    'checkSchema',
    'couldBeHeard',
    'keepPushKey',
    'readNowMs',
    'readPushKey',
    'resealPushKey',
  ],
};

let database: TestDatabase;
let db: Db;
let mine: Asking;
let theirs: Asking;
/** With a column `shop_id`. */
let tables: readonly string[];

beforeAll(async () => {
  database = await testDatabase();
  db = openPatientDb(database.url);
  mine = await fillOneOfTwo(db);
  theirs = await fillOneOfTwo(db);
  const rows = await db.run<{ name: string }>(
    `SELECT c.table_name AS name FROM information_schema.columns c JOIN information_schema.tables t
       USING (table_schema, table_name)
     WHERE c.table_schema = 'dispatch' AND c.column_name = 'shop_id' AND t.table_type = 'BASE TABLE' ORDER BY 1`,
  );
  tables = rows.map(({ name }) => name);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/** A hash of the other shop's rows, by table; null: it has none. */
async function theirRows(): Promise<Readonly<Record<string, string | null>>> {
  const hash = "md5(string_agg(t::text, ';' ORDER BY t::text))";
  const parts = tables.map((name) => `(SELECT ${hash} FROM dispatch.${name} t WHERE shop_id = $1) AS ${name}`);
  const shop = `(SELECT ${hash} FROM dispatch.shop t WHERE id = $1) AS shop`;
  const [row] = await db.run<Record<string, string | null>>(`SELECT ${[shop, ...parts].join(', ')}`, [theirs.shop]);
  return row!;
}

/** As if they had never been. */
async function removeThem(): Promise<void> {
  await db.run('SET LOCAL session_replication_role = replica');
  await db.run(
    `DELETE FROM dispatch.console_session WHERE key_id IN (SELECT id FROM dispatch.api_key WHERE shop_id = $1)`,
    [theirs.shop],
  );
  for (const name of tables) await db.run(`DELETE FROM dispatch.${name} WHERE shop_id = $1`, [theirs.shop]);
  await db.run('DELETE FROM dispatch.shop WHERE id = $1', [theirs.shop]);
  await db.run('SET LOCAL session_replication_role = origin');
}

/** What `work` says and leaves behind, of which nothing stays. */
async function tried<Result>(work: () => Promise<Result>): Promise<Result> {
  await db.run('SAVEPOINT tried');
  try {
    return await work();
  } finally {
    await db.run('ROLLBACK TO SAVEPOINT tried');
  }
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** A cursor moves with everything that anybody writes in this PostgreSQL, and when this process asked is its own matter. */
const OF_THE_MOMENT = /"(cursor|last|read_at_ms)":("[\d.]+"|[\d.]+)/g;

/** Its answer as text, or by which code PostgreSQL refuses it; ids that are born with it are not told apart. */
async function answerOf(name: string, asking: Asking): Promise<string> {
  try {
    const answer = JSON.stringify(await EVERY_STATEMENT[name]!(db, asking)) ?? 'nothing';
    return answer.replaceAll(UUID, 'id').replaceAll(OF_THE_MOMENT, '');
  } catch (error) {
    return `refused: ${(error as { code?: string }).code}`;
  }
}

async function isOfOneShop(name: string, asking: Asking): Promise<void> {
  const [before, { answer, after }] = [await theirRows(), await tried(async () => withThem(name, asking))];
  const alone = await tried(async () => {
    await removeThem();
    return answerOf(name, asking);
  });
  expect(answer, 'the answer').toBe(alone);
  if (after !== null) expect(after, 'their rows').toEqual(before);
}

async function withThem(name: string, asking: Asking) {
  const answer = await answerOf(name, asking);
  return { answer, after: answer.startsWith('refused') ? null : await theirRows() };
}

async function inTransaction(work: () => Promise<void>): Promise<void> {
  await db.run('BEGIN');
  try {
    await work();
  } finally {
    await db.run('ROLLBACK');
  }
}

test('the other shop has rows in every table that is of shops', async () => {
  const rows = await theirRows();
  expect(Object.keys(rows).filter((name) => rows[name] === null)).toEqual([]);
});

const UNKNOWN: Asking = {
  shop: '',
  drivers: [],
  waiting: [],
  ended: '',
  plan: { shop_id: '', rows: [], parts: [], holds: [], decisions: [], eta_change_s: 0 },
  cursor: '',
};

/** Whether it is told a shop: whether it looks at which one is asked about. */
async function isToldShop(statement: Statement): Promise<boolean> {
  let looked = false;
  const asking = new Proxy(UNKNOWN, {
    get(target, key: keyof Asking) {
      looked ||= key === 'shop' || key === 'plan';
      return target[key];
    },
  });
  const nothing: Db = { run: () => Promise.reject(new Error('only looked at')), close: async () => {} };
  await statement(nothing, asking).catch(() => {});
  return looked;
}

test('whatever is told no shop is known to be', async () => {
  const toldNone: string[] = [];
  for (const [name, statement] of Object.entries(EVERY_STATEMENT)) {
    if (!(await isToldShop(statement))) toldNone.push(name);
  }
  expect(toldNone.sort()).toEqual(Object.values(TOLD_NO_SHOP).flat().sort());
});

const told = Object.keys(EVERY_STATEMENT).filter((name) => !Object.values(TOLD_NO_SHOP).flat().includes(name));

describe.each(told)('%s', (name) => {
  test('asked about its own', () => inTransaction(() => isOfOneShop(name, mine)));
  test('asked with ids of the other', () =>
    inTransaction(() =>
      isOfOneShop(name, { ...theirs, shop: mine.shop, plan: { ...theirs.plan, shop_id: mine.shop } }),
    ));
});
