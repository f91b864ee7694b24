import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { deriveKey } from './derive-key.ts';

/*
 * Secrets that the service must know by heart, since it signs and verifies with them, as they stand in the database:
 * enciphered with a key that follows from TOKEN_SECRET. `sealed.<which key>.<nonce, tag, text>`.
 */

export interface SecretBox {
  seal(secret: string): string;
  /**
   * What was sealed; a text that was not is from before there was this, and is answered as it is.
   * @throws SecretLostError where the TOKEN_SECRET that it was sealed with has gone
   */
  open(stored: string): string;
  /** How texts begin that are sealed with the present key: all others are to be sealed anew. */
  readonly present: string;
}

/** A stored secret cannot be read: TOKEN_SECRET is another one, and TOKEN_SECRET_PREVIOUS is not the one before it. */
export class SecretLostError extends Error {
  constructor() {
    super('A stored secret was sealed with another TOKEN_SECRET: set the webhook anew');
    this.name = 'SecretLostError';
  }
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^sealed\.([0-9a-f]{8})\.([\w-]+)$/;

/** AES-256-GCM. */
export function openSecretBox(options: { secret: string; previousSecret: string | null }): SecretBox {
  const keys = [options.secret, options.previousSecret]
    .filter((secret) => secret !== null)
    .map((secret) => deriveKey(secret, 'secrets at rest'));
  const nameOf = (key: Buffer) => createHash('sha256').update(key).digest('hex').slice(0, 8);
  const byName = new Map(keys.map((key) => [nameOf(key), key]));
  const present = `sealed.${nameOf(keys[0]!)}.`;
  return {
    present,
    seal(secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keys[0]!, nonce);
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return present + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(stored) {
      if (!stored.startsWith('sealed.')) return stored;
      const [, name = '', content = ''] = SEALED.exec(stored) ?? [];
      const key = byName.get(name);
      const bytes = Buffer.from(content, 'base64url');
      if (key === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) throw new SecretLostError();
      return decipher(key, bytes);
    },
  };
}

function decipher(key: Buffer, bytes: Buffer): string {
  const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)];
  const decoder = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAuthTag(tag);
  try {
    return Buffer.concat([decoder.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decoder.final()]).toString('utf8');
  } catch {
    throw new SecretLostError();
  }
}
