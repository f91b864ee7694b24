import type { Db } from '../open-db.ts';

/** What a shop signs and verifies with, as it is stored. */
export interface StoredSecrets {
  id: string;
  inbound_secrets: readonly string[];
  webhook_secrets: readonly string[];
  webhook_static_secret: string | null;
}

const AS_JSON = `json_build_object('id', s.id, 'inbound_secrets', s.inbound_secrets, 'webhook_secrets', s.webhook_secrets,
  'webhook_static_secret', s.webhook_static_secret)`;

/** Shops with a secret that does not begin with `present`, some of them, after `afterId`. */
export async function readUnsealed(db: Db, present: string, afterId: string | null): Promise<readonly StoredSecrets[]> {
  const rows = await db.run<{ row: StoredSecrets }>(
    `SELECT ${AS_JSON} AS row FROM dispatch.shop s WHERE ($2::uuid IS NULL OR s.id > $2) AND EXISTS (
       SELECT 1 FROM unnest(s.inbound_secrets || s.webhook_secrets || array_remove(ARRAY[s.webhook_static_secret], NULL)) t(secret)
       WHERE NOT starts_with(t.secret, $1)) ORDER BY s.id LIMIT 100`,
    [present, afterId],
  );
  return rows.map(({ row }) => row);
}

/** Puts `after` in the place of `before`, unless somebody has set other ones meanwhile. */
export async function replaceSecrets(db: Db, before: StoredSecrets, after: StoredSecrets): Promise<boolean> {
  const rows = await db.run(
    `WITH t AS (SELECT b.inbound_secrets AS was_inbound, b.webhook_secrets AS was_webhook, b.webhook_static_secret AS was_static, a.*
       FROM json_to_record($1::text::json) AS b(inbound_secrets text[], webhook_secrets text[], webhook_static_secret text),
         json_to_record($2::text::json) AS a(id uuid, inbound_secrets text[], webhook_secrets text[], webhook_static_secret text))
     UPDATE dispatch.shop s SET inbound_secrets = t.inbound_secrets, webhook_secrets = t.webhook_secrets,
       webhook_static_secret = t.webhook_static_secret
     FROM t WHERE s.id = t.id AND s.inbound_secrets = t.was_inbound AND s.webhook_secrets = t.was_webhook
       AND s.webhook_static_secret IS NOT DISTINCT FROM t.was_static RETURNING s.id`,
    [JSON.stringify(before), JSON.stringify(after)],
  );
  return rows.length > 0;
}
