import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '#shared/testing/eventually.ts';
import { type TestDatabase, testDatabase } from '#shared/testing/stores.ts';
import { readKey } from '../domain/key-text.ts';
import { makePairing, pairDevice, withdrawDevice } from '../flows/devices.ts';
import { beginSession, endSession } from '../flows/login.ts';
import { grantKey, revokeKey } from '../flows/shops.ts';
import { withdrawEverything } from '../flows/withdraw-everything.ts';
import { readConfig } from '../runtime/config.ts';
import { openDeps, type ServiceDeps } from './deps.ts';

/* Two processes on one database: what ends in one is over in the other within 10 s. */

const WITHIN_MS = 10_000;
let database: TestDatabase;
let here: ServiceDeps;
let there: ServiceDeps;
let shopId: string;
const caller = { actor: 'test', idempotency: null, degraded: new Set<'redis'>() };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const idOf = (each: string) => readKey(each)!.keyId;
const key = async (expiresInS: number | null = null) =>
  (await grantKey(here, caller, shopId, { name: 'test', scopes: ['read'], expiresInS }, here.apiKeys)).key ?? '';

beforeAll(async () => {
  database = await testDatabase();
  const config = readConfig({
    DATABASE_URL: database.url,
    TOKEN_SECRET: 'a token secret for the tests, 32+',
    LOG_LEVEL: 'silent',
  });
  [here, there] = [openDeps(config, 'on'), openDeps(config, 'on')];
  const [shop] = await here.db.run<{ id: string }>(
    `INSERT INTO dispatch.shop (slug, name) VALUES ('ends', 'Ends') RETURNING id`,
  );
  shopId = shop!.id;
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

test.concurrent(
  'a withdrawn key, and one past its time',
  async () => {
    const [withdrawn, short] = [await key(), await key()];
    for (const each of [withdrawn, short]) {
      expect(await there.authenticate(bearer(each))).toMatchObject({ kind: 'shop', shopId });
    }
    await revokeKey(here, idOf(withdrawn), shopId);
    await here.db.run(`UPDATE dispatch.api_key SET expires_at = now() WHERE id = $1`, [idOf(short)]);
    const startedMs = performance.now();
    for (const each of [withdrawn, short])
      await eventually(async () => (await there.authenticate(bearer(each))) === null, { timeoutMs: WITHIN_MS });
    expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS);
  },
  2 * WITHIN_MS,
);

test.concurrent('that a key is used is noted, by who proves it and not by who knows its id', async () => {
  const used = await key();
  const lastUsed = async () =>
    (
      await here.db.run<{ at: string | null }>('SELECT last_used_at AS at FROM dispatch.api_key WHERE id = $1', [
        idOf(used),
      ])
    )[0]?.at;
  await here.authenticate(bearer(`${used.slice(0, -4)}aaaa`));
  await here.authenticate(bearer(await key()));
  expect(await lastUsed()).toBeNull();
  await here.authenticate(bearer(used));
  await eventually(async () => (await lastUsed()) !== null);
});

test.concurrent(
  'a session that is logged out, and one whose key is withdrawn',
  async () => {
    const ours = { 'sec-fetch-site': 'same-origin' };
    const begun = await Promise.all(
      [await key(), await key()].map(async (each) => {
        const keyId = idOf(each);
        const id = (await beginSession(here, keyId, 3_600)) ?? '';
        const cookie = here.sessions.cookieOf({ id, shopId, keyId }, {}).split(';')[0] ?? '';
        return { id, keyId, headers: { ...ours, cookie } };
      }),
    );
    const isIn = async (headers: Record<string, string>) => (await there.authenticate(headers)) !== null;
    for (const { headers } of begun) expect(await isIn(headers)).toBe(true);
    await endSession(here, begun[0]!.id);
    await revokeKey(here, begun[1]!.keyId, shopId);
    for (const { headers } of begun)
      await eventually(async () => !(await isIn(headers)), { timeoutMs: WITHIN_MS, everyMs: 200 });
  },
  3 * WITHIN_MS,
);

test.concurrent(
  'a phone that is withdrawn, and not the driver’s other one',
  async () => {
    const [driver] = await here.db.run<{ id: string }>(
      `INSERT INTO dispatch.driver (shop_id, name) VALUES ($1, 'Asha') RETURNING id`,
      [shopId],
    );
    const which = { shopId, driverId: driver!.id };
    const phone = async () => {
      const { code } = (await makePairing(here, here.pairingCodes, which, 3_600)) ?? {};
      const device = (await pairDevice(there, there.pairingCodes, code ?? '', 'Phone'))!;
      const claims = { ...which, deviceId: device.id, tokenVersion: device.token_version };
      const { token } = await here.tokens.sign({ ...claims, shopTokenVersion: device.shop_token_version });
      return { id: device.id, headers: bearer(token) };
    };
    const lost = await phone();
    expect(await there.authenticate(lost.headers)).toMatchObject({ deviceId: lost.id });
    // What is remembered of the driver is from before their second phone.
    const kept = await phone();
    await eventually(async () => (await there.authenticate(kept.headers)) !== null, { timeoutMs: 2_000 });
    expect(await there.authenticate(kept.headers)).toEqual({ kind: 'driver', ...which, deviceId: kept.id });
    expect(await withdrawDevice(here, which, lost.id)).toBe(true);
    await eventually(async () => (await there.authenticate(lost.headers)) === null, {
      timeoutMs: WITHIN_MS,
      everyMs: 200,
    });
    expect(await there.authenticate(kept.headers)).toEqual({ kind: 'driver', ...which, deviceId: kept.id });
  },
  2 * WITHIN_MS,
);

test(
  'after a leak nothing that was given out is good',
  async () => {
    const [driver] = await here.db.run<{ id: string }>(
      `INSERT INTO dispatch.driver (shop_id, name) VALUES ($1, 'Ben') RETURNING id`,
      [shopId],
    );
    const claims = { driverId: driver!.id, shopId, tokenVersion: 1, shopTokenVersion: 1 };
    const { token } = await here.tokens.sign(claims);
    const proofs = [token, await key()];
    for (const each of proofs) expect(await there.authenticate(bearer(each))).not.toBeNull();
    await withdrawEverything(here, shopId);
    for (const each of proofs)
      await eventually(async () => (await there.authenticate(bearer(each))) === null, {
        timeoutMs: WITHIN_MS,
        everyMs: 200,
      });
  },
  3 * WITHIN_MS,
);
