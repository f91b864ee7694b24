import { createHash } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { deriveKey } from '../secrets/derive-key.ts';
import { openDriverTokens } from './tokens.ts';

const SECRET = 'the present secret of 32 letters';
const PREVIOUS = 'the secret before, of 32 letters';
const claims = {
  driverId: '01a205a1-8b18-7352-8761-b07d38212328',
  shopId: '01a205a1-8b18-7352-8761-b07d38212329',
  tokenVersion: 2,
  shopTokenVersion: 3,
};
const START_MS = Date.UTC(2026, 0, 1);

function opened(secret = SECRET, previousSecret: string | null = null) {
  let nowMs = START_MS;
  const tokens = openDriverTokens({ secret, previousSecret, clock: { nowMs: () => nowMs }, ttlS: 3_600 });
  return {
    tokens,
    passS: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}

test('what was signed is verified, until it expires, also once remembered', async () => {
  const { tokens, passS } = opened();
  const { token, expiresAt } = await tokens.sign(claims);
  expect(expiresAt).toBe('2026-01-01T01:00:00.000Z');
  expect(await tokens.verify(token)).toEqual(claims);
  passS(3_599);
  expect(await tokens.verify(token)).toEqual(claims);
  passS(1);
  expect(await tokens.verify(token)).toBeNull();
});

test('a token of the previous secret is good while that secret is named', async () => {
  const { token } = await opened(PREVIOUS).tokens.sign(claims);
  expect(await opened(SECRET, PREVIOUS).tokens.verify(token)).toEqual(claims);
  expect(await opened(SECRET).tokens.verify(token)).toBeNull();
});

test('changed, foreign, unsigned, or of another kind: nobody', async () => {
  const { tokens } = opened();
  const { token } = await tokens.sign(claims);
  const [head = '', payload = '', signature = ''] = token.split('.');
  const kid = JSON.parse(Buffer.from(head, 'base64url').toString()).kid;
  const key = deriveKey(SECRET, 'driver token');
  const nowS = START_MS / 1000;
  const jwt = (change: Record<string, unknown>, alg = 'HS256', header: Record<string, unknown> = { kid }) =>
    new SignJWT({
      iss: 'driver-dispatch',
      aud: 'driver',
      sub: claims.driverId,
      shop: claims.shopId,
      tv: 2,
      stv: 3,
      exp: nowS + 60,
      ...change,
    })
      .setProtectedHeader({ alg, ...header })
      .sign(key);
  expect(await tokens.verify(await jwt({}))).toEqual(claims);
  const otherPayload = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'other' }),
  ).toString('base64url');
  const refused = [
    '',
    await jwt({ sub: "x' OR 1=1" }),
    await jwt({ shop: 'default' }),
    'a.b.c',
    'x'.repeat(3_000),
    `${head}.${otherPayload}.${signature}`,
    `${head}.${payload}.`,
    new UnsecuredJWT({ sub: claims.driverId, shop: claims.shopId, tv: 2, stv: 3 })
      .setIssuer('driver-dispatch')
      .setAudience('driver')
      .encode(),
    await jwt({}, 'HS512'),
    await jwt({}, 'HS256', {}),
    await jwt({}, 'HS256', { kid: 'deadbeef' }),
    await jwt({ iss: 'other' }),
    await jwt({ aud: 'tracking' }),
    await jwt({ exp: undefined }),
    await jwt({ exp: nowS - 1 }),
    await jwt({ sub: undefined }),
    await jwt({ shop: 1 }),
    await jwt({ tv: '2' }),
    await jwt({ stv: undefined }),
    await jwt({ dev: 'phone' }),
  ];
  for (const [index, bad] of refused.entries()) expect(await tokens.verify(bad), `#${index}`).toBeNull();
});

test('a token of before keys were derived, signed with the secret itself, is good until it expires', async () => {
  const sign = (secret: string, exp: number) =>
    new SignJWT({
      iss: 'driver-dispatch',
      aud: 'driver',
      sub: claims.driverId,
      shop: claims.shopId,
      tv: 2,
      stv: 3,
      exp,
    })
      .setProtectedHeader({ alg: 'HS256', kid: createHash('sha256').update(secret).digest('hex').slice(0, 8) })
      .sign(new TextEncoder().encode(secret));
  const [soon, past] = [START_MS / 1000 + 60, START_MS / 1000 - 1];
  expect(await opened().tokens.verify(await sign(SECRET, soon))).toEqual(claims);
  expect(await opened(SECRET, PREVIOUS).tokens.verify(await sign(PREVIOUS, soon))).toEqual(claims);
  expect(await opened().tokens.verify(await sign(PREVIOUS, soon))).toBeNull();
  expect(await opened().tokens.verify(await sign(SECRET, past))).toBeNull();
});
