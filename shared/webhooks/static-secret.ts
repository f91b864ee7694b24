import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a static secret header has the expected value, told in constant time whatever the lengths. An absent or
 * empty value on either side never matches.
 */
export function sameStaticSecret(given: string | undefined, expected: string | null): boolean {
  return expected !== null && expected !== '' && matchesStaticSha256(given, sha256(expected));
}

/** The same, where only the SHA-256 (hex) of the expected value is stored. */
export function matchesStaticSha256(given: string | undefined, expectedSha256: string | null): boolean {
  if (!given || expectedSha256 === null) return false;
  const expected = Buffer.from(expectedSha256, 'hex');
  const actual = Buffer.from(sha256(given), 'hex');
  return expected.length === actual.length && timingSafeEqual(actual, expected);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
