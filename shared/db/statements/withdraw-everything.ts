import type { Db } from '../open-db.ts';

/** How much was withdrawn. */
export interface Withdrawn {
  keys: number;
  /** Shops, all of whose drivers' tokens are nobody's now. */
  shops: number;
  devices: number;
  pairings: number;
  sessions: number;
}

/** Every proof that was ever given out, of one shop or of all (null): nothing of it is good for more than 10 s. */
export async function commitWithdrawal(db: Db, shopId: string | null): Promise<Withdrawn> {
  const [row] = await db.run<{ withdrawn: Withdrawn }>(
    `WITH k AS (UPDATE dispatch.api_key SET revoked_at = now() WHERE revoked_at IS NULL AND ($1::uuid IS NULL OR shop_id = $1) RETURNING 1),
     s AS (UPDATE dispatch.shop SET token_version = token_version + 1 WHERE $1::uuid IS NULL OR id = $1 RETURNING 1),
     v AS (UPDATE dispatch.device SET withdrawn_at = now() WHERE withdrawn_at IS NULL AND ($1::uuid IS NULL OR shop_id = $1) RETURNING 1),
     b AS (DELETE FROM dispatch.push_subscription WHERE $1::uuid IS NULL OR shop_id = $1),
     p AS (DELETE FROM dispatch.pairing WHERE $1::uuid IS NULL OR shop_id = $1 RETURNING 1),
     c AS (DELETE FROM dispatch.console_session WHERE key_id IN (
       SELECT id FROM dispatch.api_key WHERE $1::uuid IS NULL OR shop_id = $1) RETURNING 1)
     SELECT json_build_object('keys', (SELECT count(*) FROM k), 'shops', (SELECT count(*) FROM s),
       'devices', (SELECT count(*) FROM v), 'pairings', (SELECT count(*) FROM p), 'sessions', (SELECT count(*) FROM c)) AS withdrawn`,
    [shopId],
  );
  return row!.withdrawn;
}
