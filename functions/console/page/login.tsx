import { useState } from 'preact/hooks';
import { ask } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { say } from './language.ts';

export function Login({ why, onDone }: { why: string | null; onDone: () => void }) {
  const [fault, setFault] = useState(why);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget as HTMLFormElement).get('key') ?? '');
    setBusy(true);
    setFault(null);
    try {
      await ask('POST', '/console/session', { body: { key } });
      onDone();
    } catch (error) {
      setFault(refusalText(error, say().faults));
    }
    setBusy(false);
  };
  return (
    <main class="login">
      <form onSubmit={(event) => void submit(event)}>
        <h1>{say().login.title}</h1>
        <label for="key">{say().login.key}</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="current-password"
          placeholder="dk_…"
          required
          spellcheck={false}
        />
        <p class="fault" role="alert">
          {fault}
        </p>
        <button class="primary" type="submit" disabled={busy}>
          {say().login.enter}
        </button>
        <p class="hint">{say().login.hint}</p>
      </form>
    </main>
  );
}
