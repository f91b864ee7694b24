import { expect, test } from 'vitest';
import { openSecretBox, SecretLostError } from './secret-box.ts';

const OLD = 'a secret for the tests, long enough';
const NEW = 'another secret for the tests, 32+';
const box = openSecretBox({ secret: OLD, previousSecret: null });

test('sealed twice it looks different, and opens to the same', () => {
  const [first, second] = [box.seal('whsec_abc'), box.seal('whsec_abc')];
  expect(first).not.toBe(second);
  expect(first).not.toContain('whsec');
  expect(first.startsWith(box.present)).toBe(true);
  for (const sealed of [first, second]) expect(box.open(sealed)).toBe('whsec_abc');
});

test('what was never sealed is answered as it is', () => {
  expect(box.open('whsec_abc')).toBe('whsec_abc');
});

test('it opens during a rotation, and after it no more', () => {
  const sealed = box.seal('whsec_abc');
  const during = openSecretBox({ secret: NEW, previousSecret: OLD });
  expect(during.open(sealed)).toBe('whsec_abc');
  expect(sealed.startsWith(during.present)).toBe(false);
  expect(() => openSecretBox({ secret: NEW, previousSecret: null }).open(sealed)).toThrow(SecretLostError);
});

test('with one bit changed, or as a stump, it is no secret', () => {
  const sealed = box.seal('whsec_abc');
  const bytes = Buffer.from(sealed.slice(box.present.length), 'base64url');
  // Bytes are changed and not characters: the last character of base64 has bits that mean nothing.
  const changed = Array.from(bytes, (byte, at) => {
    const copy = Buffer.from(bytes);
    copy[at] = byte ^ (1 << (at % 8));
    return box.present + copy.toString('base64url');
  });
  for (const wrong of [...changed, sealed.slice(0, 20), 'sealed.', `${sealed}.x`])
    expect(() => box.open(wrong)).toThrow(SecretLostError);
});
