import fs from 'node:fs';
import path from 'node:path';

/** The texts of a language as the dashboard's build finds them, by their ids. */
export function catalogue(language: 'en' | 'de'): Record<string, string> {
  const file = fs.readFileSync(path.resolve('src/dashboard/i18n', `${language}.po`), 'utf8');
  const found = file.matchAll(/#\. js-lingui-explicit-id\nmsgid "(.+)"\nmsgstr "(.+)"/g);
  return Object.fromEntries([...found].map(([, id, text]) => [id!, text!]));
}
