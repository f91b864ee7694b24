import { timingSafeEqual } from 'node:crypto';
import { decodeSecret, WebhookSecretError } from './secret.ts';
import { hmac } from './sign.ts';

export type Verification =
  | { readonly ok: true; readonly id: string; readonly timestampS: number }
  | {
      readonly ok: false;
      readonly reason: 'missing_headers' | 'bad_timestamp' | 'outside_window' | 'no_secret' | 'no_match';
    };

/** How far a signature's time may be from ours, either way. */
export const TOLERANCE_S = 300;
/** A header may carry several signatures; more than this is an attempt to make us compute. */
const MAX_SIGNATURES = 16;

/**
 * Checks a signed webhook (Standard Webhooks 1.0) on its raw bytes, before they are parsed. Secrets that are too weak
 * are passed over, so that an empty one never lets anybody in. `reason` is for the log; the sender is told 401 only.
 *
 * @param options.secrets all that are valid now: one, or two during a rotation
 * @param options.headers names in lower case: `webhook-id` …, or `svix-id` …
 */
export function verifySignature(options: {
  secrets: readonly string[];
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
  nowMs: number;
}): Verification {
  const { headers, body, nowMs } = options;
  // Svix signs the same content, under its own names.
  const prefix = headers['webhook-signature'] === undefined ? 'svix' : 'webhook';
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) => headers[`${prefix}-${name}`]);
  if (!id || !timestamp || !signature || !/^[\x21-\x7e]{1,255}$/.test(id))
    return { ok: false, reason: 'missing_headers' };
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'bad_timestamp' };
  const timestampS = Number(timestamp);
  if (Math.abs(nowMs / 1000 - timestampS) > TOLERANCE_S) return { ok: false, reason: 'outside_window' };
  const keys = usableKeys(options.secrets);
  if (keys.length === 0) return { ok: false, reason: 'no_secret' };
  const given = signature.split(' ', MAX_SIGNATURES).filter((part) => part.startsWith('v1,'));
  const matches = keys.some((key) => {
    const expected = hmac(key, id, timestamp, body);
    return given.some((part) => sameBytes(Buffer.from(part.slice(3), 'base64'), expected));
  });
  return matches ? { ok: true, id, timestampS } : { ok: false, reason: 'no_match' };
}

function usableKeys(secrets: readonly string[]): Uint8Array[] {
  return secrets.flatMap((secret) => {
    try {
      return [decodeSecret(secret)];
    } catch (error) {
      if (error instanceof WebhookSecretError) return [];
      throw error;
    }
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
