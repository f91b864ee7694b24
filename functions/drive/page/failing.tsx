import { useState } from 'preact/hooks';
import { texts } from '#shared/pages/language.ts';
import type { Taken } from './steps.ts';

type Reason = keyof typeof texts.drive.failures;
type Choice = Reason | 'cannotTake';

const REASONS = {
  pickup: ['PICKUP_FAILED', 'DAMAGED', 'UNSAFE'],
  dropoff: ['RECIPIENT_UNAVAILABLE', 'REFUSED', 'BAD_ADDRESS', 'DAMAGED', 'UNSAFE', 'DELIVERY_FAILED'],
} as const satisfies Record<string, readonly Reason[]>;

/** For the shop, whatever language the driver speaks. */
const GIVEN_BACK = 'The driver cannot take it';

/** Why it does not work; and then once more, since that ends the order and tells the shop. */
export function Failing({
  kind,
  onStep,
  onBack,
}: {
  kind: 'pickup' | 'dropoff';
  onStep: (step: Omit<Taken, 'deliveryId' | 'title'>) => void;
  onBack: () => void;
}) {
  const [choice, setChoice] = useState<Choice | null>(null);
  const said = texts.drive;
  if (choice !== null) return <Sure choice={choice} kind={kind} onStep={onStep} onBack={() => setChoice(null)} />;
  return (
    <fieldset class="reasons">
      <legend>{said.whatIsWrong}</legend>
      {kind === 'pickup' && (
        <button type="button" onClick={() => setChoice('cannotTake')}>
          {said.cannotTake}
        </button>
      )}
      {REASONS[kind].map((reason) => (
        <button key={reason} type="button" onClick={() => setChoice(reason)}>
          {said.failures[reason]}
        </button>
      ))}
      <button class="quiet" type="button" onClick={onBack}>
        {texts.back}
      </button>
    </fieldset>
  );
}

function Sure({
  choice,
  kind,
  onStep,
  onBack,
}: {
  choice: Choice;
  kind: 'pickup' | 'dropoff';
  onStep: (step: Omit<Taken, 'deliveryId' | 'title'>) => void;
  onBack: () => void;
}) {
  const said = texts.drive;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget as HTMLFormElement).get('note') ?? '').trim();
    if (choice === 'cannotTake') onStep({ status: 'PENDING', note: note || GIVEN_BACK });
    else onStep({ status: 'FAILED', failureCode: choice, ...(note && { note }) });
  };
  const reason = choice === 'cannotTake' ? said.cannotTake : said.failures[choice];
  const then = choice === 'cannotTake' ? said.sureGivesBack : kind === 'pickup' ? said.surePickup : said.sureDropoff;
  return (
    <form class="hand-over sure" aria-label={said.whatIsWrong} onSubmit={submit}>
      <p role="alert">
        <b>{said.sure(reason)}</b> {then}
      </p>
      <label>
        {said.whatHappened} <span class="hint">{said.optional}</span>
        <input name="note" maxLength={500} autocomplete="off" />
      </label>
      <button class="danger big" type="submit">
        {said.yesSure}
      </button>
      <button class="quiet" type="button" onClick={onBack}>
        {texts.back}
      </button>
    </form>
  );
}
