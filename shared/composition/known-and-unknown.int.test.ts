import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { median } from '#infra/proof/bench/figures.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { openInboundShop, SECRET } from '#shared/testing/inbound-shop.ts';
import type { Db } from '../db/open-db.ts';
import { trackByToken } from '../flows/tracking.ts';
import { verifyShop } from '../flows/verify-shop.ts';
import { sha256 } from '../http/auth.ts';
import { openSessions } from '../http/session.ts';
import { openDriverTokens } from '../http/tokens.ts';
import { openApiKeys } from '../secrets/api-key.ts';
import { openSeal } from '../secrets/seal.ts';
import { openTrackingLinks } from '../secrets/tracking-links.ts';
import { openAuthentication } from './open-authentication.ts';
import { openShopBook } from './shop-book.ts';

/*
 * Whoever asks with a wrong proof learns nothing by the time it takes: what there is and what there is not cost the same
 * statements at the same moments, and are remembered for as long.
 */

const ROOT = { secret: 'a token secret for the tests, 32+', previousSecret: null };
const apiKeys = openApiKeys(ROOT);
const tokens = openDriverTokens({ ...ROOT, clock: { nowMs: Date.now } });
const links = openTrackingLinks({ ...ROOT, publicUrl: null });
const wrongSecret = () => randomBytes(32).toString('base64url');

let deps: TestDeps;
let asked: number;
/** How many secrets were deciphered. */
let opened: number;

/** Asks once, with a proof that is refused. */
type Ask = () => Promise<unknown>;
let pairs: Readonly<Record<string, { known: Ask; unknown: Ask }>>;
let invented: readonly Ask[];

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

/** With nothing remembered yet. */
beforeEach(async () => {
  const there = await fill();
  const { bearer, hook, track } = openAsking();
  const key = (keyId: string) => bearer(`dk_${keyId}_${wrongSecret()}`);
  const [signed, byStatic] = [signedWrongly(), { 'x-webhook-secret': 'wrong' }];
  const [token, nobodys] = await Promise.all([there.driverId, randomUUID()].map((id) => tokenOf(there.shopId, id)));
  const link = links.tokenOf(there.ended);
  pairs = {
    'a key with a check value': { known: key(there.marked), unknown: key(apiKeys.make().keyId) },
    'a key without one': { known: key(there.unmarked), unknown: key('never-was') },
    'a driver’s token': { known: bearer(token!), unknown: bearer(nobodys!) },
    'a shop, signed': { known: hook(there.slug, signed), unknown: hook('never-was', signed) },
    'a shop, by its static secret': { known: hook(there.slug, byStatic), unknown: hook('never-was', byStatic) },
    'a customer’s link': { known: track(link), unknown: track(links.tokenOf(randomUUID())) },
  };
  invented = [
    bearer(`dk_${'x'.repeat(65)}_${wrongSecret()}`),
    bearer(token!.replace(/.{43}$/, 'A'.repeat(43))),
    hook('No Slug', signed),
    track(`${link.slice(0, -4)}AAAA`),
  ];
});

/** A shop, two keys of it, a driver, and a delivery that ended so long ago that its link opens nothing any more. */
async function fill() {
  const { id: shopId, slug } = await openInboundShop(deps);
  const { run } = deps.db;
  await run('UPDATE dispatch.shop SET inbound_secrets = array[$2] WHERE id = $1', [
    shopId,
    deps.secretBox.seal(SECRET),
  ]);
  const [marked, unmarked] = [apiKeys.make().keyId, `of-old-${randomUUID()}`];
  await run(
    `INSERT INTO dispatch.api_key (id, shop_id, name, secret_sha256, scopes)
     SELECT id, $1, 'k', $4, '{read}' FROM unnest(array[$2, $3]) AS id`,
    [shopId, marked, unmarked, sha256(wrongSecret())],
  );
  const [driverId] = await buildDrivers(deps.db, shopId, [HERE]);
  const [delivery] = await run<{ id: string }>(
    `INSERT INTO dispatch.delivery (shop_id, status, dispatch, version, pickup, dropoff, ended_at)
     VALUES ($1, 'CANCELLED', 'settled', 1, '{}', '{}', now() - interval '3 days') RETURNING id`,
    [shopId],
  );
  return { shopId, slug, marked, unmarked, driverId: driverId!, ended: delivery!.id };
}

