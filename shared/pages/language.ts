import { type Language, onLanguage } from './spoken.ts';
import { ar } from './texts/ar.ts';
import { de } from './texts/de.ts';
import { en, type Texts } from './texts/en.ts';

const CATALOGUE = { en, de, ar } satisfies Record<Language, Texts>;

/** What drivers and customers are told, in the language that was chosen last. */
export let texts: Texts = en;
onLanguage((language) => {
  texts = CATALOGUE[language];
});
