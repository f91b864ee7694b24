import { expect, test } from 'vitest';
import { openDriverTokens } from '#shared/http/tokens.ts';
import { systemClock } from '#shared/runtime/clock.ts';
import { givenAskingShop } from '#shared/testing/asking-shop.ts';
import { buildShop } from '#shared/testing/builders.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;
const tokens = openDriverTokens({ secret: 'a secret for the tests, long enough', clock: systemClock });

async function withCode() {
  const driver = await driverAt();
  const path = `/v1/drivers/${driver.driverId}`;
  const made = await ask('POST', `${path}/pairings`, { body: { expiresInS: 86_400 } });
  expect(made.status).toBe(201);
  return { driver, path, code: made.body.code as string, made: made.body };
}
const pair = (code: string, deviceName = 'Android') =>
  ask('POST', '/v1/pairings', { body: { code, deviceName }, as: null });
/** Another code that is looked for in the same row. */
const wrongFor = (code: string) => `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`;

test('a code is exchanged once for a token that names the phone', async () => {
  const { driver, path, code, made } = await withCode();
  expect(made).toMatchObject({ path: `/drive#pair=${code}` });
  expect(Date.parse(made.expiresAt) - Date.now()).toBeLessThan(601_000);
  const paired = await pair(`${code.slice(0, 5).toLowerCase()}-${code.slice(5)}`);
  expect(paired.status).toBe(201);
  expect(await tokens.verify(paired.body.token)).toMatchObject({
    driverId: driver.driverId,
    shopId: driver.shopId,
    deviceId: paired.body.deviceId,
  });
  expect(Date.parse(paired.body.expiresAt) - Date.now()).toBeGreaterThan(86_000_000);
  expect((await pair(code)).status).toBe(401);
  expect((await ask('GET', `${path}/devices`)).body.items).toMatchObject([
    { id: paired.body.deviceId, name: 'Android', withdrawnAt: null },
  ]);
});

test('of many at once with the same code one gets the driver', async () => {
  const { code } = await withCode();
  const answers = await Promise.all(Array.from({ length: 10 }, () => pair(code)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
});

test('five wrong guesses at once or one after another, and the right code is dead', async () => {
  const { code } = await withCode();
  const guesses = await Promise.all(Array.from({ length: 12 }, () => pair(wrongFor(code))));
  expect(guesses.every(({ status }) => status === 401)).toBe(true);
  const [row] = await given.deps.db.run<{ misses: number }>('SELECT misses FROM dispatch.pairing WHERE finder = $1', [
    code.slice(0, 4),
  ]);
  expect(row).toEqual({ misses: 5 });
  expect((await pair(code)).status).toBe(401);
});

test('four wrong guesses leave the right one', async () => {
  const { code } = await withCode();
  for (let n = 0; n < 4; n += 1) await pair(wrongFor(code));
  expect((await pair(code)).status).toBe(201);
});

test('a code past its time, of a retired driver, or for another shop’s driver', async () => {
  const [old, retired] = [await withCode(), await withCode()];
  await given.deps.db.run(`UPDATE dispatch.pairing SET expires_at = now() WHERE finder = $1`, [old.code.slice(0, 4)]);
  expect((await ask('DELETE', retired.path)).status).toBe(204);
  for (const { code } of [old, retired]) expect((await pair(code)).status).toBe(401);
  const stranger = { ...given.shop, shopId: await buildShop(given.deps.db) };
  expect((await ask('POST', `${old.path}/pairings`, { as: stranger })).status).toBe(404);
});

test('phones are withdrawn one by one, by the shop or by the driver; of eleven the oldest goes', async () => {
  const { driver, path, code } = await withCode();
  const first = (await pair(code)).body.deviceId;
  const codes = [];
  for (let n = 0; n < 10; n += 1) codes.push((await ask('POST', `${path}/pairings`)).body.code);
  for (const each of codes) expect((await pair(each)).status).toBe(201);
  const listed = async () => (await ask('GET', `${path}/devices`)).body.items as { id: string; withdrawnAt: unknown }[];
  const going = async () => (await listed()).filter(({ withdrawnAt }) => withdrawnAt === null).map(({ id }) => id);
  expect(await going()).toHaveLength(10);
  expect(await going()).not.toContain(first);
  const [second, third] = await going();
  expect((await ask('DELETE', `${path}/devices/${second}`)).status).toBe(204);
  expect((await ask('DELETE', `${path}/devices/${third}`, { as: driver })).status).toBe(204);
  expect(await going()).toHaveLength(8);
  const other = await driverAt();
  expect((await ask('DELETE', `${path}/devices/${first}`, { as: other })).status).toBe(404);
  expect((await ask('DELETE', `/v1/drivers/${other.driverId}/devices/${first}`)).status).toBe(404);
});

test('an erased driver leaves no phone', async () => {
  const { path, code } = await withCode();
  await pair(code);
  expect((await ask('POST', `${path}/erase`)).status).toBe(204);
  expect((await ask('GET', `${path}/devices`)).body.items).toEqual([]);
});
