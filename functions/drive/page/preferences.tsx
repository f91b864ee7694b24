import { LANGUAGES, type Language, texts } from '#shared/pages/language.ts';
import type { Settings } from './settings.ts';

const SWITCHES = ['sound', 'vibration', 'awake'] as const;

/** How this phone speaks, and how it makes itself heard. */
export function Preferences({ settings, onSettings }: { settings: Settings; onSettings: (next: Settings) => void }) {
  const said = texts.drive;
  return (
    <details class="settings">
      <summary>{said.settings}</summary>
      <label>
        {said.language}
        <select
          value={settings.language ?? ''}
          onChange={(event) => {
            const chosen = (event.currentTarget as HTMLSelectElement).value as Language | '';
            onSettings({ ...settings, language: chosen || null });
          }}
        >
          <option value="">{said.phonesLanguage}</option>
          {Object.entries(LANGUAGES).map(([language, name]) => (
            <option key={language} value={language} lang={language}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {SWITCHES.map((name) => (
        <label key={name} class="switch">
          <input
            type="checkbox"
            checked={settings[name]}
            onChange={(event) => onSettings({ ...settings, [name]: (event.currentTarget as HTMLInputElement).checked })}
          />
          {said[name]}
        </label>
      ))}
    </details>
  );
}
