import { type Language, language, speak } from './spoken.ts';

const RIGHT_TO_LEFT: ReadonlySet<Language> = new Set(['ar']);

/** From now on this page speaks a language, in its direction. @param chosen null: the phone's */
export function speakHere(chosen: Language | null): void {
  speak(chosen, navigator.languages);
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}
