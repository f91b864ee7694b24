import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fillBlocked, fillEvents } from '#shared/testing/blocked-events.ts';
import { buildShop } from '#shared/testing/builders.ts';
import { asked, executionOf, explain, pagesOf } from '#shared/testing/explain.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { type Db, openDb } from '../open-db.ts';
import { type Claim, type ClaimedEvent, claimEvents, renewLeases, settleEvents } from './outbox.ts';

let database: TestDatabase;
let db: Db;
let other: postgres.Sql;
let shop: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDb({ url: database.url, pool: 4, prepare: true, sessionTimeouts: false });
  other = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await db?.close();
  await other?.end();
  await database?.drop();
});
beforeEach(async () => {
  await db.run('TRUNCATE dispatch.outbox_lane, dispatch.outbox');
  shop = await buildShop(db);
});

const as = (relay: string, rest: Partial<Claim> = {}): Claim => ({
  relay,
  limit: 256,
  perShop: 16,
  underWay: {},
  ...rest,
});
const sent = (events: readonly ClaimedEvent[]) => events.map((event) => ({ event, as: { outcome: 'sent' } as const }));
const sequences = (events: readonly ClaimedEvent[]) => events.map(({ seq }) => seq);
const lanes = () =>
  db.run<{ last_seq: number; due: boolean; leased_by: string | null }>(
    'SELECT last_seq, due_at <= now() AS due, leased_by FROM dispatch.outbox_lane ORDER BY delivery_id',
  );

/** Pages that a claim of a relay that has been here since the tables were small looks at. */
async function pagesOfClaim(): Promise<number> {
  return pagesOf(
    await explain(other, executionOf('claim', await asked((nowhere) => claimEvents(nowhere, as('looks'))))),
  );
}

describe('a claim', () => {
  test('costs what it takes, however many events are blocked, of shops that fail and of one that is gone', async () => {
    await other.unsafe(`SET plan_cache_mode = force_generic_plan`);
    await other.unsafe(`PREPARE claim AS ${(await asked((nowhere) => claimEvents(nowhere, as('looks')))).text}`);
    const well = await buildShop(db);
    await fillEvents(db, well, 5, 3);
    const before = await pagesOfClaim();
    await fillBlocked(db, shop, 5_000, 4);
    const gone = await buildShop(db);
    await fillEvents(db, gone, 5_000, 1);
    await db.run('UPDATE dispatch.shop SET webhook_disabled_at = now() WHERE id = $1', [gone]);
    // Twice: an index of 10,000 is a page deeper at each look. As autovacuum does within a minute: what the lanes were before they failed still stands in the index.
    await db.run('VACUUM dispatch.outbox_lane');
    expect(await pagesOfClaim()).toBeLessThan(2 * before);
    await db.run('ANALYZE');
    expect(await pagesOfClaim()).toBeLessThan(2 * before);
    const claimed = await claimEvents(db, as('relay'));
    expect(claimed.map(({ shop_id, seq }) => [shop_id, seq])).toEqual(Array(5).fill([well, 1]));
  });

  test('takes the first event of each delivery, the shop first that has fewest under way', async () => {
    const quiet = await buildShop(db);
    await fillEvents(db, shop, 20, 2);
    await fillEvents(db, quiet, 3, 2);
    const claimed = await claimEvents(db, as('relay', { limit: 6, underWay: { [shop]: 2 } }));
    const shares = [quiet, shop].map((each) => claimed.filter(({ shop_id }) => shop_id === each).length);
    expect(shares).toEqual([3, 3]);
    expect(sequences(claimed)).toEqual(Array(6).fill(1));
    expect(await claimEvents(db, as('relay', { perShop: 4, underWay: { [shop]: 3, [quiet]: 4 } }))).toHaveLength(1);
  });

  test('drops a lane whose events a relay of the version before has sent', async () => {
    await fillEvents(db, shop, 1, 2);
    await db.run('UPDATE dispatch.outbox SET sent_at = now()');
    expect(await claimEvents(db, as('relay'))).toEqual([]);
    expect(await lanes()).toEqual([]);
  });
});

