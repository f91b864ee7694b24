import { createHmac } from 'node:crypto';
import { decodeSecret } from './secret.ts';

/** The headers of a signed webhook (Standard Webhooks 1.0). */
export type SignatureHeaders = {
  readonly 'webhook-id': string;
  /** Seconds since the Unix epoch. */
  readonly 'webhook-timestamp': string;
  /** `v1,<base64>`, one per secret, separated by spaces. */
  readonly 'webhook-signature': string;
};

/**
 * Signs a message with each of `secrets` (two during a rotation).
 * @param message.id the same over all retries
 * @throws WebhookSecretError for a secret too weak to use; RangeError without any secret
 */
export function signatureHeaders(message: {
  id: string;
  timestampS: number;
  body: string | Uint8Array;
  secrets: readonly string[];
}): SignatureHeaders {
  const { id, timestampS, body, secrets } = message;
  if (secrets.length === 0) throw new RangeError('Nothing to sign with');
  const signatures = secrets.map(
    (secret) => `v1,${hmac(decodeSecret(secret), id, String(timestampS), body).toString('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': signatures.join(' ') };
}

/** HMAC-SHA256 over `id.timestamp.body`: the signature of Standard Webhooks, version v1. */
export function hmac(key: Uint8Array, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
