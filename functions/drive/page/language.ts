import { type Language, onLanguage } from '#shared/pages/spoken.ts';
import { ar } from './texts/ar.ts';
import { de } from './texts/de.ts';
import { type DriveTexts, en } from './texts/en.ts';

const CATALOGUE = { en, de, ar } satisfies Record<Language, DriveTexts>;

/** What drivers are told, in the language that was chosen last. */
export let texts: DriveTexts = en;
onLanguage((language) => {
  texts = CATALOGUE[language];
});