describe('a relay that dies with leases', () => {
  test('keeps no other delivery of the shop waiting, and its own for six seconds at most', async () => {
    await fillEvents(db, shop, 20, 2);
    const dead = await claimEvents(db, as('dead'));
    expect(dead).toHaveLength(16);
    const first = await claimEvents(db, as('alive'));
    expect(first).toHaveLength(4);
    await settleEvents(db, 'alive', sent(first));
    const next = await claimEvents(db, as('alive'));
    expect(sequences(next)).toEqual([2, 2, 2, 2]);
    const [longest] = await db.run<{ s: number }>(
      `SELECT extract(epoch FROM max(due_at) - now())::float8 AS s FROM dispatch.outbox_lane WHERE leased_by = 'dead'`,
    );
    expect(longest?.s).toBeLessThanOrEqual(6);
    await db.run(`UPDATE dispatch.outbox_lane SET due_at = now() WHERE leased_by = 'dead'`);
    const taken = await claimEvents(db, as('alive'));
    expect(taken.map(({ id, attempts }) => [id, attempts]).sort()).toEqual(dead.map(({ id }) => [id, 2]).sort());
  });

  test('or only seemed to, no longer says how its events went', async () => {
    await fillEvents(db, shop, 1, 2);
    const slow = await claimEvents(db, as('slow'));
    await db.run('UPDATE dispatch.outbox_lane SET due_at = now()');
    const quick = await claimEvents(db, as('quick'));
    await settleEvents(db, 'slow', [{ event: slow[0]!, as: { outcome: 'parked', error: 'too late' } }]);
    expect(await lanes()).toEqual([{ last_seq: 2, due: false, leased_by: 'quick' }]);
    await settleEvents(db, 'quick', sent(quick));
    expect(sequences(await claimEvents(db, as('quick')))).toEqual([2]);
  });

  test('an endpoint that is gone (410) ends the shop’s sending, unless the shop has named another one meanwhile', async () => {
    const isDisabled = async () =>
      (
        await db.run<{ is: boolean }>('SELECT webhook_disabled_at IS NOT NULL AS is FROM dispatch.shop WHERE id = $1', [
          shop,
        ])
      )[0]!.is;
    await fillEvents(db, shop, 1, 1);
    const [event] = await claimEvents(db, as('relay'));
    const gone = [{ event: event!, as: { outcome: 'gone', error: 'status 410' } as const }];
    await db.run(`UPDATE dispatch.shop SET webhook_url = 'https://new.example/hooks' WHERE id = $1`, [shop]);
    await settleEvents(db, 'relay', gone);
    expect(await isDisabled()).toBe(false);
    const again = await claimEvents(db, as('relay'));
    expect(again).toMatchObject([{ url: 'https://new.example/hooks' }]);
    await settleEvents(db, 'relay', [{ ...gone[0]!, event: again[0]! }]);
    expect(await isDisabled()).toBe(true);
  });

  test('a lease that is renewed is nobody else’s; one that has been lost is not renewed', async () => {
    const ids = await fillEvents(db, shop, 2, 1);
    await claimEvents(db, as('relay'));
    await db.run(`UPDATE dispatch.outbox_lane SET due_at = now() + interval '1 ms'`);
    await renewLeases(db, 'relay', ids);
    expect(await claimEvents(db, as('another'))).toEqual([]);
    await db.run(`UPDATE dispatch.outbox_lane SET leased_by = 'another', due_at = now()`);
    await renewLeases(db, 'relay', ids);
    expect((await lanes()).map(({ due }) => due)).toEqual([true, true]);
  });
});

describe('an event written while the one before it is settled', () => {
  const WRITE = `WITH e AS (INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
      SELECT delivery_id, 2, shop_id, 'UPDATED', 'PENDING', now(), 'test' FROM dispatch.delivery_event WHERE delivery_id = $1 AND seq = 1
      RETURNING delivery_id, shop_id)
    INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) SELECT shop_id, delivery_id, 2, 'E', '{}' FROM e`;

  test('and not yet committed: is sent next', async () => {
    const [id] = await fillEvents(db, shop, 1, 1);
    const claimed = await claimEvents(db, as('relay'));
    await other.unsafe('BEGIN');
    await other.unsafe(WRITE, [id!]);
    const settling = settleEvents(db, 'relay', sent(claimed));
    await untilSomebodyWaits();
    await other.unsafe('COMMIT');
    await settling;
    expect(sequences(await claimEvents(db, as('relay')))).toEqual([2]);
  });

  test('and waits for that: is sent next', async () => {
    const [id] = await fillEvents(db, shop, 1, 1);
    const claimed = await claimEvents(db, as('relay'));
    const settle = await asked((nowhere) => settleEvents(nowhere, 'relay', sent(claimed)));
    await other.unsafe('BEGIN');
    await other.unsafe(settle.text, settle.parameters as string[]);
    const writing = db.run(WRITE, [id]);
    await untilSomebodyWaits();
    await other.unsafe('COMMIT');
    await writing;
    expect(sequences(await claimEvents(db, as('relay')))).toEqual([2]);
  });

  async function untilSomebodyWaits(): Promise<void> {
    await expect
      .poll(() =>
        db.run(`SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database
        WHERE datname = current_database()) UNION ALL SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event_type = 'Lock'`),
      )
      .not.toEqual([]);
  }
});
