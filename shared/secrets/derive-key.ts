import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/** HKDF (RFC 5869) with SHA-256: a key for one purpose, from which neither the root nor another purpose's key follows. */
export function deriveKey(root: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', root, '', `driver-dispatch ${purpose}`, KEY_BYTES));
}
