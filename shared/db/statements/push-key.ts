import type { Db } from '../open-db.ts';

/** As it is stored: the private key is sealed. Both base64url. */
export interface StoredPushKey {
  public_key: string;
  private_key: string;
}

/** Of any number who make one at once, one is kept: read afterwards which. */
export async function keepPushKey(db: Db, ours: StoredPushKey): Promise<void> {
  await db.run(`INSERT INTO dispatch.push_key (public_key, private_key) VALUES ($1, $2) ON CONFLICT (one) DO NOTHING`, [
    ours.public_key,
    ours.private_key,
  ]);
}

export async function readPushKey(db: Db): Promise<StoredPushKey | null> {
  const [row] = await db.run<StoredPushKey>('SELECT public_key, private_key FROM dispatch.push_key');
  return row ?? null;
}

/** Seals the private key anew, unless somebody has done so meanwhile. */
export async function resealPushKey(db: Db, before: StoredPushKey, privateKey: string): Promise<void> {
  await db.run('UPDATE dispatch.push_key SET private_key = $2 WHERE private_key = $1', [
    before.private_key,
    privateKey,
  ]);
}
