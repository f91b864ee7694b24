import { type Db, LOOK_UPS } from '../db/open-db.ts';
import { type KeyProof, readKey, readOldestKeys } from '../db/statements/api-keys.ts';
import { rememberProofs } from '../runtime/remember-proofs.ts';
import type { ApiKeys } from '../secrets/api-key.ts';

/** Together, how long a withdrawn key may still be taken for good while Postgres can be asked: less than 10 s. */
const KEY_TTL_MS = 5_000;
const LIST_TTL_MS = 2_000;
/** A key whose id carries no check value and that is none of the oldest so many is not found. Each some 300 bytes. */
const LISTED = 20_000;

/**
 * Looks keys up by id. One with a good check value is read by itself; for all others the oldest keys are read together,
 * once in 2 s at most: so however many are invented, Postgres is asked no more often, and the answer takes as long
 * whether there is such a key or not. Keys made before there were check values are old, and so are those whose
 * TOKEN_SECRET has gone.
 */
export function openFindKey(db: Db, apiKeys: Pick<ApiKeys, 'isMarked'>): (keyId: string) => Promise<KeyProof | null> {
  const lookUps = db.lane?.(LOOK_UPS) ?? db;
  const list = rememberProofs(() => readOldestKeys(lookUps, LISTED), { ttlMs: LIST_TTL_MS });
  const keys = rememberProofs(
    async (keyId) =>
      apiKeys.isMarked(keyId) ? readKey(lookUps, keyId) : ((await list.get('oldest'))?.get(keyId) ?? null),
    { ttlMs: KEY_TTL_MS },
  );
  return keys.get;
}
