import { LanguageCode } from '@vendure/core';

/**
 * A text of Vendure's own forms (custom fields, shipping methods, fulfillment handlers), which take it with the
 * definition; the texts of our pages are in dashboard/i18n.
 */
export const adminText = (en: string, de: string) => [
  { languageCode: LanguageCode.en, value: en },
  { languageCode: LanguageCode.de, value: de },
];
