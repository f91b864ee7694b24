import { useState } from 'preact/hooks';
import { FAILED_PARCELS, type FailedParcel } from '#shared/domain/delivery.ts';
import { focusHere } from '#shared/pages/focus-here.ts';
import type { KnownDelivery } from './changes.ts';
import { HandOver } from './hand-over.tsx';
import { texts } from './language.ts';
import { ProofForm } from './proof-form.tsx';
import type { ProofName, Taken } from './steps.ts';

type Reason = keyof typeof texts.failures;
type Choice = Reason | 'cannotTake' | 'neighbour';

const REASONS = {
  pickup: ['PICKUP_FAILED', 'DAMAGED', 'UNSAFE'],
  dropoff: ['RECIPIENT_UNAVAILABLE', 'REFUSED', 'BAD_ADDRESS', 'DAMAGED', 'UNSAFE', 'DELIVERY_FAILED'],
} as const satisfies Record<string, readonly Reason[]>;

/** For the shop, whatever language the driver speaks. */
const GIVEN_BACK = 'The driver cannot take it';
const NEIGHBOUR = 'Left with a neighbour';
/** Offered also where it is not asked for. */
const ALWAYS: readonly ProofName[] = ['note'];

interface FailingProps {
  kind: 'pickup' | 'dropoff';
  delivery: KnownDelivery | undefined;
  onStep: (step: Omit<Taken, 'deliveryId' | 'title'>) => void;
  onBack: () => void;
}

/** Why it does not work; and then once more, since that ends the order and tells the shop. */
export function Failing({ kind, delivery, onStep, onBack }: FailingProps) {
  const [choice, setChoice] = useState<Choice | null>(null);
  const said = texts;
  const back = () => setChoice(null);
  if (choice === 'neighbour') {
    return (
      <HandOver
        isNeighbour
        delivery={delivery}
        onBrought={(brought) => onStep({ status: 'DELIVERED', proofNote: NEIGHBOUR, ...brought })}
        onBack={back}
      />
    );
  }
  if (choice !== null) return <Sure {...{ choice, kind, delivery, onStep }} onBack={back} />;
  return (
    <fieldset class="reasons" tabIndex={-1} ref={focusHere}>
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
      {kind === 'dropoff' && (
        <button type="button" onClick={() => setChoice('neighbour')}>
          {said.leftWithNeighbour}
        </button>
      )}
      <button class="quiet" type="button" onClick={onBack}>
        {texts.back}
      </button>
    </fieldset>
  );
}

function Sure({ choice, kind, delivery, onStep, onBack }: FailingProps & { choice: Exclude<Choice, 'neighbour'> }) {
  const said = texts;
  const [parcel, setParcel] = useState<FailedParcel>('return');
  const givesBack = choice === 'cannotTake';
  const isAboard = kind === 'dropoff';
  const asked: readonly ProofName[] = givesBack ? [] : (delivery?.proofAsked?.failed ?? []);
  const fields = (['note', 'photo'] as const)
    .filter((part) => asked.includes(part) || ALWAYS.includes(part))
    .map((part) => ({ part, isRequired: asked.includes(part) }));
  const reason = givesBack ? said.cannotTake : said.failures[choice];
  const then = givesBack ? said.sureGivesBack : kind === 'pickup' ? said.surePickup : said.sureDropoff;
  return (
    <ProofForm
      class="sure"
      label={said.whatIsWrong}
      fields={fields}
      onBrought={(brought) =>
        givesBack
          ? onStep({ status: 'PENDING', note: brought.note ?? GIVEN_BACK })
          : onStep({ status: 'FAILED', failureCode: choice, ...(isAboard && { parcel }), ...brought })
      }
      buttons={
        <>
          <button class="danger big" type="submit">
            {said.yesSure}
          </button>
          <button class="quiet" type="button" onClick={onBack}>
            {texts.back}
          </button>
        </>
      }
    >
      <p role="alert" tabIndex={-1} ref={focusHere}>
        <b>{said.sure(reason)}</b> {then}
      </p>
      {isAboard && (
        <fieldset class="reasons">
          <legend>{said.whatOfParcel}</legend>
          {FAILED_PARCELS.map((each) => (
            <label key={each} class="check">
              <input type="radio" name="parcel" checked={parcel === each} onChange={() => setParcel(each)} />
              {said.parcels[each]}
            </label>
          ))}
        </fieldset>
      )}
    </ProofForm>
  );
}
