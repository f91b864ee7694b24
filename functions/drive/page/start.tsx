import { useEffect, useState } from 'preact/hooks';
import { Refusal } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { speakHere } from '#shared/pages/speak-here.ts';
import { CodeForm } from './code-form.tsx';
import { Drive } from './drive.tsx';
import { type Identity, pair, readIdentity } from './identity.ts';
import { texts } from './language.ts';
import { keepSettings, readSettings, type Settings } from './settings.ts';

/** Whose phone this is, and how it speaks, before anything else. */
export function Start() {
  const [identity, setIdentity] = useState<Identity | null | 'asking'>('asking');
  const [settings, setSettings] = useState<Settings | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const change = (next: Settings) => {
    speakHere(next.language);
    setSettings(next);
    void keepSettings(next).catch(() => {});
  };
  useEffect(() => {
    const read = () => {
      setFault(null);
      void readIdentity().then(setIdentity, (error) => {
        setFault(wordsOf(error));
        setIdentity(null);
      });
    };
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
  // A code that is not taken leaves the phone whose it was: what waits on it is theirs.
  const take = (code: string) => {
    setFault(null);
    void pair(code).then(setIdentity, (error) => setFault(wordsOf(error)));
  };
  const form = <CodeForm fault={fault} onCode={take} />;
  if (identity !== null && settings !== null) {
    const { authorization } = identity.headers;
    return <Drive key={authorization} identity={identity} settings={settings} onSettings={change} codeForm={form} />;
  }
  return (
    <main class="alone">
      <h1>{texts.title}</h1>
      <p>{texts.start}</p>
      {form}
    </main>
  );
}

function wordsOf(error: unknown): string {
  const said = refusalText(error, texts.faults);
  return error instanceof Refusal && error.status === 0 ? said : texts.askForNewCode(said);
}
