import { useEffect, useState } from 'preact/hooks';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import { REDELIVERED_FROM } from '#shared/domain/delivery.ts';
import { ask } from '#shared/pages/ask.ts';
import { focusHere } from '#shared/pages/focus-here.ts';
import { durationText, momentText, timeText } from '#shared/pages/spoken.ts';
import { phoneLink } from '#shared/pages/words.ts';
import type { Actions } from './actions.ts';
import { AfterFailure } from './after-failure.tsx';
import { Assign } from './assign.tsx';
import { Badge } from './badge.tsx';
import { Decisions } from './decisions.tsx';
import { Hold } from './hold.tsx';
import { codeText, say } from './language.ts';
import { Pincode } from './pincode.tsx';
import { PlaceForm } from './place-form.tsx';
import { Proof, ProofAsked } from './proof.tsx';
import { Rating } from './rating.tsx';
import { isOpen, nameOf, placeOf, type Store } from './store.ts';
import { Timeline } from './timeline.tsx';
import { waitSentence } from './waits.ts';

interface PageProps {
  store: Store;
  delivery: DeliveryView;
  actions: Actions;
  onPlace: (stop: 'pickup' | 'dropoff') => void;
}

/** From these there is another attempt. */
const AFTER_FAILURE: ReadonlySet<string> = new Set(REDELIVERED_FROM);

export function DeliveryPage({ store, delivery, actions, onPlace }: PageProps) {
  const texts = say().delivery;
  const driver = delivery.driverId === null ? undefined : store.drivers.get(delivery.driverId);
  const waits = delivery.status === 'PENDING';
  const may = store.session.mayDispatch;
  return (
    <article class="detail" aria-labelledby="delivery-title">
      <p>
        <a class="back" href="#/deliveries">
          {texts.back}
        </a>
      </p>
      <h2 id="delivery-title" tabIndex={-1} ref={focusHere}>
        {say().order(nameOf(delivery))} <Badge status={delivery.status} />
      </h2>
      <Why delivery={delivery} />
      {delivery.endedAt === null && !waits && <Arrival delivery={delivery} />}
      <dl class="facts">
        <dt>{texts.driver}</dt>
        <dd>{driver ? <a href={`#/drivers/${driver.id}`}>{driver.name}</a> : texts.noDriver}</dd>
        <Stop name={texts.pickup} stop={delivery.pickup} plannedAt={delivery.plannedPickupAt} />
        <Stop name={texts.dropoff} stop={delivery.dropoff} plannedAt={delivery.plannedDropoffAt} />
        {delivery.notes && (
          <>
            <dt>{texts.notes}</dt>
            <dd>
              <bdi>{delivery.notes}</bdi>
            </dd>
          </>
        )}
        {delivery.pincode && (
          <>
            <dt>{texts.pincode}</dt>
            <dd>
              {delivery.pincode}
              {delivery.pincodeTriesLeft === 0 && <strong> · {texts.pincodeLocked}</strong>}
            </dd>
          </>
        )}
        <dt>{texts.customersLink}</dt>
        <dd>
          <TrackingLink id={delivery.id} />
        </dd>
      </dl>
      {may &&
        waits &&
        (['pickup', 'dropoff'] as const).map((stop) => (
          <PlaceForm
            key={stop}
            stop={stop}
            at={placeOf(delivery[stop])}
            onMap={() => onPlace(stop)}
            onSet={(at) => void actions.place(delivery.id, stop, at)}
          />
        ))}
      {may && (waits || delivery.status === 'ASSIGNED') && (
        <Assign store={store} delivery={delivery} actions={actions} />
      )}
      {may && waits && <Hold delivery={delivery} actions={actions} />}
      {may && delivery.pincode && isOpen(delivery) && <Pincode delivery={delivery} actions={actions} />}
      {may && AFTER_FAILURE.has(delivery.status) && (
        <AfterFailure key={shownOf(delivery)} delivery={delivery} actions={actions} />
      )}
      {may && <Endings delivery={delivery} actions={actions} />}
      {isOpen(delivery) && <ProofAsked delivery={delivery} actions={may ? actions : null} />}
      {delivery.rating && <Rating {...delivery.rating} />}
      <Proof delivery={delivery} />
      <Decisions store={store} delivery={delivery} />
      <Timeline store={store} delivery={delivery} />
    </article>
  );
}

/** What the form of another attempt shows at first. Whatever else becomes of the order, what is typed in it stays. */
function shownOf({ attempt, dropoff: { address, notes } }: DeliveryView): string {
  return JSON.stringify([attempt, address, notes]);
}

function Why({ delivery }: { delivery: DeliveryView }) {
  const said = whyOf(delivery);
  return said === null ? null : <p class="why">{said}</p>;
}

