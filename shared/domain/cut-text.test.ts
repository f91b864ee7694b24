import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText } from './cut-text.ts';

test.each([
  ['what fits stays', 'Ada', 3, 'Ada'],
  ['an emoji is whole or not there', `${'a'.repeat(199)}😀`, 200, 'a'.repeat(199)],
  ['an emoji that just fits stays', `${'a'.repeat(198)}😀b`, 200, `${'a'.repeat(198)}😀`],
  ['so is a family of emojis', 'ab👩‍👩‍👧‍👦', 6, 'ab'],
  ['a letter keeps its accent', 'cafe\u0301 au lait', 4, 'caf'],
  ['marks of direction are characters like others', '\u202Bשלום\u202C', 3, '\u202Bשל'],
  ['nothing of a character that is too long', '👩‍👩‍👧‍👦', 3, ''],
])('%s', (_, text, max, expected) => {
  expect(cutText(text, max)).toBe(expected);
});

const LONE = /\p{Surrogate}/u;
test('is a beginning of the text, no longer than allowed, well formed, and as long as can be', () => {
  const text = fc.string({
    unit: fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'binary' })),
  });
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 40 }), (whole, max) => {
      const cut = cutText(whole, max);
      expect(whole.startsWith(cut)).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(max);
      if (!LONE.test(whole)) expect(cut).not.toMatch(LONE);
      if (whole.length <= max) expect(cut).toBe(whole);
    }),
  );
});
