import { useState } from 'preact/hooks';
import type { TrackingView } from '#shared/contract/tracking.ts';
import { focusHere } from '#shared/pages/focus-here.ts';
import { texts } from './language.ts';
import { Send } from './send.tsx';

type Said = NonNullable<TrackingView['rating']>;
interface RatingProps {
  said: Said | null;
  /** @throws Refusal */
  onSend: (said: Said) => Promise<void>;
}

const STARS = [1, 2, 3, 4, 5];

/** How it was: asked once, and shown, to be said otherwise, from then on. */
export function Rating({ said, onSend }: RatingProps) {
  /** Null: not opened yet, nor sent. */
  const [open, setOpen] = useState<boolean | null>(null);
  const words = texts;
  return (
    <section class="card" aria-label={words.rating}>
      {said === null || open ? (
        <RatingForm said={said} onSend={onSend} onDone={() => setOpen(false)} />
      ) : (
        <>
          <h2 tabIndex={-1} ref={open === null ? null : focusHere}>
            {words.thanks}
          </h2>
          <p class="stars" role="img" aria-label={words.stars(said.stars)}>
            {STARS.map((star) => (
              <Star key={star} isOn={star <= said.stars} />
            ))}
          </p>
          {said.note && <p>{said.note}</p>}
          <button type="button" onClick={() => setOpen(true)}>
            {words.change}
          </button>
        </>
      )}
    </section>
  );
}

function RatingForm({ said, onSend, onDone }: RatingProps & { onDone: () => void }) {
  const [stars, setStars] = useState(said?.stars ?? 0);
  const words = texts;
  const send = async (form: HTMLFormElement) => {
    await onSend({ stars, note: String(new FormData(form).get('note') ?? '').trim() || null });
    onDone();
  };
  return (
    <Send word={words.send} onSend={send} {...(said && { onBack: onDone })}>
      <fieldset>
        <legend>{words.rating}</legend>
        <span class="stars">
          {STARS.map((star) => (
            <label key={star}>
              <input
                class="unseen"
                type="radio"
                name="stars"
                value={star}
                required
                checked={star === stars}
                // Where it is opened again: the first time nobody has asked for it.
                ref={said?.stars === star ? focusHere : null}
                aria-label={words.stars(star)}
                onChange={() => setStars(star)}
              />
              <Star isOn={star <= stars} />
            </label>
          ))}
        </span>
      </fieldset>
      {stars > 0 && (
        <label>
          {words.ratingNote}
          <textarea name="note" rows={3} maxLength={1_000} defaultValue={said?.note ?? ''} />
        </label>
      )}
    </Send>
  );
}

/** Told apart by its shape too, for who does not see its colour. */
function Star({ isOn }: { isOn: boolean }) {
  return (
    <span class={isOn ? 'on' : ''} aria-hidden="true">
      {isOn ? '★' : '☆'}
    </span>
  );
}
