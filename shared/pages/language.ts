import { writeDigitsAs } from './plurals.ts';
import { ar } from './texts/ar.ts';
import { de } from './texts/de.ts';
import { en, type Texts } from './texts/en.ts';
import * as words from './words.ts';

const CATALOGUE = { en, de, ar } satisfies Record<string, Texts>;
export type Language = keyof typeof CATALOGUE;
/** Each in its own words, for somebody who cannot read the others. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', ar: 'العربية' };

/** In the language that was chosen last. */
export let texts: Texts = en;
export let language: Language = 'en';
/** How times and digits are written; undefined: as the browser does. */
let locale: string | undefined;

/**
 * From now on everything is said in a language, with its times and digits.
 * @param chosen null: the first of `wanted` that is among ours, or English
 * @param wanted what the reader's browser speaks, the best first
 */
export function speak(chosen: Language | null, wanted: readonly string[]): void {
  language = chosen ?? spokenOf(wanted) ?? 'en';
  // With the reader's country, where it is one of that language: 12:40 or 12:40 pm, 12 or ١٢.
  locale = wanted.find((each) => each.split('-')[0] === language) ?? language;
  texts = CATALOGUE[language];
  writeDigitsAs(locale);
}

function spokenOf(wanted: readonly string[]): Language | undefined {
  return wanted
    .map((each) => each.split('-')[0])
    .find((each): each is Language => each !== undefined && Object.hasOwn(CATALOGUE, each));
}

export function timeText(at: string | number | Date, withSeconds = false): string {
  return words.timeText(at, withSeconds, locale);
}

export function momentText(at: string, nowMs: number): string {
  return words.momentText(at, nowMs, locale);
}

/** In the smallest unit of the currency: of 730 EUR it makes `7,30 €`. */
export function moneyText({ amount, currency }: { amount: number; currency: string }): string {
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return money.format(amount / 10 ** (money.resolvedOptions().maximumFractionDigits ?? 2));
}

/** `a, b and c`, as the language joins them. */
export function listText(parts: readonly string[]): string {
  return new Intl.ListFormat(locale, { type: 'unit' }).format(parts);
}
