import { createHash } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import * as v from 'valibot';
import type { Clock } from '#shared/runtime/clock.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';

/** What a driver's token says. The versions are compared with Postgres: raising one there withdraws the token. */
export type DriverClaims = {
  readonly driverId: string;
  readonly shopId: string;
  readonly tokenVersion: number;
  readonly shopTokenVersion: number;
  /** The phone it was made for; without it the token is nobody's in particular. */
  readonly deviceId?: string;
};

export type DriverTokens = {
  /**
   * The same claims, time and lifetime give the same bytes, so that a repeated request can be answered again.
   * `expiresAt` is ISO 8601.
   */
  sign(
    claims: DriverClaims,
    when?: { issuedAtS?: number; ttlS?: number },
  ): Promise<{ token: string; expiresAt: string }>;
  /** The claims of a genuine token that has not expired; `null` for anything else. */
  verify(token: string): Promise<DriverClaims | null>;
};

const ALGORITHM = 'HS256';
const ISSUER = 'driver-dispatch';
const AUDIENCE = 'driver';
const DEFAULT_TTL_S = 30 * 24 * 3600;
const MAX_TOKEN_LENGTH = 2_048;
/** Each some 600 bytes. */
const MAX_REMEMBERED = 50_000;

type Key = { readonly kid: string; readonly bytes: Uint8Array };

/**
 * Driver tokens: JWT (RFC 7519), HMAC-SHA256 and nothing else, whatever a token's own header says. Signed with a key
 * that follows from `secret`; tokens of `previousSecret` are still accepted, so that a rotation signs no driver out. Verified tokens are
 * remembered until they expire (50,000 at most), because the phones send the same ones every few seconds.
 */
export function openDriverTokens(options: {
  secret: string;
  previousSecret?: string | null;
  clock: Clock;
  ttlS?: number;
}): DriverTokens {
  const { secret, previousSecret, clock, ttlS = DEFAULT_TTL_S } = options;
  const roots = [secret, ...(previousSecret ? [previousSecret] : [])];
  const current = keyOf(deriveKey(secret, 'driver token'));
  // A token of before there were keys for one purpose each was signed with the secret itself: good until it expires.
  const known = roots.flatMap((root) => [
    keyOf(deriveKey(root, 'driver token')),
    keyOf(new TextEncoder().encode(root)),
  ]);
  const keys = new Map(known.map((key) => [key.kid, key.bytes]));
  const remembered = new Map<string, { claims: DriverClaims; expiresS: number }>();

  return {
    sign: async (claims, when = {}) => {
      const nowS = when.issuedAtS ?? Math.floor(clock.nowMs() / 1000);
      const expiresS = nowS + (when.ttlS ?? ttlS);
      const token = await new SignJWT({
        shop: claims.shopId,
        tv: claims.tokenVersion,
        stv: claims.shopTokenVersion,
        dev: claims.deviceId,
      })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: current.kid })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(claims.driverId)
        .setIssuedAt(nowS)
        .setExpirationTime(expiresS)
        .sign(current.bytes);
      return { token, expiresAt: new Date(expiresS * 1000).toISOString() };
    },
    verify: async (token) => {
      if (token.length > MAX_TOKEN_LENGTH) return null;
      const known = remembered.get(token);
      if (known && known.expiresS > clock.nowMs() / 1000) return known.claims;
      remembered.delete(token);
      const genuine = await verifyToken(token, keys, new Date(clock.nowMs()));
      if (genuine === null) return null;
      const [oldest] = remembered.keys();
      if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      remembered.set(token, genuine);
      return genuine.claims;
    },
  };
}

function keyOf(bytes: Uint8Array): Key {
  return { kid: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
}

/** Who holds the secret may sign anything; what is no id would be an error to Postgres, and is nobody. */
const id = v.pipe(v.string(), v.uuid());
const isId = (value: unknown): value is string => v.is(id, value);

async function verifyToken(
  token: string,
  keys: ReadonlyMap<string, Uint8Array>,
  currentDate: Date,
): Promise<{ claims: DriverClaims; expiresS: number } | null> {
  const keyFor = ({ kid = '' }: { kid?: string }): Uint8Array => {
    const key = keys.get(kid);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  try {
    const { payload } = await jwtVerify(token, keyFor, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp'],
      currentDate,
    });
    const { sub, exp, shop, tv, stv, dev } = payload;
    if (!isId(sub) || !isId(shop) || typeof exp !== 'number') return null;
    if (typeof tv !== 'number' || typeof stv !== 'number') return null;
    if (dev !== undefined && !isId(dev)) return null;
    return {
      claims: { driverId: sub, shopId: shop, tokenVersion: tv, shopTokenVersion: stv, ...(dev && { deviceId: dev }) },
      expiresS: exp,
    };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
    throw error;
  }
}
