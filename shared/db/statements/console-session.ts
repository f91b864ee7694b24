import type { Db } from '../open-db.ts';

/** Begins a session by this key; takes those away that are long past. @returns its id; null where the key is gone */
export async function insertSession(db: Db, keyId: string, lifeS: number): Promise<string | null> {
  const [row] = await db.run<{ id: string }>(
    `WITH past AS (DELETE FROM dispatch.console_session WHERE id = ANY (ARRAY(
       SELECT id FROM dispatch.console_session WHERE expires_at < now() ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)))
     INSERT INTO dispatch.console_session (key_id, expires_at)
     SELECT k.id, now() + $2::int * interval '1 s' FROM dispatch.api_key k WHERE k.id = $1 AND k.revoked_at IS NULL RETURNING id`,
    [keyId, lifeS],
  );
  return row?.id ?? null;
}

export async function deleteSession(db: Db, sessionId: string): Promise<void> {
  await db.run('DELETE FROM dispatch.console_session WHERE id = $1', [sessionId]);
}

/** The key of a session that goes on. */
export async function readSession(db: Db, sessionId: string): Promise<{ key_id: string } | null> {
  const [row] = await db.run<{ key_id: string }>(
    'SELECT key_id FROM dispatch.console_session WHERE id = $1 AND expires_at > now()',
    [sessionId],
  );
  return row ?? null;
}
