import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '#infra/workshop/embedded/postgres.ts';
import { makeWorkDir, unprivilegedUser } from '#infra/workshop/embedded/unprivileged.ts';
import { applyMigrations } from '#shared/db/migrate.ts';
import { type Db, openDb } from '#shared/db/open-db.ts';
import { createDelivery } from '#shared/db/statements/create-delivery.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { buildShop, newOrder } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { nobody } from '#shared/testing/shop-commands.ts';
import { changesSince } from './changes.ts';

/*
 * A Postgres that dies forgets the numbers of transactions that were rolled back shortly before, and hands them out
 * again; one that takes over from it forgets what had not reached it. A server of one's own, since it is killed here.
 */

let folder: string;
let server: EmbeddedPostgres;
let db: Db;
let shop: string;

beforeAll(async () => {
  folder = makeWorkDir('dispatch-crash-', unprivilegedUser());
  await start('first');
  await applyMigrations(server.url);
  // What is not committed is written to disk late, so that a crash surely forgets it.
  await db.run(`ALTER SYSTEM SET wal_writer_delay = '10s'`);
  await db.run('SELECT pg_reload_conf()');
  shop = await buildShop(db);
}, 60_000);
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

const dataDir = (name: string) => path.join(folder, name);

async function start(name: string): Promise<void> {
  server = await startPostgres({ durable: true, dataDir: dataDir(name) });
  db = openDb({ url: server.url, pool: 2, prepare: true, sessionTimeouts: true });
}
async function stop(): Promise<void> {
  await db.close();
  await server.stop();
}

async function order(ref: string): Promise<string> {
  const ran = await createDelivery(db, nobody, newOrder(shop, ref));
  if (ran.kind !== 'done' || ran.result.outcome === 'lost') throw new Error(JSON.stringify(ran));
  return ran.result.delivery.id;
}

/** Uses up the numbers of `count` transactions that leave nothing behind. */
async function rollBack(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await db.run(`SELECT 1 / length(left(pg_current_xact_id()::text, 0))`).catch(() => {});
  }
}

/** What a follower shows who had everything up to `cursor`. */
async function ordersSince(cursor: string): Promise<readonly (string | null)[]> {
  const { deliveries } = await changesSince({ db }, shop, cursor);
  return deliveries.map(({ sellerOrderId }) => sellerOrderId);
}

test('what is stored after a crash of Postgres is told to whoever followed before it', async () => {
  await order('before the crash');
  await rollBack(50);
  const { cursor } = await changesSince({ db }, shop, null);
  process.kill(server.pid, 'SIGQUIT');
  await stop();
  await start('first');
  for (const n of [1, 2, 3]) await order(`after the crash ${n}`);
  await rollBack(50);
  expect(await ordersSince(cursor)).toEqual(
    expect.arrayContaining(['after the crash 1', 'after the crash 2', 'after the crash 3']),
  );
}, 60_000);

test('and after one of a backend, which all others share without a start of the server', async () => {
  await order('before the backend');
  await rollBack(50);
  const { cursor } = await changesSince({ db }, shop, null);
  const [backend] = await db.run<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  process.kill(backend!.pid, 'SIGKILL');
  await eventually(() =>
    order('after the backend').catch((error: unknown) => {
      if (!(error instanceof DependencyAway)) throw error;
      return false;
    }),
  );
  await rollBack(50);
  expect(await ordersSince(cursor)).toContain('after the backend');
}, 60_000);

test('and after a failover to a server that had not everything', async () => {
  await order('had by both');
  await stop();
  execFileSync('cp', ['-a', dataDir('first'), dataDir('second')]);
  await start('first');
  for (let n = 0; n < 20; n += 1) await order(`lost ${n}`);
  const { cursor } = await changesSince({ db }, shop, null);
  await stop();
  await start('second');
  await order('after the failover');
  for (let n = 0; n < 40; n += 1) await order(`later ${n}`);
  const changes = await changesSince({ db }, shop, cursor);
  const shown = changes.deliveries.map(({ sellerOrderId }) => sellerOrderId);
  expect(shown).toEqual(expect.arrayContaining(['had by both', 'after the failover', 'later 39']));
  expect(shown).not.toContain('lost 0');
  expect(changes.full).toBe(true);
}, 60_000);
