import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { sealSecrets } from '../flows/seal-secrets.ts';
import { openSecretBox, SecretLostError } from '../secrets/secret-box.ts';
import { openPushKey } from './push-key.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(() => deps.db.run('DELETE FROM dispatch.push_key'));

test('of any number who need a key at once, one is made, and everybody has the same', async () => {
  const asked = Array.from({ length: 12 }, () => openPushKey(deps, null));
  const pairs = await Promise.all(asked.map((key) => key.pair()));
  expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(1);
  const [pair] = pairs;
  expect(Buffer.from(pair!.publicKey, 'base64url')).toHaveLength(65);
  expect(Buffer.from(pair!.privateKey, 'base64url')).toHaveLength(32);
  expect(await openPushKey(deps, null).publicKey()).toBe(pair!.publicKey);
});

test('the private key is stored sealed, and sealed anew with another TOKEN_SECRET', async () => {
  const { privateKey } = await openPushKey(deps, null).pair();
  const stored = async () => JSON.stringify(await deps.db.run('SELECT * FROM dispatch.push_key'));
  expect(await stored()).not.toContain(privateKey);
  const [secret, previousSecret] = ['another token secret for the tests, 32+', 'a token secret for the tests, 32+'];
  await expect(
    openPushKey({ ...deps, secretBox: openSecretBox({ secret, previousSecret: null }) }, null).pair(),
  ).rejects.toThrow(SecretLostError);
  await sealSecrets({ ...deps, secretBox: openSecretBox({ secret, previousSecret }) });
  const after = openPushKey({ ...deps, secretBox: openSecretBox({ secret, previousSecret: null }) }, null);
  expect((await after.pair()).privateKey).toBe(privateKey);
});

test('a pair from the environment is the one; none is made', async () => {
  const given = { publicKey: 'public', privateKey: 'private' };
  const key = openPushKey(deps, given);
  expect([await key.publicKey(), await key.pair()]).toEqual(['public', given]);
  expect(await deps.db.run('SELECT 1 FROM dispatch.push_key')).toEqual([]);
});
