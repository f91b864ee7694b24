import type { Db } from '../open-db.ts';

/** A photograph in the object store. */
export interface PhotoRow {
  shop_id: string;
  delivery_id: string;
}
/** Who took it: a driver, or somebody of the shop (null). */
export interface TakenPhoto extends PhotoRow {
  driver_id: string | null;
}

/** Before it is put into the store. */
export async function notePhoto(db: Db, { shop_id, delivery_id, driver_id }: TakenPhoto): Promise<void> {
  await db.run(
    `INSERT INTO dispatch.proof_photo (delivery_id, shop_id, driver_id)
     SELECT id, shop_id, $3 FROM dispatch.delivery WHERE id = $1 AND shop_id = $2
     ON CONFLICT (delivery_id) DO UPDATE SET kept_at = now(), driver_id = excluded.driver_id`,
    [delivery_id, shop_id, driver_id],
  );
}

/** Null: there is none. */
export async function readPhotoNote(db: Db, deliveryId: string): Promise<{ driver_id: string | null } | null> {
  const [row] = await db.run<{ driver_id: string | null }>(
    'SELECT driver_id FROM dispatch.proof_photo WHERE delivery_id = $1',
    [deliveryId],
  );
  return row ?? null;
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
