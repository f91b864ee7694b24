import type { Db } from '../open-db.ts';

/** A photograph in the object store. */
export interface PhotoRow {
  shop_id: string;
  delivery_id: string;
}

/** Before it is put into the store. */
export async function notePhoto(db: Db, { shop_id, delivery_id }: PhotoRow): Promise<void> {
  await db.run(
    `INSERT INTO dispatch.proof_photo (delivery_id, shop_id) VALUES ($1, $2)
     ON CONFLICT (delivery_id) DO UPDATE SET kept_at = now()`,
    [delivery_id, shop_id],
  );
}

export async function isPhotoNoted(db: Db, deliveryId: string): Promise<boolean> {
  return (await db.run('SELECT 1 FROM dispatch.proof_photo WHERE delivery_id = $1', [deliveryId])).length > 0;
}

/** Those kept for longer than `days`, oldest first. By the server's clock: when a delivery ended, a phone says. */
export function readOldPhotos(db: Db, days: number, limit: number): Promise<readonly PhotoRow[]> {
  return db.run(
    `SELECT shop_id, delivery_id FROM dispatch.proof_photo WHERE kept_at < now() - $1::int * interval '1 day'
     ORDER BY kept_at, delivery_id LIMIT $2`,
    [days, limit],
  );
}

/** After they are gone from the store: the note of each, and what in its delivery led to it. */
export async function dropPhotos(db: Db, deliveryIds: readonly string[]): Promise<void> {
  await db.run(
    `WITH gone AS (DELETE FROM dispatch.proof_photo WHERE delivery_id = ANY ($1::uuid[]) RETURNING delivery_id AS id)
     UPDATE dispatch.delivery x SET proof = (x.proof::jsonb - 'photoUrl')::json FROM gone
     WHERE x.id = gone.id AND x.proof ->> 'photoUrl' LIKE '%/v1/deliveries/' || x.id || '/proof'`,
    [`{${deliveryIds.join(',')}}`],
  );
}
