import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { matchesStaticSha256, sameStaticSecret } from './static-secret.ts';

test('only the very value matches, and nothing never does', () => {
  expect(sameStaticSecret('open sesame', 'open sesame')).toBe(true);
  for (const given of ['open sesamE', 'open sesame ', '', 'o', undefined]) {
    expect(sameStaticSecret(given, 'open sesame')).toBe(false);
  }
  expect(sameStaticSecret('', '')).toBe(false);
  expect(sameStaticSecret(undefined, null)).toBe(false);
});

test('the stored hash is enough', () => {
  const stored = createHash('sha256').update('open sesame').digest('hex');
  expect(matchesStaticSha256('open sesame', stored)).toBe(true);
  expect(matchesStaticSha256('close sesame', stored)).toBe(false);
  expect(matchesStaticSha256('open sesame', '')).toBe(false);
  expect(matchesStaticSha256('', createHash('sha256').update('').digest('hex'))).toBe(false);
});
