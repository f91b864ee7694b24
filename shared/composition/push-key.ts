import { createECDH } from 'node:crypto';
import { keepPushKey, readPushKey, type StoredPushKey } from '../db/statements/push-key.ts';
import type { FlowDeps } from '../flows/deps.ts';
import type { SecretBox } from '../secrets/secret-box.ts';

/** Base64url: an uncompressed point of P-256 (65 bytes), and its scalar (32). */
export interface PushKeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The pair by which push services know this service (RFC 8292): a browser lets in only who has it. */
export interface PushKey {
  /** @throws DependencyAway */
  publicKey(): Promise<string>;
  /** @throws DependencyAway, or SecretLostError where TOKEN_SECRET is another one */
  pair(): Promise<PushKeyPair>;
}

type Deps = Pick<FlowDeps, 'db' | 'secretBox'>;

/** @param given from the environment; else the first process that needs it makes it, and all read it from Postgres */
export function openPushKey({ db, secretBox }: Deps, given: PushKeyPair | null): PushKey {
  let known: StoredPushKey | null = null;
  const stored = async () => {
    known ??= await readPushKey(db);
    if (known !== null) return known;
    await keepPushKey(db, newKey(secretBox));
    known = (await readPushKey(db))!;
    return known;
  };
  return {
    publicKey: async () => given?.publicKey ?? (await stored()).public_key,
    pair: async () => {
      if (given !== null) return given;
      const { public_key, private_key } = await stored();
      return { publicKey: public_key, privateKey: secretBox.open(private_key) };
    },
  };
}

function newKey(box: SecretBox): StoredPushKey {
  const key = createECDH('prime256v1');
  const public_key = key.generateKeys('base64url');
  // A scalar that begins with zeros comes without them.
  const scalar = Buffer.concat([Buffer.alloc(32), key.getPrivateKey()]).subarray(-32);
  return { public_key, private_key: box.seal(scalar.toString('base64url')) };
}
