import { useState } from 'preact/hooks';
import type { TrackingView } from '#shared/contract/tracking.ts';
import { focusHere } from '#shared/pages/focus-here.ts';
import { texts } from './language.ts';
import { Send } from './send.tsx';

interface InstructionsProps {
  said: TrackingView['instructions'];
  /** @throws Refusal */
  onSave: (said: Record<'doorNotes' | 'safePlace', string | null>) => Promise<void>;
}

/** How to get to the door and where it may be left: what was said, and a way to say it otherwise. */
export function Instructions({ said, onSave }: InstructionsProps) {
  /** Null: not opened yet. */
  const [open, setOpen] = useState<boolean | null>(null);
  if (!said.changeable) return null;
  const words = texts;
  if (open) return <InstructionsForm said={said} onSave={onSave} onDone={() => setOpen(false)} />;
  const isSaid = said.doorNotes !== null || said.safePlace !== null;
  return (
    <section class="card" aria-label={words.forDriver}>
      <h2>{words.forDriver}</h2>
      {said.doorNotes && <p>{said.doorNotes}</p>}
      {said.safePlace && <p>{words.mayBeLeft(said.safePlace)}</p>}
      {!isSaid && <p class="hint">{words.forDriverWhy}</p>}
      <button type="button" ref={open === null ? null : focusHere} onClick={() => setOpen(true)}>
        {isSaid ? words.change : words.tellDriver}
      </button>
    </section>
  );
}

function InstructionsForm({ said, onSave, onDone }: InstructionsProps & { onDone: () => void }) {
  const words = texts;
  const save = async (form: HTMLFormElement) => {
    const filled = (name: string) => String(new FormData(form).get(name) ?? '').trim() || null;
    await onSave({ doorNotes: filled('doorNotes'), safePlace: filled('safePlace') });
    onDone();
  };
  return (
    <section class="card" aria-label={words.forDriver}>
      <h2>{words.forDriver}</h2>
      <Send word={words.save} onSend={save} onBack={onDone}>
        <label>
          {words.doorNotes}
          <textarea name="doorNotes" rows={3} maxLength={500} defaultValue={said.doorNotes ?? ''} ref={focusHere} />
        </label>
        <label>
          {words.safePlace}
          <input name="safePlace" maxLength={200} defaultValue={said.safePlace ?? ''} autocomplete="off" />
        </label>
        <p class="hint">{words.untilHandedOver}</p>
      </Send>
    </section>
  );
}
