import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { texts } from './language.ts';
import { ProofForm } from './proof-form.tsx';
import type { Brought, Refused, Step } from './steps.ts';

/** What waits to be sent, whether there is a connection or not. */
export function Waiting({ count, away }: { count: number; away: boolean }) {
  const said = texts;
  return (
    <>
      {away && (
        <p class="banner" role="status">
          {count > 0 ? said.stepsKept : texts.noConnection}
        </p>
      )}
      {count > 0 && (
        <p class="banner queue" role="status">
          {said.stepsWaiting(count)}
        </p>
      )}
    </>
  );
}

/** Comes into view by itself: it appears above the place where the driver has just tapped. */
function Asked({ children }: { children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: 'center' }), []);
  return (
    <div class="banner bad" role="alert" ref={box}>
      {children}
    </div>
  );
}

interface AskingProps {
  step: Step;
  /** Null: it was not handed over after all. */
  onBrought: (brought: Brought | null) => void;
}

/** What the shop has asked for since, or what this phone has lost: only that. */
export function Missing({ step: { title, missing = [] }, onBrought }: AskingProps) {
  const said = texts;
  return (
    <Asked>
      <ProofForm
        label={said.proofMissing(title)}
        fields={missing.map((part) => ({ part, isRequired: true }))}
        onBrought={onBrought}
        buttons={<SendAgain onGiveUp={() => onBrought(null)} />}
      >
        <p>
          <b>{said.proofMissing(title)}</b>
        </p>
      </ProofForm>
    </Asked>
  );
}

function SendAgain({ onGiveUp }: { onGiveUp: () => void }) {
  const said = texts;
  return (
    <>
      <button class="primary" type="submit">
        {said.sendAgain}
      </button>
      <button class="quiet" type="button" onClick={() => confirm(said.giveUpHandOver) && onGiveUp()}>
        {said.notHandedOver}
      </button>
    </>
  );
}

/** Only the code is asked for again: name and photo are kept. */
export function WrongPin({ step: { triesLeft = 1 }, onBrought }: AskingProps) {
  const locked = triesLeft === 0;
  const said = texts;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const pincode = String(new FormData(event.currentTarget as HTMLFormElement).get('pincode')).trim();
    onBrought(pincode === '' ? {} : { pincode });
  };
  return (
    <Asked>
      <form class="hand-over" onSubmit={submit}>
        <label>
          {locked ? said.codeLocked : said.wrongCode(triesLeft)}
          <input name="pincode" inputMode="numeric" autocomplete="off" pattern="\d{4,8}" required={!locked} />
        </label>
        <SendAgain onGiveUp={() => onBrought(null)} />
      </form>
    </Asked>
  );
}

/** What happened meanwhile, and what is to be done with the parcel. */
export function NotTaken({ refused, onRead }: { refused: Refused; onRead: () => void }) {
  const said = texts;
  return (
    <div class="banner bad" role="alert">
      <p>
        <b>{said.refused[refused.why](refused.title)}</b> {refused.why === 'other' && <bdi>{refused.detail}</bdi>}
      </p>
      <p>{said.parcel[dutyOf(refused)]}</p>
      <button type="button" onClick={onRead}>
        {said.iKnow}
      </button>
    </div>
  );
}

function dutyOf({ why, status }: Refused): keyof typeof texts.parcel {
  const handedOver = status === 'DELIVERED';
  switch (why) {
    case 'delivered':
      return handedOver ? 'nothingToDo' : 'keepAndCall';
    case 'cancelled':
    case 'ended':
      return handedOver ? 'tellHandedOver' : 'bringBack';
    case 'given_away':
      return handedOver ? 'tellHandedOver' : 'keepAndCall';
    case 'other':
      return 'call';
  }
}
