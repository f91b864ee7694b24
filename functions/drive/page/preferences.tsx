import { useEffect, useState } from 'preact/hooks';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { LANGUAGES, type Language } from '#shared/pages/spoken.ts';
import type { Identity } from './identity.ts';
import { texts } from './language.ts';
import { canBePushed, isPushed, type Started, startPush, stopPush } from './push.ts';
import type { Settings } from './settings.ts';

const SWITCHES = ['sound', 'vibration', 'awake'] as const;

/** How this phone speaks, and how it makes itself heard. */
export function Preferences({
  identity,
  settings,
  onSettings,
}: {
  identity: Identity;
  settings: Settings;
  onSettings: (next: Settings) => void;
}) {
  const said = texts;
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
      {canBePushed() && <PushSwitch identity={identity} />}
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

/** The browser knows whether it is on: nothing of that is kept beside it. */
function PushSwitch({ identity }: { identity: Identity }) {
  const [on, setOn] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => void isPushed().then(setOn), []);
  const change = async (wanted: boolean) => {
    setFault(null);
    try {
      if (!wanted) await stopPush(identity);
      else setFault(faultOf(await startPush(identity)));
    } catch (error) {
      setFault(refusalText(error, texts.faults));
    }
    setOn(await isPushed());
  };
  return (
    <>
      <label class="switch">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => void change((event.currentTarget as HTMLInputElement).checked)}
        />
        {texts.push}
      </label>
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}

function faultOf(started: Started): string | null {
  switch (started) {
    case 'started':
      return null;
    case 'denied':
      return texts.pushDenied;
    case 'silent':
      return texts.pushSilent;
  }
}
