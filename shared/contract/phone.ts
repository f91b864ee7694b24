import { parseDigits, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import * as v from 'valibot';
import { text } from './nouns.ts';

/** What a phone number was always written with: kept as it was said. */
const PLAIN = /^[+()\d\s./-]+$/;
const MAX = 40;

/**
 * A phone number as people paste it, in plain characters: signs that nobody sees go, digits and dashes of other scripts
 * become ours, `x12` and `ext. 5` one way to write an extension (`+49 30 1234567 ext. 5`). What is plain already, or
 * cannot be read as a number with its country, is kept otherwise as it was said.
 * @returns null where there are no digits
 */
export function plainPhone(said: string): string | null {
  const plain = said
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Pd}/gu, '-')
    .replace(/\p{Nd}/gu, (digit) => parseDigits(digit) || digit)
    .trim();
  if (!/\d/.test(plain)) return null;
  return PLAIN.test(plain) ? plain : (parsePhoneNumberFromString(plain)?.formatInternational() ?? plain);
}

/** What is pasted may be longer than what is left of it. */
const pasted = text(200);
const short = v.maxLength<string, number, string>(MAX, `must have at most ${MAX} characters`);

/** Refused only where there are no digits. */
export const phone = v.pipe(pasted, v.transform(plainPhone), v.string('must be a phone number'), short);

/** Of somebody who is delivered to: nothing that was said of them costs the order, also where it is no number. */
export const contactPhone = v.pipe(
  pasted,
  v.transform((said) => plainPhone(said) ?? said),
  short,
);