function openAsking() {
  const db = counted(deps.db);
  const [shops, secretBox] = [openShopBook(db), { ...deps.secretBox, open: countedOpen }];
  const sessions = openSessions(openSeal(ROOT), Date.now, null);
  const authenticate = openAuthentication({ operatorKey: null }, { db, tokens, apiKeys, sessions });
  const body = Buffer.from('{}');
  return {
    bearer: (proof: string) => () => authenticate({ authorization: `Bearer ${proof}` }),
    hook: (slug: string, headers: Record<string, string>) => () =>
      verifyShop({ shops, secretBox }, slug, { headers, body, nowMs: Date.now() }),
    track: (link: string) => () => trackByToken({ ...deps, shops, db, links }, link),
  };
}

/** Of this driver, and withdrawn long ago where there is such a driver. */
async function tokenOf(shopId: string, driverId: string): Promise<string> {
  return (await tokens.sign({ shopId, driverId, tokenVersion: 99, shopTokenVersion: 1 })).token;
}

function signedWrongly(): Record<string, string> {
  return {
    'webhook-id': 'm',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': `v1,${randomBytes(32).toString('base64')}`,
  };
}

function countedOpen(stored: string): string {
  opened += 1;
  return deps.secretBox.open(stored);
}

function counted(db: Db): Db {
  const run: Db['run'] = (...statement) => {
    asked += 1;
    return db.run(...statement);
  };
  return { ...db, run, lane: () => ({ ...db, run }) };
}

const KINDS = [
  'a key with a check value',
  'a key without one',
  'a driver’s token',
  'a shop, signed',
  'a shop, by its static secret',
];

test('what shows by itself that it is invented is asked of nobody', async () => {
  asked = 0;
  for (const ask of invented) expect(await ask()).toBeNull();
  expect(asked).toBe(0);
});

test('a link that is over costs what one of a delivery that never was costs', async () => {
  const { known, unknown } = pairs['a customer’s link']!;
  for (const ask of [known, unknown, unknown, known]) {
    asked = 0;
    expect(await ask()).toBeNull();
    expect(asked).toBe(1);
  }
});

test.each(KINDS)('%s: what is not there costs what is there costs, whenever it is asked', async (kind) => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const { known, unknown } = pairs[kind]!;
    const costOf = async (ask: Ask) => {
      // What is remembered for all, for the one before, is forgotten.
      vi.advanceTimersByTime(60_000);
      const costs: string[] = [];
      for (const waitMs of [0, 0, 1_000, 1_500, 2_000, 4_000, 6_000, 12_000]) {
        vi.advanceTimersByTime(waitMs);
        [asked, opened] = [0, 0];
        expect(await ask()).toBeNull();
        costs.push(`${asked} statements, ${opened} secrets`);
      }
      return costs;
    };
    const ofKnown = await costOf(known);
    expect(await costOf(unknown)).toEqual(ofKnown);
    // Something was asked, and something was remembered.
    expect(new Set(ofKnown).size).toBeGreaterThan(1);
  } finally {
    vi.useRealTimers();
  }
});

test.each(KINDS)('%s: nor does the time tell', async (kind) => {
  const { known, unknown } = pairs[kind]!;
  const took = async (ask: Ask) => {
    const startedMs = performance.now();
    await ask();
    return performance.now() - startedMs;
  };
  const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
  for (let n = 0; n < 2_000; n += 1) {
    // Who goes first changes each time: the one behind finds warmer caches.
    const order = n % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
    for (const which of order) times[which].push(await took(which === 'known' ? known : unknown));
  }
  // A statement would take ten times what all the rest does; less than half of it is the noise of a shared machine.
  const ratio = median(times.unknown) / median(times.known);
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
});
