import { type Language, onLanguage } from '#shared/pages/spoken.ts';
import { ar } from './texts/ar.ts';
import { de } from './texts/de.ts';
import { en, type TrackTexts } from './texts/en.ts';

const CATALOGUE = { en, de, ar } satisfies Record<Language, TrackTexts>;

/** What customers are told, in the language that was chosen last. */
export let texts: TrackTexts = en;
onLanguage((language) => {
  texts = CATALOGUE[language];
});
