import { LANGUAGES, type Language, language } from '#shared/pages/spoken.ts';
import { choose, say } from './language.ts';

/** Each language in its own words, for somebody who cannot read the others. The page is shown anew in the one chosen. */
export function ChooseLanguage() {
  const chosen = (to: Language) => {
    choose(to);
    location.reload();
  };
  return (
    <select
      class="quiet"
      aria-label={say().language}
      value={language}
      onChange={(event) => chosen(event.currentTarget.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([name, words]) => (
        <option key={name} value={name} lang={name}>
          {words}
        </option>
      ))}
    </select>
  );
}
