import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { contactPhone, isSameNumber, lastDigitsOf, phone, plainPhone, withWholeNumber } from './phone.ts';

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

test.each([
  ['0171 2345678', 'DE', '+491712345678'],
  ['0049 171 2345678', 'DE', '+491712345678'],
  ['+43 664 1234567', 'DE', '+436641234567'],
  ['(212) 555-0123', 'US', '+12125550123'],
  ['0171 2345678', 'XX', '0171 2345678'],
  ['0171 2345678', null, '0171 2345678'],
  ['030 1234567 ext. 5', 'DE', '030 1234567 ext. 5'],
  ['ring 0171 2345678', 'DE', 'ring 0171 2345678'],
  ['12', 'DE', '12'],
])('%j with an address in %s is kept as %j', (said, countryCode, kept) => {
  expect(withWholeNumber({ phone: said, countryCode }).phone).toBe(kept);
});

test.each([
  ['0171 2345678', null, '+491712345678', 'DE', true],
  ['+49 171 2345678', null, '0171-2345678', null, true],
  ['0171 2345678', null, '+49 171 2345678', null, true],
  ['0171 2345678', 'DE', '+49 (0) 171 2345678', null, true],
  ['0049 171 2345678', null, '+491712345678', 'DE', true],
  ['0171 2345678', null, '0171/2345678', null, true],
  ['0171 2345678', 'AT', '+491712345678', 'DE', false],
  ['+49 171 2345678', null, '0171 2345678', 'AT', false],
  ['+49 171 2345678', null, '+49 171 2345679', 'DE', false],
  ['0171 2345678', null, 'ask for Asha', 'DE', false],
  ['+49 171 2345678 ext. 5', null, '0171 2345678', 'DE', true],
  ['0171 2345678 x12', null, '+491712345678', null, true],
  ['ring 0171 2345678', null, 'ring 0171-2345678', 'DE', true],
  ['+683 4002', null, '4002', 'NU', true],
])('%j (%s) and %j (%s) are one: %s', (one, here, other, there, isOne) => {
  const [left, right] = [
    { phone: one, countryCode: here },
    { phone: other, countryCode: there },
  ];
  expect(isSameNumber(left, right)).toBe(isOne);
  expect(isSameNumber(right, left)).toBe(isOne);
  if (!isOne) return;
  expect(other.replace(/\D/g, '')).toContain(lastDigitsOf(left));
  expect(one.replace(/\D/g, '')).toContain(lastDigitsOf(right));
});
