import { en, type Texts } from './texts/en.ts';
import * as words from './words.ts';

const CATALOGUE = { en } satisfies Record<string, Texts>;
export type Language = keyof typeof CATALOGUE;
/** Each in its own words, for somebody who cannot read the others. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English' };

/** In the language that was chosen last. */
export let texts: Texts = en;
/** How times and digits are written; undefined: as the browser does. */
let locale: string | undefined;

/**
 * From now on the page speaks a language, in its direction, with its digits and times.
 * @param chosen null: the phone's, or English where that is not among ours
 */
export function speak(chosen: Language | null, wanted: readonly string[] = navigator.languages): void {
  const language = chosen ?? spokenOf(wanted) ?? 'en';
  // The phone's own country, where it is one of that language: 12:40 or 12:40 pm, ١٢ or 12.
  locale = wanted.find((each) => each.split('-')[0] === language) ?? language;
  texts = CATALOGUE[language];
  if (typeof document === 'undefined') return;
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

function spokenOf(wanted: readonly string[]): Language | undefined {
  return wanted
    .map((each) => each.split('-')[0])
    .find((each): each is Language => each !== undefined && each in CATALOGUE);
}

function directionOf(language: string): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr';
}

export function timeText(at: string | number | Date, withSeconds = false): string {
  return words.timeText(at, withSeconds, locale);
}

export function momentText(at: string, nowMs: number): string {
  return words.momentText(at, nowMs, locale);
}

/** `a, b and c`, as the language joins them. */
export function listText(parts: readonly string[]): string {
  return new Intl.ListFormat(locale, { type: 'unit' }).format(parts);
}
