import { texts } from './language.ts';

interface CodeFormProps {
  /** Why the code, or the link, before was not taken. */
  fault: string | null;
  onCode: (code: string) => void;
}

/** The code that a dispatcher shows, typed: a phone that reads no QR code has no other way in. */
export function CodeForm({ fault, onCode }: CodeFormProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onCode(String(new FormData(event.currentTarget as HTMLFormElement).get('code')));
  };
  return (
    <form class="hand-over" onSubmit={submit}>
      <label>
        {texts.code}
        <input name="code" autocomplete="off" autocapitalize="characters" spellcheck={false} maxLength={20} required />
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
  );
}
