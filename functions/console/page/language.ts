import { speakHere } from '#shared/pages/speak-here.ts';
import { type Language, language } from '#shared/pages/spoken.ts';
import { sentence } from '#shared/pages/words.ts';
import { ar } from './texts/ar.ts';
import { de } from './texts/de.ts';
import { type ConsoleTexts, en } from './texts/en.ts';

const CATALOGUE = { en, de, ar } satisfies Record<Language, ConsoleTexts>;
const KEPT = 'dispatch-console-language';

/** The texts of the language that was chosen last. */
export function say(): ConsoleTexts {
  return CATALOGUE[language];
}

/** A status in words. */
export function statusText(status: string): string {
  return (say().statuses as Readonly<Record<string, string>>)[status] ?? sentence(status);
}

/** A code of the service in words: `RECIPIENT_UNAVAILABLE` is `Recipient unavailable`. */
export function codeText(code: string): string {
  return say().codes[code.toLowerCase()] ?? sentence(code);
}

/** The language chosen in this browser before; the browser's own otherwise. */
export function speakAsChosen(): void {
  const kept = localStorage.getItem(KEPT);
  speakHere(kept !== null && Object.hasOwn(CATALOGUE, kept) ? (kept as Language) : null);
}

/** From now on, and in this browser the next time too. */
export function choose(chosen: Language): void {
  localStorage.setItem(KEPT, chosen);
  speakHere(chosen);
}