function whyOf(delivery: DeliveryView): string | null {
  const texts = say().delivery;
  const { status, failureCode, failureNote, unreachableSince, attempt } = delivery;
  if (unreachableSince !== null) return texts.unheardSince(timeText(unreachableSince));
  if (status === 'PENDING') return `${waitSentence(delivery)}${attempt > 1 ? ` ${texts.attempt(attempt)}` : ''}`;
  if (failureCode !== null) return `${codeText(failureCode)}${failureNote ? `: ${failureNote}` : ''}.`;
  return null;
}

function Arrival({ delivery }: { delivery: DeliveryView }) {
  const [arrival, setArrival] = useState<{ etaS: number | null; source: string | null } | null>(null);
  useEffect(() => {
    let gone = false;
    const look = () =>
      void ask<{ etaS: number | null; source: string | null }>('GET', `/v1/deliveries/${delivery.id}/eta`)
        .then((found) => gone || setArrival(found))
        .catch(() => {});
    look();
    const timer = setInterval(look, 15_000);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [delivery.id, delivery.version]);
  const texts = say().delivery;
  const { plannedDropoffAt } = delivery;
  const planned = plannedDropoffAt === null ? null : (Date.parse(plannedDropoffAt) - Date.now()) / 1000;
  const etaS = arrival?.etaS ?? planned;
  if (etaS === null) return null;
  const source = arrival?.source === 'routing' ? texts.byRouting : texts.byLine;
  return (
    <p class="eta">
      {texts.arrivesAbout} <b>{timeText(Date.now() + etaS * 1000)}</b>, {texts.arrivesIn(durationText(etaS))}{' '}
      <span class="hint">({source})</span>
    </p>
  );
}

type StopView = DeliveryView['pickup'] & Pick<DeliveryView['dropoff'], 'doorNotes' | 'safePlace'>;

function Stop({ name, stop, plannedAt }: { name: string; stop: StopView; plannedAt: string | null }) {
  const texts = say().delivery;
  const place = placeOf(stop);
  const { address, name: who, phone, notes, doorNotes, safePlace, readyAt, after, before } = stop;
  const moments = Object.entries({ planned: plannedAt, ready: readyAt, after, before }).filter(([, at]) => at);
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <bdi>{[who, address].filter(Boolean).join(', ') || (place ? '' : say().noAddress)}</bdi>
        {phone && (
          <>
            {' '}
            ·{' '}
            <a href={phoneLink(phone)} dir="ltr">
              {phone}
            </a>
          </>
        )}
        {place && (
          <>
            {' '}
            <span class="hint" dir="ltr">
              {place.lat.toFixed(5)}, {place.lon.toFixed(5)}
            </span>
          </>
        )}
        {moments.length > 0 && (
          <span class="moments">
            {moments
              .map(
                ([what, at]) => `${texts.moments[what as keyof typeof texts.moments]} ${momentText(at!, Date.now())}`,
              )
              .join(' · ')}
          </span>
        )}
        {notes && (
          <>
            <br />
            <bdi>{notes}</bdi>
          </>
        )}
        {doorNotes && <p>{texts.forTheDoor(doorNotes)}</p>}
        {safePlace && <p>{texts.mayBeLeft(safePlace)}</p>}
      </dd>
    </>
  );
}

function TrackingLink({ id }: { id: string }) {
  const [path, setPath] = useState<string | null>(null);
  useEffect(() => {
    ask<{ path: string; url: string | null }>('GET', `/v1/deliveries/${id}/tracking`).then(
      (link) => setPath(link.url ?? link.path),
      () => {},
    );
  }, [id]);
  return path === null ? (
    <span>…</span>
  ) : (
    <a href={path} target="_blank" rel="noreferrer">
      {say().delivery.open}
    </a>
  );
}

function Endings({ delivery, actions }: { delivery: DeliveryView; actions: Actions }) {
  const texts = say().delivery;
  /** Null: not asked yet. */
  const [sure, setSure] = useState<boolean | null>(null);
  const early = delivery.status === 'PENDING' || delivery.status === 'ASSIGNED';
  if (!early) return null;
  return (
    <div class="buttons">
      {delivery.status === 'ASSIGNED' && (
        <button type="button" onClick={() => void actions.unassign(delivery.id)}>
          {texts.takeBack}
        </button>
      )}
      {sure ? (
        <>
          <button class="danger" type="button" ref={focusHere} onClick={() => void actions.cancel(delivery.id)}>
            {texts.reallyCancel}
          </button>
          <button type="button" onClick={() => setSure(false)}>
            {texts.keep}
          </button>
        </>
      ) : (
        <button type="button" ref={sure === null ? null : focusHere} onClick={() => setSure(true)}>
          {texts.cancel}
        </button>
      )}
    </div>
  );
}
