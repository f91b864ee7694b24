import { createHmac, timingSafeEqual } from 'node:crypto';
import { deriveKey } from './derive-key.ts';

/** Small statements that only this service can have made, and that anybody may carry. */
export interface Seal {
  /** URL-safe text. `expiresAtMs` goes inside. */
  close(purpose: string, content: Readonly<Record<string, string>>, expiresAtMs: number): string;
  /** The content, if it is genuine, for this purpose, and not expired. */
  open(purpose: string, text: string, nowMs: number): Readonly<Record<string, string>> | null;
}

const MAX_LENGTH = 2_048;

/**
 * HMAC-SHA256 over content and purpose, with a key for each purpose, derived from TOKEN_SECRET (and the one before it).
 * What was sealed before each purpose had its own is good until it expires.
 */
export function openSeal(options: { secret: string; previousSecret: string | null }): Seal {
  const roots = [options.secret, options.previousSecret].filter((secret) => secret !== null);
  const common = roots.map((secret) => createHmac('sha256', secret).update('seal').digest());
  const derived = new Map<string, readonly Buffer[]>();
  const keysOf = (purpose: string): readonly Buffer[] => {
    const known = derived.get(purpose) ?? roots.map((secret) => deriveKey(secret, `seal ${purpose}`));
    derived.set(purpose, known);
    return known;
  };
  const mac = (key: Buffer, purpose: string, payload: string) =>
    createHmac('sha256', key).update(`${purpose}\n${payload}`).digest();
  return {
    close(purpose, content, expiresAtMs) {
      const payload = Buffer.from(JSON.stringify({ c: content, e: expiresAtMs })).toString('base64url');
      return `${payload}.${mac(keysOf(purpose)[0]!, purpose, payload).toString('base64url')}`;
    },
    open(purpose, text, nowMs) {
      const [payload, proof] = text.length > MAX_LENGTH ? [] : text.split('.');
      if (payload === undefined || proof === undefined) return null;
      const given = Buffer.from(proof, 'base64url');
      const genuine = [...keysOf(purpose), ...common].some((key) => {
        const expected = mac(key, purpose, payload);
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
      if (!genuine) return null;
      const { c, e } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
        c: Readonly<Record<string, string>>;
        e: number;
      };
      return e > nowMs ? c : null;
    },
  };
}
