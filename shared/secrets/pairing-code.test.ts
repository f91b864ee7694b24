import { expect, test } from 'vitest';
import { openPairingCodes } from './pairing-code.ts';

const codes = openPairingCodes({ secret: 'a secret for the tests, long enough', previousSecret: null });

test('ten signs that are not mistaken for each other, never the same', () => {
  const made = Array.from({ length: 200 }, () => codes.make());
  expect(made.every((code) => /^[0-9A-HJKMNP-TV-Z]{10}$/.test(code))).toBe(true);
  expect(new Set(made).size).toBe(200);
});

test('typed as people type', () => {
  expect(codes.read('o1il-abcd 2x')).toEqual(codes.read('0111ABCD2X'));
  for (const none of ['', 'ABCD', 'ABCDEFGHJKM', 'ABCDEFGHJU', 'ABCDEFGH\u212aK']) expect(codes.read(none)).toBeNull();
});

test('another secret proves another thing; the one before it counts during a rotation', () => {
  const rotated = openPairingCodes({
    secret: 'another secret for the tests, 32+',
    previousSecret: 'a secret for the tests, long enough',
  });
  const [ours] = codes.read('0111ABCD2X')!.proofs;
  const [first, second] = rotated.read('0111ABCD2X')!.proofs;
  expect(first).not.toBe(ours);
  expect(second).toBe(ours);
});
