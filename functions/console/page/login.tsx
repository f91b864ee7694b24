import { useState } from 'preact/hooks';
import { ask, Refusal } from '#shared/pages/ask.ts';

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
      setFault(error instanceof Refusal ? error.message : 'That did not work');
    }
    setBusy(false);
  };
  return (
    <main class="login">
      <form onSubmit={(event) => void submit(event)}>
        <h1>Dispatch console</h1>
        <label for="key">Key of the shop</label>
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
          Log in
        </button>
        <p class="hint">
          The key is exchanged for a session that ends after twelve hours; it is not kept in the browser.
        </p>
      </form>
    </main>
  );
}
