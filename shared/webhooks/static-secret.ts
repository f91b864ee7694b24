import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a static secret header has the expected value, told in constant time whatever the lengths. An absent or
 * empty value on either side never matches.
 */
export function sameStaticSecret(given: string | undefined, expected: string | null): boolean {
  return expected !== null && expected !== '' && matchesStaticSha256(given, sha256(expected));
}

const NOBODYS_SHA256 = '0'.repeat(64);

/** The same, where only the SHA-256 (hex) of the expected value is stored. Where none is, it takes as long to say so. */
export function matchesStaticSha256(given: string | undefined, expectedSha256: string | null): boolean {
  if (!given) return false;
  const expected = Buffer.from(expectedSha256 ?? NOBODYS_SHA256, 'hex');
  const actual = Buffer.from(sha256(given), 'hex');
  const isSame = expected.length === actual.length && timingSafeEqual(actual, expected);
  return isSame && expectedSha256 !== null;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
