import { createHmac, timingSafeEqual } from 'node:crypto';
import { deriveKey } from './derive-key.ts';

/** A customer's links: unguessable, and made from the delivery's id alone, so that none has to be stored. */
export interface TrackingLinks {
  tokenOf(deliveryId: string): string;
  /** The delivery a genuine token is for. */
  deliveryOf(token: string): string | null;
  /** Where the customer looks; null where no PUBLIC_URL says what this service is called outside. */
  urlOf(deliveryId: string): string | null;
}

const MAC_BYTES = 16;

/**
 * A token is the id and the first 128 bits of an HMAC-SHA256 over it, in base64url: 43 characters. It opens one
 * delivery until a day after its end (statements/tracked.ts); TOKEN_SECRET_PREVIOUS keeps old links alive.
 */
export function openTrackingLinks(options: {
  secret: string;
  previousSecret: string | null;
  publicUrl: string | null;
}): TrackingLinks {
  const roots = [options.secret, options.previousSecret].filter((secret) => secret !== null);
  // A link of before there were keys for one purpose each was made with the secret itself.
  const keys = [...roots.map((root) => deriveKey(root, 'tracking link')), ...roots];
  const mac = (key: string | Buffer, id: Buffer) =>
    createHmac('sha256', key).update('track\n').update(id).digest().subarray(0, MAC_BYTES);
  const tokenOf = (deliveryId: string) => {
    const id = Buffer.from(deliveryId.replaceAll('-', ''), 'hex');
    return Buffer.concat([id, mac(keys[0]!, id)]).toString('base64url');
  };
  return {
    tokenOf,
    deliveryOf(token) {
      if (!/^[\w-]{43}$/.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const [id, given] = [bytes.subarray(0, 16), bytes.subarray(16)];
      if (!keys.some((key) => timingSafeEqual(mac(key, id), given))) return null;
      return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
    urlOf: (deliveryId) =>
      options.publicUrl === null ? null : `${options.publicUrl.replace(/\/$/, '')}/track/${tokenOf(deliveryId)}`,
  };
}
