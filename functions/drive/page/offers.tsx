import { useEffect, useState } from 'preact/hooks';
import type { OpenOfferView } from '#shared/contract/offers.ts';
import { DECLINE_REASONS, type DeclineReason } from '#shared/domain/offer.ts';
import { focusHere } from '#shared/pages/focus-here.ts';
import { timeText } from '#shared/pages/spoken.ts';
import { texts } from './language.ts';
import { placeText } from './stop-words.ts';

/** An offer, and until when it can be answered, by this page's own clock: a phone's time of day may be wrong. */
export interface Offer extends OpenOfferView {
  untilMs: number;
}

export function heardOffers(items: readonly OpenOfferView[], nowMs: number): readonly Offer[] {
  return items.map((item) => ({ ...item, untilMs: nowMs + item.expiresInS * 1_000 }));
}

export type Answer = { accept: true } | { accept: false; reason: DeclineReason };

/** What the driver is asked, the first to end first. */
export function Offers({
  offers,
  onAnswer,
}: {
  offers: readonly Offer[];
  /** @returns whether it was heard */
  onAnswer: (offer: Offer, answer: Answer) => Promise<boolean>;
}) {
  return (
    <>
      {offers.map((offer) => (
        <Asked key={offer.id} offer={offer} onAnswer={(answer) => onAnswer(offer, answer)} />
      ))}
    </>
  );
}

function Asked({ offer, onAnswer }: { offer: Offer; onAnswer: (answer: Answer) => Promise<boolean> }) {
  /** Null: not asked why not yet. */
  const [declining, setDeclining] = useState<boolean | null>(null);
  const [sent, setSent] = useState(false);
  const left = useSecondsLeft(offer.untilMs);
  const said = texts;
  if (left <= 0) return null;
  const say = async (answer: Answer) => {
    setSent(true);
    // What did not arrive can be said again, as long as there is time.
    if (!(await onAnswer(answer))) setSent(false);
  };
  return (
    <article class="offer" aria-label={said.offer}>
      <div>
        {/* Beside what is read out: a countdown within it would be read out each second. */}
        <time class="left" role="timer" aria-live="off">
          {left > 120 ? said.minutesLeft(Math.ceil(left / 60)) : said.secondsLeft(left)}
        </time>
        <div role="alert">
          <p class="kind">{said.willYouTake(offer.deliveries.length)}</p>
          <Trip offer={offer} />
        </div>
      </div>
      <progress max={inAllS(offer)} value={left} aria-label={said.timeToAnswer} />
      {!declining && (
        <>
          <button class="primary big" type="button" disabled={sent} onClick={() => void say({ accept: true })}>
            {said.iTakeIt}
          </button>
          <button
            class="quiet"
            type="button"
            disabled={sent}
            ref={declining === null ? null : focusHere}
            onClick={() => setDeclining(true)}
          >
            {said.no}
          </button>
        </>
      )}
      {declining && (
        <fieldset class="reasons" tabIndex={-1} ref={focusHere}>
          <legend>{said.whyNot}</legend>
          {DECLINE_REASONS.map((reason) => (
            <button key={reason} type="button" disabled={sent} onClick={() => void say({ accept: false, reason })}>
              {said.declines[reason]}
            </button>
          ))}
          <button class="quiet" type="button" onClick={() => setDeclining(false)}>
            {texts.back}
          </button>
        </fieldset>
      )}
    </article>
  );
}

function Trip({ offer: { deliveries } }: { offer: Offer }) {
  const said = texts;
  return (
    <ol>
      {deliveries.map(({ deliveryId, pickup, dropoff, plannedPickupAt, plannedDropoffAt, dropoffBefore }) => (
        <li key={deliveryId}>
          <span>
            <b>{said.from}</b> <bdi>{placeText(pickup)}</bdi> {plannedPickupAt && timeText(plannedPickupAt)}
          </span>
          <span>
            <b>{said.to}</b> <bdi>{placeText(dropoff)}</bdi> {plannedDropoffAt && timeText(plannedDropoffAt)}
            {dropoffBefore && <span class="hint"> {said.before(timeText(dropoffBefore))}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Seconds that it was open for from the beginning. */
function inAllS({ createdAt, expiresAt }: Offer): number {
  return (Date.parse(expiresAt) - Date.parse(createdAt)) / 1_000;
}

function useSecondsLeft(untilMs: number): number {
  const left = () => Math.ceil((untilMs - performance.now()) / 1_000);
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left()), 500);
    return () => clearInterval(timer);
  }, [untilMs]);
  return seconds;
}
