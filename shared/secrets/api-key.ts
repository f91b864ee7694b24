import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { deriveKey } from './derive-key.ts';

/*
 * A new key of a shop (shared/domain/key-text.ts). The secret is 32 random bytes, of which only the SHA-256 is kept.
 * A key id made here ends in a check value, so that an invented one is told apart without asking the database. The
 * check value proves nothing else: older ids have none, and an id outlives the TOKEN_SECRET it was made with, so an id
 * without a good check value is looked up in a list (shared/composition/find-keys.ts), and not refused.
 */

export interface ApiKeys {
  make(): { keyId: string; secret: string };
  /** Whether this id was made with the present secret, or the one before it. */
  isMarked(keyId: string): boolean;
  /**
   * The secret, enciphered (AES-256-GCM) with a key derived from TOKEN_SECRET: kept with the result of the request that
   * made the key, for as long as that may be repeated (RETENTION_IDEMPOTENCY_DAYS), and no longer.
   */
  seal(made: { keyId: string; secret: string }): string;
  /** The secret again; null where TOKEN_SECRET is another one now, or nothing was sealed. */
  unseal(keyId: string, sealed: string | undefined): string | null;
}

const ID_BYTES = 12;
/** 48 bits: who invents an id hits by chance once in 280 million million tries, and then still lacks the secret. */
const CHECK_LENGTH = 12;
const MARKED = new RegExp(`^[0-9a-f]{${ID_BYTES * 2}}-[0-9a-f]{${CHECK_LENGTH}}$`);
const SECRET_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function openApiKeys({ secret, previousSecret }: { secret: string; previousSecret: string | null }): ApiKeys {
  const roots = [secret, previousSecret].filter((each) => each !== null);
  const checking = roots.map((root) => deriveKey(root, 'api-key id check'));
  const sealing = roots.map((root) => deriveKey(root, 'api-key sealed in a result'));
  const checkOf = (key: Buffer, random: string) =>
    createHmac('sha256', key).update(random).digest('hex').slice(0, CHECK_LENGTH);
  return {
    make() {
      const random = randomBytes(ID_BYTES).toString('hex');
      const keyId = `${random}-${checkOf(checking[0]!, random)}`;
      return { keyId, secret: randomBytes(SECRET_BYTES).toString('base64url') };
    },
    isMarked(keyId) {
      if (!MARKED.test(keyId)) return false;
      const [random = '', check = ''] = keyId.split('-');
      return checking.some((key) => timingSafeEqual(Buffer.from(checkOf(key, random)), Buffer.from(check)));
    },
    seal({ keyId, secret: plain }) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing[0]!, nonce).setAAD(Buffer.from(keyId));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
    },
    unseal(keyId, sealed) {
      const bytes = Buffer.from(sealed ?? '', 'base64url');
      for (const key of sealing) {
        const plain = decipher(key, keyId, bytes);
        if (plain !== null) return plain;
      }
      return null;
    },
  };
}

function decipher(key: Buffer, keyId: string, bytes: Buffer): string | null {
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return null;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decoder = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(keyId))
    .setAuthTag(tag);
  try {
    return Buffer.concat([decoder.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decoder.final()]).toString('utf8');
  } catch {
    return null;
  }
}
