import type { Db } from '../open-db.ts';

/** Guesses at one code, from wherever, until it is dead. */
export const PAIRING_TRIES = 5;
/** Phones of one driver at a time; with another one the oldest is withdrawn. */
const MOST_DEVICES = 10;

export interface NewPairing {
  finder: string;
  /** What is kept of the code. */
  proof: string;
  shop_id: string;
  driver_id: string;
  token_ttl_s: number;
  life_s: number;
}
export type CreatePairingResult =
  | { outcome: 'created'; expires_at: string }
  | { outcome: 'not_found' | 'finder_taken' };

/** Keeps a code for a driver; takes away those that are past. */
export async function createPairing(db: Db, input: NewPairing): Promise<CreatePairingResult> {
  const [row] = await db.run<{ found: boolean; expires_at: string | null }>(
    `WITH past AS (DELETE FROM dispatch.pairing WHERE finder = ANY (ARRAY(SELECT finder FROM dispatch.pairing
       WHERE expires_at < now() AND finder <> $1 ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED))),
     d AS MATERIALIZED (SELECT id, shop_id FROM dispatch.driver WHERE id = $4 AND shop_id = $3 AND active),
     made AS (INSERT INTO dispatch.pairing AS p (finder, proof, shop_id, driver_id, token_ttl_s, expires_at)
       SELECT $1, $2, d.shop_id, d.id, $5::int, now() + $6::int * interval '1 s' FROM d
       ON CONFLICT (finder) DO UPDATE SET proof = excluded.proof, shop_id = excluded.shop_id, driver_id = excluded.driver_id,
         misses = 0, token_ttl_s = excluded.token_ttl_s, expires_at = excluded.expires_at WHERE p.expires_at < now()
       RETURNING expires_at)
     SELECT EXISTS (SELECT 1 FROM d) AS found, (SELECT to_json(expires_at) #>> '{}' FROM made) AS expires_at`,
    [input.finder, input.proof, input.shop_id, input.driver_id, input.token_ttl_s, input.life_s],
  );
  if (!row?.found) return { outcome: 'not_found' };
  return row.expires_at === null ? { outcome: 'finder_taken' } : { outcome: 'created', expires_at: row.expires_at };
}

/** What the token of a device has to carry. */
export interface PairedDevice {
  id: string;
  shop_id: string;
  driver_id: string;
  token_version: number;
  shop_token_version: number;
  issued_at_s: number;
  ttl_s: number;
}

/**
 * Uses a code up and makes a device of it. The row is locked first, so that of any number of guesses at once each sees
 * the misses before it.
 * @param proofs any of these is the right one
 * @returns null: no such code, or used, past, dead, or its driver is gone
 */
export async function usePairing(
  db: Db,
  code: { finder: string; proofs: readonly string[] },
  deviceName: string,
): Promise<PairedDevice | null> {
  const [row] = await db.run<PairedDevice>(
    `WITH found AS MATERIALIZED (SELECT * FROM dispatch.pairing WHERE finder = $1 FOR UPDATE),
     alive AS MATERIALIZED (SELECT *, proof IN (SELECT json_array_elements_text($2::text::json)) AS fits FROM found
       WHERE expires_at > now() AND misses < ${PAIRING_TRIES}),
     missed AS (UPDATE dispatch.pairing p SET misses = a.misses + 1 FROM alive a WHERE p.finder = a.finder AND NOT a.fits),
     used AS (DELETE FROM dispatch.pairing p USING alive a WHERE p.finder = a.finder AND a.fits RETURNING a.*),
     oldest AS (UPDATE dispatch.device SET withdrawn_at = now() WHERE id = ANY (ARRAY(SELECT v.id FROM used
       JOIN dispatch.device v ON v.driver_id = used.driver_id WHERE v.withdrawn_at IS NULL AND v.expires_at > now()
       ORDER BY v.id DESC OFFSET ${MOST_DEVICES - 1}))),
     made AS (INSERT INTO dispatch.device (shop_id, driver_id, name, expires_at)
       SELECT d.shop_id, d.id, $3, now() + used.token_ttl_s * interval '1 s' FROM used
       JOIN dispatch.driver d ON d.id = used.driver_id AND d.active RETURNING id, shop_id, driver_id)
     SELECT made.*, d.token_version, s.token_version AS shop_token_version, used.token_ttl_s AS ttl_s,
       floor(extract(epoch FROM now()))::int AS issued_at_s
     FROM made JOIN used ON true JOIN dispatch.driver d ON d.id = made.driver_id JOIN dispatch.shop s ON s.id = made.shop_id`,
    [code.finder, JSON.stringify(code.proofs), deviceName],
  );
  return row ?? null;
}

export interface DeviceRow {
  id: string;
  name: string;
  created_at: string;
  expires_at: string;
  withdrawn_at: string | null;
}

/** The newest hundred phones of a driver, withdrawn ones too. */
export async function selectDevices(db: Db, shopId: string, driverId: string): Promise<readonly DeviceRow[]> {
  const rows = await db.run<{ row: DeviceRow }>(
    `SELECT json_build_object('id', v.id, 'name', v.name, 'created_at', v.created_at, 'expires_at', v.expires_at,
       'withdrawn_at', v.withdrawn_at) AS row
     FROM dispatch.device v WHERE v.driver_id = $2 AND v.shop_id = $1 ORDER BY v.id DESC LIMIT 100`,
    [shopId, driverId],
  );
  return rows.map(({ row }) => row);
}

/** Its token is nobody's within 10 s. @returns false: the driver has no such device */
export async function deleteDevice(
  db: Db,
  which: { shop_id: string; driver_id: string; device_id: string },
): Promise<boolean> {
  const rows = await db.run(
    `UPDATE dispatch.device SET withdrawn_at = coalesce(withdrawn_at, now())
     WHERE id = $3 AND driver_id = $2 AND shop_id = $1 RETURNING id`,
    [which.shop_id, which.driver_id, which.device_id],
  );
  return rows.length > 0;
}
