import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far a signature's time may be from ours, either way (Standard Webhooks). */
const TOLERANCE_S = 300;
const MIN_SECRET_BYTES = 24;

/** The key in a `whsec_…` secret, or null where it is not base64 of at least 24 bytes: an empty key signs for everybody. */
export function decodeSecret(secret: string): Buffer | null {
  const encoded = secret.startsWith('whsec_') ? secret.slice(6) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null;
  const key = Buffer.from(encoded, 'base64');
  return key.length < MIN_SECRET_BYTES ? null : key;
}

/** The headers of a signed message (Standard Webhooks 1.0): the id stays over retries, the time does not. */
export function signedHeaders(message: { id: string; body: string; secrets: readonly string[]; nowMs: number }) {
  const timestamp = String(Math.floor(message.nowMs / 1000));
  const signatures = message.secrets.flatMap((secret) => {
    const key = decodeSecret(secret);
    return key === null ? [] : [`v1,${hmac(key, message.id, timestamp, message.body).toString('base64')}`];
  });
  return { 'webhook-id': message.id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/** Whether one of `secrets` signed these bytes within the last five minutes; the message's id, or null. */
export function verifySigned(message: {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
  secrets: readonly string[];
  nowMs: number;
}): string | null {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = message.headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return null;
  if (Math.abs(message.nowMs / 1000 - Number(timestamp)) > TOLERANCE_S) return null;
  const given = signature.split(' ', 16).filter((part) => part.startsWith('v1,'));
  const matches = message.secrets.some((secret) => {
    const key = decodeSecret(secret);
    if (key === null) return false;
    const expected = hmac(key, id, timestamp, message.body);
    return given.some((part) => {
      const bytes = Buffer.from(part.slice(3), 'base64');
      return bytes.length === expected.length && timingSafeEqual(bytes, expected);
    });
  });
  return matches ? id : null;
}

function hmac(key: Buffer, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
