import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Refusal } from '#shared/pages/ask.ts';
import { texts } from './language.ts';

interface SendProps {
  /** On the button. */
  word: string;
  /** @throws Refusal */
  onSend: (form: HTMLFormElement) => Promise<void>;
  onBack?: () => void;
  children: ComponentChildren;
}

/** A form that is sent once at a time, and says why it was not taken. */
export function Send({ word, onSend, onBack, children }: SendProps) {
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState('');
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    setSending(true);
    setFault('');
    try {
      await onSend(event.currentTarget as HTMLFormElement);
    } catch (error) {
      setFault(faultText(error));
    }
    setSending(false);
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      {children}
      <p class="fault" role="alert">
        {fault}
      </p>
      <div class="buttons">
        <button class="primary" type="submit" disabled={isSending}>
          {word}
        </button>
        {onBack && (
          <button type="button" onClick={onBack}>
            {texts.back}
          </button>
        )}
      </div>
    </form>
  );
}

function faultText(error: unknown): string {
  const words = texts.refused;
  if (!(error instanceof Refusal)) throw error;
  if (error.status === 409 || error.status === 404) return words.tooLate;
  if (error.status === 429) return words.tooMany;
  return error.status === 0 ? words.noConnection : words.other;
}
