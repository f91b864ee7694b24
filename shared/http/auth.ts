import { createHash, timingSafeEqual } from 'node:crypto';
import { readKey } from '../domain/key-text.ts';
import type { ShopScope } from '../domain/scopes.ts';
import { type Authenticate, bearerOf, type Principal } from './principal.ts';
import type { Session, Sessions } from './session.ts';
import type { DriverTokens } from './tokens.ts';

/** A shop's key as it is stored: the SHA-256, in hex, of the secret part; never the secret. */
export type StoredApiKey = {
  readonly shopId: string;
  readonly keyId: string;
  readonly secretSha256: string;
  readonly scopes: readonly ShopScope[];
};

type TokenVersions = { tokenVersion: number; shopTokenVersion: number; deviceIds?: readonly string[] };

export type AuthSources = {
  /** `null`: nobody is the operator. */
  operatorKey: string | null;
  tokens: Pick<DriverTokens, 'verify'>;
  /** For the console's own requests, which carry a cookie and no bearer. */
  sessions?: Pick<Sessions, 'read'>;
  /** Whether the session with this id goes on, and the key it was begun with. */
  findSession?: (sessionId: string) => Promise<{ keyId: string } | null>;
  /** The key with this id, or `null` where there is none or it was withdrawn. */
  findApiKey: (keyId: string) => Promise<StoredApiKey | null>;
  /** Told of each request by a key that is good. */
  noteUse?: (keyId: string) => void;
  /** The present versions and the phones that were not withdrawn, or `null` where the driver or the shop is gone. */
  findTokenVersions: (of: {
    shopId: string;
    driverId: string;
    /** What is remembered for longer than this is not taken. */
    youngerThanMs?: number;
  }) => Promise<TokenVersions | null>;
};

const NO_HASH = '0'.repeat(64);

/**
 * Tells who sent a request by its bearer proof: a shop's key `dk_<keyId>_<secret>`, the operator's key, or a driver's
 * token. Secrets are compared by their hashes in constant time. A request of the console carries a session instead.
 */
export function openAuthenticate(sources: AuthSources): Authenticate {
  return async (headers) => {
    const bearer = bearerOf(headers);
    if (bearer === null) return loggedIn(sources.sessions?.read(headers) ?? null, sources);
    if (bearer.startsWith('dk_')) return shopOf(bearer, sources);
    if (sources.operatorKey !== null && sameHash(sha256(bearer), sha256(sources.operatorKey)))
      return { kind: 'operator' };
    return bearer.includes('.') ? driverOf(bearer, sources) : null;
  };
}

/** What to store of a secret, and to look it up by: SHA-256 in hex. Enough for secrets that are random themselves. */
export function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

async function shopOf(bearer: string, { findApiKey, noteUse }: AuthSources): Promise<Principal | null> {
  const said = readKey(bearer);
  if (said === null) return null;
  const key = await findApiKey(said.keyId);
  // Reckoned in any case: the time it takes tells nobody which keys there are.
  const isSame = sameHash(sha256(said.secret), key?.secretSha256 ?? NO_HASH);
  if (key === null || !isSame) return null;
  noteUse?.(key.keyId);
  return { kind: 'shop', shopId: key.shopId, keyId: key.keyId, scopes: key.scopes };
}

async function loggedIn(
  session: Session | null,
  { findApiKey, findSession, noteUse }: AuthSources,
): Promise<Principal | null> {
  const [key, goesOn] =
    session === null ? [null, null] : await Promise.all([findApiKey(session.keyId), findSession?.(session.id)]);
  if (key === null || key.shopId !== session?.shopId || goesOn?.keyId !== key.keyId) return null;
  noteUse?.(key.keyId);
  return { kind: 'shop', shopId: key.shopId, keyId: key.keyId, scopes: key.scopes };
}

/** What is remembered of a driver may be older than a genuine token: it is asked anew, once a second at most. */
const ASKED_AGAIN_MS = 1_000;

async function driverOf(bearer: string, { tokens, findTokenVersions }: AuthSources): Promise<Principal | null> {
  const claims = await tokens.verify(bearer);
  if (claims === null) return null;
  const { shopId, driverId, deviceId } = claims;
  const isGood = (present: TokenVersions | null): boolean =>
    present?.tokenVersion === claims.tokenVersion &&
    present.shopTokenVersion === claims.shopTokenVersion &&
    (deviceId === undefined || (present.deviceIds?.includes(deviceId) ?? false));
  const isKnown =
    isGood(await findTokenVersions({ shopId, driverId })) ||
    isGood(await findTokenVersions({ shopId, driverId, youngerThanMs: ASKED_AGAIN_MS }));
  if (!isKnown) return null;
  return { kind: 'driver', shopId, driverId, ...(deviceId !== undefined && { deviceId }) };
}

function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === 32 && right.length === 32 && timingSafeEqual(left, right);
}
