import { useEffect, useState } from 'preact/hooks';
import type { OpenOfferView } from '#shared/contract/offers.ts';
import { DECLINE_REASONS, type DeclineReason } from '#shared/domain/offer.ts';
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
  onAnswer: (offer: Offer, answer: Answer) => void;
}) {
  return (
    <>
      {offers.map((offer) => (
        <Asked key={offer.id} offer={offer} onAnswer={(answer) => onAnswer(offer, answer)} />
      ))}
    </>
  );
}

function Asked({ offer, onAnswer }: { offer: Offer; onAnswer: (answer: Answer) => void }) {
  const [declining, setDeclining] = useState(false);
  const [sent, setSent] = useState(false);
  const left = useSecondsLeft(offer.untilMs);
  const said = texts;
  if (left <= 0) return null;
  const say = (answer: Answer) => {
    setSent(true);
    onAnswer(answer);
  };
  return (
    <article class="offer" aria-label={said.offer} aria-live="assertive">
      <p class="kind">
        {said.willYouTake(offer.deliveries.length)}
        <time>{left > 120 ? said.minutesLeft(Math.ceil(left / 60)) : said.secondsLeft(left)}</time>
      </p>
      <progress max={inAllS(offer)} value={left} aria-label={said.timeToAnswer} />
      <ol>
        {offer.deliveries.map(({ deliveryId, pickup, dropoff, plannedPickupAt, plannedDropoffAt, dropoffBefore }) => (
          <li key={deliveryId}>
            <span>
              <b>{said.from}</b> {placeText(pickup)} {plannedPickupAt && timeText(plannedPickupAt)}
            </span>
            <span>
              <b>{said.to}</b> {placeText(dropoff)} {plannedDropoffAt && timeText(plannedDropoffAt)}
              {dropoffBefore && <span class="hint"> {said.before(timeText(dropoffBefore))}</span>}
            </span>
          </li>
        ))}
      </ol>
      {!declining && (
        <>
          <button class="primary big" type="button" disabled={sent} onClick={() => say({ accept: true })}>
            {said.iTakeIt}
          </button>
          <button class="quiet" type="button" disabled={sent} onClick={() => setDeclining(true)}>
            {said.no}
          </button>
        </>
      )}
      {declining && (
        <fieldset class="reasons">
          <legend>{said.whyNot}</legend>
          {DECLINE_REASONS.map((reason) => (
            <button key={reason} type="button" disabled={sent} onClick={() => say({ accept: false, reason })}>
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
