import { writeDigitsAs } from './plurals.ts';
import * as words from './words.ts';

/** Each in its own words, for somebody who cannot read the others. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', ar: 'العربية' } as const;
export type Language = keyof typeof LANGUAGES;

/** The one that was chosen last. What is said in it stands in each page's own catalogue: its language.ts. */
export let language: Language = 'en';
const told: ((language: Language) => void)[] = [];
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
  writeDigitsAs(locale);
  for (const tell of told) tell(language);
}

/** Calls `tell` whenever a language is chosen. */
export function onLanguage(tell: (language: Language) => void): void {
  told.push(tell);
}

function spokenOf(wanted: readonly string[]): Language | undefined {
  return wanted
    .map((each) => each.split('-')[0])
    .find((each): each is Language => each !== undefined && Object.hasOwn(LANGUAGES, each));
}

export function timeText(at: string | number | Date, withSeconds = false): string {
  return words.timeText(at, withSeconds, locale);
}

export function momentText(at: string, nowMs: number): string {
  return words.momentText(at, nowMs, locale);
}

export function distanceText(metres: number): string {
  return words.distanceText(metres, locale);
}

export function durationText(seconds: number): string {
  return words.durationText(seconds, locale);
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
