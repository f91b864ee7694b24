import { type Db, LOOK_UPS } from '../db/open-db.ts';
import { readSession } from '../db/statements/console-session.ts';
import { readTokenVersions } from '../db/statements/shops.ts';
import { openAuthenticate } from '../http/auth.ts';
import type { HostDeps } from '../http/dispatch.ts';
import type { Sessions } from '../http/session.ts';
import type { DriverTokens } from '../http/tokens.ts';
import { batchLookUps } from '../runtime/batch.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { rememberProofs } from '../runtime/remember-proofs.ts';
import type { ApiKeys } from '../secrets/api-key.ts';
import { openFindKey } from './find-keys.ts';
import { openKeyUse } from './key-use.ts';

/** How long a withdrawn token may still be taken for good, while Postgres can be asked. */
const PROOF_TTL_MS = 7_000;
/** Each some 300 bytes. With fewer than there are drivers, every fix would ask Postgres. */
const REMEMBERED_DRIVERS = 50_000;

interface Proofs {
  db: Db;
  tokens: DriverTokens;
  apiKeys: ApiKeys;
  sessions: Sessions;
}

/** What says who asks: proofs are looked up in Postgres by batches, and remembered for a while. */
export function openAuthentication(
  config: Pick<Config, 'operatorKey'>,
  { db, tokens, apiKeys, sessions }: Proofs,
): HostDeps['authenticate'] {
  const findKey = openFindKey(db, apiKeys);
  const lookUps = db.lane?.(LOOK_UPS) ?? db;
  const versions = rememberProofs(
    batchLookUps((driverIds) => readTokenVersions(lookUps, driverIds)),
    { ttlMs: PROOF_TTL_MS, max: REMEMBERED_DRIVERS },
  );
  const goingOn = rememberProofs((sessionId) => readSession(lookUps, sessionId), { ttlMs: PROOF_TTL_MS });
  return openAuthenticate({
    operatorKey: config.operatorKey,
    tokens,
    sessions,
    findSession: async (sessionId) => {
      const session = await goingOn.get(sessionId);
      return session && { keyId: session.key_id };
    },
    noteUse: openKeyUse(lookUps, systemClock.nowMs),
    findApiKey: async (keyId) => {
      const key = await findKey(keyId);
      // By our own clock besides: while Postgres is away, a key is remembered for longer than it may be good.
      if (key?.expires_at && Date.parse(key.expires_at) <= systemClock.nowMs()) return null;
      return key && { shopId: key.shop_id, keyId, secretSha256: key.secret_sha256, scopes: key.scopes };
    },
    findTokenVersions: async ({ shopId, driverId, youngerThanMs }) => {
      const found = await versions.get(driverId, youngerThanMs);
      if (found === null || found.shop_id !== shopId) return null;
      return {
        tokenVersion: found.token_version,
        shopTokenVersion: found.shop_token_version,
        deviceIds: found.device_ids,
      };
    },
  });
}
