import type { CommandResult, Requester } from '../../domain/command.ts';
import type { ShopScope } from '../../domain/scopes.ts';
import type { Db } from '../open-db.ts';
import { command } from './command.ts';
import { runCommand } from './run-command.ts';

export type CreateKeyResult =
  | {
      outcome: 'created';
      key_id: string;
      sealed?: string;
      name: string;
      scopes: readonly ShopScope[];
      created_at: string;
      expires_at: string | null;
    }
  | { outcome: 'not_found' };

const CREATE_KEY = command(
  'shop_id uuid, key_id text, name text, secret_sha256 text, sealed text, scopes text[], expires_in_s int',
  {
    steps: `made AS (INSERT INTO dispatch.api_key AS k (id, shop_id, name, secret_sha256, scopes, expires_at)
  SELECT f.key_id, s.id, f.name, f.secret_sha256, f.scopes, now() + f.expires_in_s * interval '1 s' FROM fresh f JOIN dispatch.shop s ON s.id = f.shop_id RETURNING k AS r)`,
    answer: `SELECT f.n, CASE WHEN (made.r).id IS NULL THEN json_build_object('outcome', 'not_found')
    ELSE json_build_object('outcome', 'created', 'key_id', (made.r).id, 'sealed', f.sealed, 'name', (made.r).name, 'scopes', (made.r).scopes,
      'created_at', (made.r).created_at, 'expires_at', (made.r).expires_at) END AS result,
    (made.r).id IS NOT NULL AS keep FROM fresh f LEFT JOIN made ON true`,
  },
);

/** Stores a key by the SHA-256 of its secret, which its result keeps `sealed`. */
export function createKey(
  db: Db,
  who: Requester,
  input: {
    shop_id: string;
    key_id: string;
    name: string;
    secret_sha256: string;
    sealed: string;
    scopes: readonly ShopScope[];
    expires_in_s: number | null;
  },
): Promise<CommandResult<CreateKeyResult>> {
  return runCommand<CreateKeyResult>(db, CREATE_KEY, who, input);
}

/** A key as it may be shown: without its secret, of which only the hash is kept anyway. */
export interface KeyRow {
  id: string;
  name: string;
  scopes: readonly ShopScope[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export async function selectKeys(db: Db, shopId: string): Promise<readonly KeyRow[]> {
  const rows = await db.run<{ row: KeyRow }>(
    `SELECT json_build_object('id', k.id, 'name', k.name, 'scopes', k.scopes, 'created_at', k.created_at,
       'expires_at', k.expires_at, 'last_used_at', k.last_used_at, 'revoked_at', k.revoked_at) AS row FROM dispatch.api_key k WHERE k.shop_id = $1 ORDER BY k.created_at, k.id`,
    [shopId],
  );
  return rows.map((each) => each.row);
}

/**
 * Processes go on taking it for good for 10 s.
 * @param shopId only if it is a key of this shop; null: of any
 * @returns false for a key that is not there; true also if it was revoked before
 */
export async function commitKeyRevocation(db: Db, keyId: string, shopId: string | null): Promise<boolean> {
  const rows = await db.run(
    `UPDATE dispatch.api_key SET revoked_at = coalesce(revoked_at, now())
     WHERE id = $1 AND ($2::uuid IS NULL OR shop_id = $2) RETURNING id`,
    [keyId, shopId],
  );
  return rows.length > 0;
}

/** That keys were used, to the hour. */
export async function noteKeyUse(db: Db, keyIds: readonly string[]): Promise<void> {
  await db.run(
    `UPDATE dispatch.api_key SET last_used_at = now() WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)))
       AND (last_used_at IS NULL OR last_used_at < now() - interval '1 hour')`,
    [JSON.stringify(keyIds)],
  );
}

/** What a proof by a key is compared with. */
export interface KeyProof {
  id: string;
  shop_id: string;
  secret_sha256: string;
  scopes: readonly ShopScope[];
  name: string;
  expires_at: string | null;
}

const GOOD_KEYS = `SELECT id, shop_id, secret_sha256, to_json(scopes) AS scopes, name, to_json(expires_at) #>> '{}' AS expires_at
  FROM dispatch.api_key WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;

/** The key with this id, unless revoked or past its time. */
export async function readKey(db: Db, keyId: string): Promise<KeyProof | null> {
  const [row] = await db.run<KeyProof>(`${GOOD_KEYS} AND id = $1`, [keyId]);
  return row ?? null;
}

/** The `most` oldest keys that are good, by id. */
export async function readOldestKeys(db: Db, most: number): Promise<ReadonlyMap<string, KeyProof>> {
  const rows = await db.run<KeyProof>(`${GOOD_KEYS} ORDER BY created_at, id LIMIT $1`, [most]);
  return new Map(rows.map((row) => [row.id, row]));
}
