import { type CountryCode, type PhoneNumber, parseDigits, parsePhoneNumberFromString } from 'libphonenumber-js/min';
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

/** Two letters of ISO 3166. */
export const countryCode = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z]{2}$/, 'must be two letters, such as DE (ISO 3166)'),
  v.toUpperCase(),
);

/**
 * A place with its number as the whole world writes it (E.164: `+49171234567`), where its country makes that of it. What
 * is no number there, or has words or an extension beside it, stays as it was said.
 */
export function withWholeNumber<
  Place extends { phone?: string | null | undefined; countryCode?: string | null | undefined },
>(place: Place): Place {
  if (place.phone == null || place.countryCode == null) return place;
  const number = numberIn(place.phone, { defaultCountry: place.countryCode as CountryCode });
  return number === null || number.ext !== undefined ? place : { ...place, phone: number.number };
}

/** A number as somebody has it, and the country in which they said it, where that is known. */
export interface SaidNumber {
  phone: string;
  countryCode: string | null;
}

/**
 * Whether two reach the same telephone, however each is written. One that lacks its country is taken for one of its
 * address' country, or else of the other's; where neither says it, their digits decide.
 */
export function isSameNumber(one: SaidNumber, other: SaidNumber): boolean {
  const [left, right] = [whole(one, other), whole(other, one)];
  if (left !== null && right !== null) return left.number === right.number;
  return left === right && digitsOf(one.phone) === digitsOf(other.phone);
}

/**
 * Digits that stand side by side in whatever is the same number as this one: its last four, without an extension. Not
 * more, since there are countries whose numbers are no longer.
 */
export function lastDigitsOf({ phone, countryCode }: SaidNumber): string {
  const number = numberIn(phone, countryCode === null ? {} : { defaultCountry: countryCode as CountryCode });
  const [plain = ''] = /^[+()\d\s./-]*/.exec(phone) ?? [];
  const digits = number?.nationalNumber ?? (/(?:\d\D*){4}/.test(plain) ? plain : phone);
  return digits.replace(/\D/g, '').slice(-4);
}

function whole({ phone, countryCode: own }: SaidNumber, other: SaidNumber): PhoneNumber | null {
  const known = own ?? other.countryCode;
  if (known !== null) return numberIn(phone, { defaultCountry: known as CountryCode });
  const callingCode = numberIn(other.phone, {})?.countryCallingCode;
  return numberIn(phone, callingCode === undefined ? {} : { defaultCallingCode: callingCode });
}

/** Null where it is no number, or words stand beside it. Nobody's own numbers begin with 00: what follows is a country. */
function numberIn(
  phone: string,
  from: { defaultCountry: CountryCode } | { defaultCallingCode: string } | Record<never, never>,
): PhoneNumber | null {
  const number = parsePhoneNumberFromString(phone.replace(/^\s*00/, '+'), { ...from, extract: false });
  return number?.isPossible() ? number : null;
}

function digitsOf(phone: string): string {
  return phone.replace(/\D/g, '').replace(/^00/, '');
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
