import path from 'node:path';
import { pathToFileURL } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../../workshop/embedded/postgres.ts';

/* The bundles that are deployed, on a real PostgreSQL. */

const TOKEN_SECRET = 'a token secret for the tests, 32+';
let server: EmbeddedPostgres;
let owner: postgres.Sql;

beforeAll(async () => {
  server = await startPostgres({ durable: false });
  owner = postgres(server.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner?.end();
  await server?.stop();
});
afterEach(() => vi.unstubAllEnvs());

async function call(name: string, env: Record<string, string>): Promise<unknown> {
  for (const [key, value] of Object.entries(env)) vi.stubEnv(key, value);
  const bundle = pathToFileURL(path.join(import.meta.dirname, `../dist/lambda/${name}/function.mjs`)).href;
  const { handler } = (await import(bundle)) as { handler: () => Promise<unknown> };
  return handler();
}

const prepare = (password: string) =>
  call('prepare-database', {
    DATABASE_URL: server.url,
    APP_USER: 'dispatch_app',
    APP_PASSWORD: password,
    TOKEN_SECRET,
  });
const asApp = () => {
  const url = new URL(server.url);
  url.username = 'dispatch_app';
  return url.href;
};

test('prepares an empty database, and one that is prepared', async () => {
  expect(await prepare(`it's "quoted" \\ and $1`)).toEqual({ ok: true });
  expect(await prepare('another')).toEqual({ ok: true });
  const shops = await owner`SELECT slug FROM dispatch.shop`;
  expect(shops.map(({ slug }) => slug as string)).toEqual(['default']);
});

test('the functions’ role: rows but not tables, and the time limits that no session asks for', async () => {
  const app = postgres(asApp(), { max: 1, onnotice: () => {} });
  try {
    const [limits] =
      await app`SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
      current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('plan_cache_mode') AS plans`;
    expect(limits).toEqual({ statement: '2s', lock: '2s', idle: '5s', plans: 'force_generic_plan' });
    await app`INSERT INTO dispatch.shop (slug, name) VALUES ('s', 'S')`;
    await app`DELETE FROM dispatch.shop WHERE slug = 's'`;
    await expect(app`DROP TABLE dispatch.shop`).rejects.toThrow(/must be owner/);
    await expect(app`CREATE TABLE dispatch.mine (n int)`).rejects.toThrow(/permission denied/);
    await expect(app`DELETE FROM dispatch.migrations`).rejects.toThrow(/permission denied/);
    expect(await app`SELECT count(*) FROM dispatch.migrations`).toHaveLength(1);
    await expect(app`SELECT pg_sleep(3)`).rejects.toThrow(/statement timeout/);
  } finally {
    await app.end();
  }
});

test('measures what waits, as the functions’ role', async () => {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((line) => Boolean(lines.push(String(line))));
  const measure = () =>
    call('measure', {
      DATABASE_URL: asApp(),
      DB_PREPARE: 'false',
      DB_SESSION_TIMEOUTS: 'false',
      TOKEN_SECRET,
      STACK: 'Test',
    });
  try {
    expect(await measure()).toEqual({ outboxOldestS: 0, outboxParked: 0, projectionOldestS: 0, deliveriesWaiting: 0 });
    await makeBacklog();
    expect(await measure()).toEqual({
      outboxOldestS: expect.closeTo(600, -1),
      outboxParked: 1,
      projectionOldestS: expect.closeTo(60, -1),
      deliveriesWaiting: 1,
    });
  } finally {
    spy.mockRestore();
  }
  const said = JSON.parse(lines.find((line) => line.includes('CloudWatchMetrics'))!);
  expect(said).toMatchObject({
    stack: 'Test',
    _aws: { CloudWatchMetrics: [{ Namespace: 'DriverDispatch', Dimensions: [['stack']] }] },
  });
  for (const { Name } of said._aws.CloudWatchMetrics[0].Metrics) expect(said).toHaveProperty(Name);
});

/** Of a shop with a webhook: an event ten minutes old and one given up; of one without: an event that nobody waits for. */
async function makeBacklog(): Promise<void> {
  await owner`INSERT INTO dispatch.shop (slug, name, webhook_url) VALUES ('a', 'A', 'https://shop.example/')`;
  await owner`INSERT INTO dispatch.delivery (shop_id, order_ref, status, dispatch, version, pickup, dropoff, ended_at)
    SELECT s.id, n, CASE n WHEN 1 THEN 'PENDING' ELSE 'CANCELLED' END, CASE n WHEN 1 THEN 'needs_location' ELSE 'settled' END,
           1, '{}', '{}', CASE n WHEN 1 THEN NULL ELSE now() END
      FROM generate_series(1, 3) n JOIN dispatch.shop s ON s.slug = CASE n WHEN 3 THEN 'default' ELSE 'a' END`;
  await owner`INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
    SELECT id, 1, shop_id, 'CREATED', 'PENDING', now(), 'test' FROM dispatch.delivery`;
  await owner`INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body, created_at)
    SELECT shop_id, id, 1, 'E', '{}', now() - CASE order_ref WHEN '1' THEN interval '10 min' ELSE interval '4 d' END
      FROM dispatch.delivery`;
  await owner`UPDATE dispatch.outbox_lane l SET due_at = NULL, parked_at = now() FROM dispatch.delivery x
    WHERE x.id = l.delivery_id AND x.order_ref = '2'`;
  await owner`INSERT INTO dispatch.driver (shop_id, name) SELECT id, 'D' FROM dispatch.shop WHERE slug = 'a'`;
  await owner`INSERT INTO dispatch.projection_dirty (driver_id, shop_id, version, marked_at)
    SELECT id, shop_id, 1, now() - interval '1 min' FROM dispatch.driver`;
}
