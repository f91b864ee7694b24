import { useEffect, useState } from 'preact/hooks';
import { Refusal } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { speakHere } from '#shared/pages/speak-here.ts';
import { Drive } from './drive.tsx';
import { type Identity, pair, readIdentity } from './identity.ts';
import { texts } from './language.ts';
import { keepSettings, readSettings, type Settings } from './settings.ts';

/** Whose phone this is, and how it speaks, before anything else. */
export function Start() {
  const [identity, setIdentity] = useState<Identity | null | 'asking'>('asking');
  const [settings, setSettings] = useState<Settings | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const become = async (who: Promise<Identity | null>) => {
    try {
      setIdentity(await who);
    } catch (error) {
      setFault(wordsOf(error));
      setIdentity(null);
    }
  };
  const change = (next: Settings) => {
    speakHere(next.language);
    setSettings(next);
    void keepSettings(next).catch(() => {});
  };
  useEffect(() => {
    const read = () => void become(readIdentity());
    readSettings().then(
      (found) => {
        speakHere(found.language);
        setSettings(found);
        read();
      },
      () => {
        setFault(texts.keepsNothing);
        setIdentity(null);
      },
    );
    // A link that is opened where the page is open already.
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  if (identity === 'asking')
    return (
      <main class="alone">
        <p>{texts.oneMoment}</p>
      </main>
    );
  if (identity !== null && settings !== null)
    return <Drive key={identity.headers.authorization} identity={identity} settings={settings} onSettings={change} />;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const code = new FormData(event.currentTarget as HTMLFormElement).get('code');
    setFault(null);
    void become(pair(String(code)));
  };
  return (
    <main class="alone">
      <h1>{texts.title}</h1>
      <p>{texts.start}</p>
      <form class="hand-over" onSubmit={submit}>
        <label>
          {texts.code}
          <input
            name="code"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={20}
            required
          />
        </label>
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button class="primary big" type="submit">
          {texts.thisIsMyPhone}
        </button>
      </form>
    </main>
  );
}

function wordsOf(error: unknown): string {
  const said = refusalText(error, texts.faults);
  return error instanceof Refusal && error.status === 0 ? said : texts.askForNewCode(said);
}
