import { randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** Shorter keys can be guessed; an empty one signs for everybody. */
const MIN_BYTES = 24;

/** A secret that must not be used: not `whsec_` and base64, or shorter than 24 bytes. Its value is not in the message. */
export class WebhookSecretError extends Error {
  constructor() {
    super(`A webhook secret is ${PREFIX} and the base64 of at least ${MIN_BYTES} bytes`);
    this.name = 'WebhookSecretError';
  }
}

/**
 * The key in a `whsec_…` secret (Standard Webhooks; the prefix may be absent).
 * @throws WebhookSecretError
 */
export function decodeSecret(secret: string): Uint8Array {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw new WebhookSecretError();
  const key = Buffer.from(encoded, 'base64');
  if (key.length < MIN_BYTES) throw new WebhookSecretError();
  return key;
}

/** A new secret of 32 random bytes. */
export function newSecret(): string {
  return PREFIX + randomBytes(32).toString('base64');
}
