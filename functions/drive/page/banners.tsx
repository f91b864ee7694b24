import { texts } from '#shared/pages/language.ts';
import type { Refused, Step } from './steps.ts';

/** What waits to be sent, whether there is a connection or not. */
export function Waiting({ count, away }: { count: number; away: boolean }) {
  const said = texts.drive;
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

/** Only the code is asked for again: name and photo are kept. */
export function WrongPin({ step: { triesLeft = 1 }, onPin }: { step: Step; onPin: (pincode: string | null) => void }) {
  const locked = triesLeft === 0;
  const said = texts.drive;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onPin(String(new FormData(event.currentTarget as HTMLFormElement).get('pincode')).trim());
  };
  return (
    <div class="banner bad" role="alert">
      <form class="hand-over" onSubmit={submit}>
        <label>
          {locked ? said.codeLocked : said.wrongCode(triesLeft)}
          <input name="pincode" inputMode="numeric" autocomplete="off" pattern="\d{4,8}" required={!locked} />
        </label>
        <button class="primary" type="submit">
          {said.sendAgain}
        </button>
        <button class="quiet" type="button" onClick={() => confirm(said.giveUpHandOver) && onPin(null)}>
          {said.notHandedOver}
        </button>
      </form>
    </div>
  );
}

/** What happened meanwhile, and what is to be done with the parcel. */
export function NotTaken({ refused, onRead }: { refused: Refused; onRead: () => void }) {
  const said = texts.drive;
  return (
    <div class="banner bad" role="alert">
      <p>
        <b>{said.refused[refused.why](refused.title)}</b> {refused.why === 'other' && refused.detail}
      </p>
      <p>{said.parcel[dutyOf(refused)]}</p>
      <button type="button" onClick={onRead}>
        {said.iKnow}
      </button>
    </div>
  );
}

function dutyOf({ why, status }: Refused): keyof typeof texts.drive.parcel {
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
