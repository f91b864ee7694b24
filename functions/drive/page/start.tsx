import { useEffect, useState } from 'preact/hooks';
import { Refusal } from '#shared/pages/ask.ts';
import { Drive } from './drive.tsx';
import { type Identity, pair, readIdentity } from './identity.ts';

/** Whose phone this is, before anything else. */
export function Start() {
  const [identity, setIdentity] = useState<Identity | null | 'asking'>('asking');
  const [fault, setFault] = useState<string | null>(null);
  const become = async (who: Promise<Identity | null>) => {
    try {
      setIdentity(await who);
    } catch (error) {
      setFault(error instanceof Refusal && error.status === 0 ? 'No connection. Try again.' : wordsOf(error));
      setIdentity(null);
    }
  };
  useEffect(() => {
    const read = () => void become(readIdentity());
    read();
    // A link that is opened where the page is open already.
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  if (identity === 'asking')
    return (
      <main class="alone">
        <p>One moment …</p>
      </main>
    );
  if (identity !== null) return <Drive key={identity.headers.authorization} identity={identity} />;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const code = new FormData(event.currentTarget as HTMLFormElement).get('code');
    setFault(null);
    void become(pair(String(code)));
  };
  return (
    <main class="alone">
      <h1>Drive</h1>
      <p>Scan the QR code that your dispatcher shows you, or type the code below it.</p>
      <form class="hand-over" onSubmit={submit}>
        <label>
          Code
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
          This is my phone
        </button>
      </form>
    </main>
  );
}

function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return `${words}. Ask your dispatcher for a new one.`;
}
