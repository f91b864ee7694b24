import { useState } from 'preact/hooks';
import type { RouteStopView } from '#shared/contract/routes.ts';
import { focusHere } from '#shared/pages/focus-here.ts';
import { listText, momentText } from '#shared/pages/spoken.ts';
import { phoneLink } from '#shared/pages/words.ts';
import type { KnownDelivery, Said } from './changes.ts';
import { Contents } from './contents.tsx';
import { Failing } from './failing.tsx';
import { HandOver } from './hand-over.tsx';
import { texts } from './language.ts';
import type { Taken } from './steps.ts';
import { placeText, titleOf } from './stop-words.ts';

interface ParcelProps {
  stop: RouteStopView;
  /** There is no other at this stop. */
  isOnly: boolean;
  delivery: KnownDelivery | undefined;
  changed: readonly Said[];
  onSeen: (delivery: KnownDelivery) => void;
  onStep: (step: Taken) => void;
}

/** One order at a stop: whom it is for, what to know of it, what to do with it, and what if that fails. */
export function Parcel({ stop, isOnly, delivery, changed, onSeen, onStep }: ParcelProps) {
  /** Null: nobody has said so yet. */
  const [failing, setFailing] = useState<boolean | null>(null);
  const { deliveryId, kind } = stop;
  const said = texts;
  const take = (step: Omit<Taken, 'deliveryId' | 'title'>) => onStep({ deliveryId, title: titleOf(stop), ...step });
  return (
    <article aria-label={said.order(titleOf(stop))}>
      <h3>
        {said.order(titleOf(stop))}
        {stop.size > 1 && <span class="hint"> {said.places(stop.size)}</span>}
      </h3>
      {delivery && changed.length > 0 && (
        <div class="banner changed" role="alert">
          <p>{said.changed(listText(changed.map((each) => said.changes[each])))}</p>
          <button type="button" onClick={() => onSeen(delivery)}>
            {said.seen}
          </button>
        </div>
      )}
      <Person {...stop} />
      {kind === 'pickup' && delivery && <Goal dropoff={delivery.dropoff} />}
      {kind !== 'return' && delivery && <Contents {...delivery} />}
      {delivery?.notes && <p class="notes">{delivery.notes}</p>}
      {failing && kind !== 'return' && (
        <Failing kind={kind} delivery={delivery} onStep={take} onBack={() => setFailing(false)} />
      )}
      {!failing && kind === 'pickup' && (
        <button class={isOnly ? 'primary big' : ''} type="button" onClick={() => take({ status: 'PICKED_UP' })}>
          {said.haveIt}
        </button>
      )}
      {!failing && kind === 'dropoff' && (
        <HandOver delivery={delivery} onBrought={(brought) => take({ status: 'DELIVERED', ...brought })} />
      )}
      {kind === 'return' && (
        <button class="primary big" type="button" onClick={() => take({ status: 'RETURNED' })}>
          {said.isBack}
        </button>
      )}
      {!failing && kind !== 'return' && (
        <button class="quiet" type="button" ref={failing === null ? null : focusHere} onClick={() => setFailing(true)}>
          {said.doesNotWork}
        </button>
      )}
    </article>
  );
}

type PersonProps = Pick<RouteStopView, 'name' | 'phone' | 'notes' | 'doorNotes' | 'safePlace'> & {
  after?: string | null;
  before?: string | null;
};

/** Who is there, when, and what they have asked for. */
function Person({ name, phone, notes, doorNotes, safePlace, after, before }: PersonProps) {
  const said = texts;
  return (
    <>
      {name && <p class="who">{name}</p>}
      {notes && <p class="said">{notes}</p>}
      {doorNotes && <p class="said">{doorNotes}</p>}
      {safePlace && <p>{said.safePlace(safePlace)}</p>}
      {after && <p class="hint">{said.notBefore(momentText(after, Date.now()))}</p>}
      {before && <p class="hint">{said.before(momentText(before, Date.now()))}</p>}
      {phone && (
        <p class="links">
          <a class="button" href={phoneLink(phone)}>
            {said.callRecipient}
          </a>
        </p>
      )}
    </>
  );
}

/** Where it will go, before it is collected: who knows that loads in the right order, or says no in time. */
function Goal({ dropoff }: { dropoff: KnownDelivery['dropoff'] }) {
  const { phone: _, ...person } = dropoff;
  return (
    <div class="goal">
      <p class="hint">{texts.goesTo}</p>
      <p>{placeText({ lat: dropoff.lat, lon: dropoff.lon, address: dropoff.address ?? null })}</p>
      <Person {...person} />
    </div>
  );
}
