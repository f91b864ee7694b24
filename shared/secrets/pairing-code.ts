import { createHmac, randomInt } from 'node:crypto';
import { deriveKey } from './derive-key.ts';

/** Crockford's base 32: no letter that is taken for a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const FINDER_LENGTH = 4;
/** 30 bits, guessed at most five times: one chance in 200 million for each code that is alive. */
const SECRET_LENGTH = 6;

/** A code that is read off a screen, or typed: short, so that its QR code suits a cheap camera. */
export interface PairingCodes {
  make(): string;
  /** What finds its row, and what the row keeps of it; null for what is no code. */
  read(typed: string): { finder: string; proofs: readonly string[] } | null;
}

export function openPairingCodes(options: { secret: string; previousSecret: string | null }): PairingCodes {
  const keys = [options.secret, options.previousSecret]
    .filter((secret) => secret !== null)
    .map((secret) => deriveKey(secret, 'pairing code'));
  return {
    make: () =>
      Array.from({ length: FINDER_LENGTH + SECRET_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
    read(typed) {
      const code = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
      if (code.length !== FINDER_LENGTH + SECRET_LENGTH || [...code].some((sign) => !ALPHABET.includes(sign)))
        return null;
      const proofs = keys.map((key) => createHmac('sha256', key).update(code).digest('hex'));
      return { finder: code.slice(0, FINDER_LENGTH), proofs };
    },
  };
}
