import { type Db, LOOK_UPS } from '../db/open-db.ts';
import { type KeyProof, readKey, readOldestKeys } from '../db/statements/api-keys.ts';
import { rememberProofs } from '../runtime/remember-proofs.ts';
import type { ApiKeys } from '../secrets/api-key.ts';

/** How long a withdrawn key may still be taken for good while Postgres can be asked: less than 10 s. */
const TTL_MS = 5_000;
/** A key whose id carries no check value and that is none of the oldest so many is not found. Each some 300 bytes. */
const LISTED = 20_000;

/**
 * Looks keys up by id. One with a good check value is read by itself; for all others the oldest keys are read together,
 * once in 5 s at most: so however many are invented, Postgres is asked no more often, and the answer takes as long
 * whether there is such a key or not. Keys made before there were check values are old, and so are those whose
 * TOKEN_SECRET has gone.
 */
export function openFindKey(db: Db, apiKeys: Pick<ApiKeys, 'isMarked'>): (keyId: string) => Promise<KeyProof | null> {
  const lookUps = db.lane?.(LOOK_UPS) ?? db;
  const marked = rememberProofs((keyId) => readKey(lookUps, keyId), { ttlMs: TTL_MS });
  const oldest = rememberProofs(() => readOldestKeys(lookUps, LISTED), { ttlMs: TTL_MS });
  return async (keyId) =>
    apiKeys.isMarked(keyId) ? marked.get(keyId) : ((await oldest.get('all'))?.get(keyId) ?? null);
}
