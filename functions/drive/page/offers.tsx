import { useEffect, useState } from 'preact/hooks';
import type { OpenOfferView } from '#shared/contract/offers.ts';
import { DECLINE_REASONS, type DeclineReason } from '#shared/domain/offer.ts';
import { timeText } from '#shared/pages/words.ts';

/** An offer, and until when it can be answered, by this page's own clock: a phone's time of day may be wrong. */
export interface Offer extends OpenOfferView {
  untilMs: number;
}

export function heardOffers(items: readonly OpenOfferView[], nowMs: number): readonly Offer[] {
  return items.map((item) => ({ ...item, untilMs: nowMs + item.expiresInS * 1_000 }));
}

export type Answer = { accept: true } | { accept: false; reason: DeclineReason };

const REASONS: Readonly<Record<DeclineReason, string>> = {
  too_far: 'Too far',
  no_time: 'No time',
  bad_area: 'Not in that area',
  other: 'Something else',
};

/** What the driver is asked, the first to end first. Rings once for each new one. */
export function Offers({
  offers,
  onAnswer,
}: {
  offers: readonly Offer[];
  onAnswer: (offer: Offer, answer: Answer) => void;
}) {
  const newest = offers.map(({ id }) => id).join();
  useEffect(() => {
    if (newest !== '') navigator.vibrate?.([300, 150, 300]);
  }, [newest]);
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
  if (left <= 0) return null;
  const say = (answer: Answer) => {
    setSent(true);
    onAnswer(answer);
  };
  return (
    <article class="offer" aria-label="Offer" aria-live="assertive">
      <p class="kind">
        {offer.deliveries.length === 1
          ? 'Will you take this order?'
          : `Will you take these ${offer.deliveries.length} orders?`}
        <time> {left > 120 ? `${Math.ceil(left / 60)} min` : `${left} s`}</time>
      </p>
      <progress max={inAllS(offer)} value={left} aria-label="Time to answer" />
      <ol>
        {offer.deliveries.map(({ deliveryId, pickup, dropoff, plannedPickupAt, plannedDropoffAt, dropoffBefore }) => (
          <li key={deliveryId}>
            <span>
              <b>From</b> {placeText(pickup)} {plannedPickupAt && timeText(plannedPickupAt)}
            </span>
            <span>
              <b>To</b> {placeText(dropoff)} {plannedDropoffAt && timeText(plannedDropoffAt)}
              {dropoffBefore && <span class="hint"> before {timeText(dropoffBefore)}</span>}
            </span>
          </li>
        ))}
      </ol>
      {!declining && (
        <>
          <button class="primary big" type="button" disabled={sent} onClick={() => say({ accept: true })}>
            I take it
          </button>
          <button class="quiet" type="button" disabled={sent} onClick={() => setDeclining(true)}>
            No
          </button>
        </>
      )}
      {declining && (
        <fieldset class="reasons">
          <legend>Why not?</legend>
          {DECLINE_REASONS.map((reason) => (
            <button key={reason} type="button" disabled={sent} onClick={() => say({ accept: false, reason })}>
              {REASONS[reason]}
            </button>
          ))}
          <button class="quiet" type="button" onClick={() => setDeclining(false)}>
            Back
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

function placeText({ address, lat, lon }: OpenOfferView['deliveries'][number]['pickup']): string {
  return address ?? (lat === null || lon === null ? 'No address' : `${lat.toFixed(5)}, ${lon.toFixed(5)}`);
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
