import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { contactPhone, phone, plainPhone } from './phone.ts';

test.each([
  ['+49 30 1234567', '+49 30 1234567'],
  ['(030) 123-45.67/8', '(030) 123-45.67/8'],
  ['+49 30\u20131234567', '+49 30-1234567'],
  ['\u202a+49 30 1234567\u202c', '+49 30 1234567'],
  ['\uff0b49 30 1234567', '+49 30 1234567'],
  ['+\u0664\u0669 \u0663\u0660 1234567', '+49 30 1234567'],
  ['\u0660\u0663\u0660 1234567', '030 1234567'],
  ['+49 30 1234567 x12', '+49 30 1234567 ext. 12'],
  ['+49 30 1234567 ext. 5', '+49 30 1234567 ext. 5'],
  ['tel:+49301234567', '+49 30 1234567'],
  ['030 1234567 x12', '030 1234567 x12'],
  ['ask for Asha', null],
  ['\u202a\u202c', null],
])('%j → %j', (said, plain) => {
  expect(plainPhone(said)).toBe(plain);
});

test('a driver’s number is refused only where there are no digits', () => {
  expect(v.safeParse(phone, 'none').success).toBe(false);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.nat({ max: 999_999 }), (odd, digits) => {
      const ran = v.safeParse(phone, `${odd.replace(/\p{Cc}|\p{Cs}/gu, '')}${digits}`);
      return ran.success ? /\d/.test(ran.output) : ran.issues[0].message.includes('at most');
    }),
  );
});

test('what is said of a recipient is kept, also where it is no number', () => {
  expect(v.parse(contactPhone, 'ask for Asha')).toBe('ask for Asha');
  expect(v.parse(contactPhone, `\u202a${'\u200b'.repeat(50)}+49 30 1234567\u202c`)).toBe('+49 30 1234567');
});
