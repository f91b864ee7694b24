import { useEffect, useState } from 'preact/hooks';
import type { DeliveryEventView, DeliveryView } from '#shared/contract/deliveries.ts';
import { ask } from '#shared/pages/ask.ts';
import { momentText } from '#shared/pages/spoken.ts';
import { codeText, say } from './language.ts';
import { starsText } from './rating.tsx';
import type { Store } from './store.ts';

/** What has happened to a delivery, the latest first. */
export function Timeline({ store, delivery }: { store: Store; delivery: DeliveryView }) {
  const [events, setEvents] = useState<readonly DeliveryEventView[]>([]);
  useEffect(() => {
    ask<{ events: DeliveryEventView[] }>('GET', `/v1/deliveries/${delivery.id}`).then(
      (found) => setEvents(found.events),
      () => {},
    );
  }, [delivery.id, delivery.version]);
  return (
    <section aria-label={say().delivery.timeline}>
      <h3>{say().delivery.timeline}</h3>
      <ol class="timeline">
        {[...events].reverse().map((event) => (
          <li key={event.sequence}>
            <time dateTime={event.occurredAt}>{momentText(event.occurredAt, Date.now())}</time>
            <span>
              <b>{codeText(event.type)}</b>
              {detailOf(event, store)}
              <span class="hint"> {say().timeline.by(actorText(event.actor, store))}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function detailOf(event: DeliveryEventView, store: Store): string {
  const texts = say().timeline;
  const { type, driverId, data } = event;
  const { drivers } = store;
  const name = driverId === null ? null : (drivers.get(driverId)?.name ?? say().aDriver);
  const to = type === 'ASSIGNED' && name ? texts.to(name) : '';
  const {
    distanceM,
    failureCode,
    parcel,
    until,
    note,
    fields,
    stars,
    to: arrival,
  } = (data ?? {}) as Record<string, unknown>;
  const moment = (at: unknown) => (typeof at === 'string' ? momentText(at, Date.now()) : null);
  const details = [
    typeof distanceM === 'number' ? texts.away(Math.round(distanceM)) : '',
    until && moment(until) ? texts.until(moment(until)!) : '',
    type === 'ETA_CHANGED' && moment(arrival) ? texts.to(moment(arrival)!) : '',
    failureCode ? `: ${codeText(String(failureCode))}` : '',
    parcel === 'return' || parcel === 'keep' ? texts.parcel[parcel] : '',
    type === 'HELD' && note ? `: ${note}` : '',
    asked(event, store),
    type === 'CHANGED' && Array.isArray(fields) ? `: ${fields.join(', ')}` : '',
    typeof stars === 'number' ? `: ${starsText(stars)}` : '',
  ];
  return to + details.join('');
}

/** So many drivers who were asked are named. */
const NAMED = 3;

/** Who was asked, and who said what. */
function asked({ type, data }: DeliveryEventView, { drivers }: Store): string {
  const {
    drivers: ids,
    driverId,
    reason,
  } = (data ?? {}) as {
    drivers?: readonly string[];
    driverId?: string;
    reason?: string;
  };
  const texts = say().timeline;
  const nameOf = (id: string) => drivers.get(id)?.name ?? say().aDriver;
  if (type === 'OFFER_DECLINED' && driverId) return texts.declinedBy(nameOf(driverId), codeText(reason ?? 'other'));
  if (!(type === 'OFFERED' || type === 'OFFER_EXPIRED') || !ids?.length) return '';
  const named = ids.slice(0, NAMED).map(nameOf).join(', ');
  const more = ids.length > NAMED ? texts.andMore(ids.length - NAMED) : '';
  return type === 'OFFERED' ? texts.to(named + more) : texts.noAnswerFrom(named + more);
}

function actorText(actor: string, { drivers }: Store): string {
  const texts = say().timeline;
  const [kind, id = ''] = actor.split(':');
  if (kind === 'driver') return drivers.get(id)?.name ?? texts.theDriver;
  if (kind === 'relay' || kind === 'dispatch') return texts.theService;
  if (kind === 'customer') return texts.theCustomer;
  return kind === 'webhook' ? texts.theWebhook : kind === 'shop' ? texts.theShop : (kind ?? '');
}
