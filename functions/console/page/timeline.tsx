import { useEffect, useState } from 'preact/hooks';
import type { DeliveryEventView, DeliveryView } from '#shared/contract/deliveries.ts';
import { ask } from '#shared/pages/ask.ts';
import { momentText, sentence } from '#shared/pages/words.ts';
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
    <section aria-label="Timeline">
      <h3>Timeline</h3>
      <ol class="timeline">
        {[...events].reverse().map((event) => (
          <li key={event.sequence}>
            <time dateTime={event.occurredAt}>{momentText(event.occurredAt, Date.now())}</time>
            <span>
              <b>{sentence(event.type)}</b>
              {detailOf(event, store)}
              <span class="hint"> by {actorText(event.actor, store)}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function detailOf(event: DeliveryEventView, store: Store): string {
  const { type, driverId, data } = event;
  const { drivers } = store;
  const name = driverId === null ? null : (drivers.get(driverId)?.name ?? 'a driver');
  const to = type === 'ASSIGNED' && name ? ` to ${name}` : '';
  const { distanceM, failureCode, until, note, fields, to: arrival } = (data ?? {}) as Record<string, unknown>;
  const moment = (at: unknown) => (typeof at === 'string' ? momentText(at, Date.now()) : null);
  const details = [
    typeof distanceM === 'number' ? `, ${Math.round(distanceM)} m away` : '',
    moment(until) ? ` until ${moment(until)}` : '',
    type === 'ETA_CHANGED' && moment(arrival) ? ` to ${moment(arrival)}` : '',
    failureCode ? `: ${sentence(String(failureCode))}` : '',
    type === 'HELD' && note ? `: ${note}` : '',
    asked(event, store),
    type === 'CHANGED' && Array.isArray(fields) ? `: ${fields.join(', ')}` : '',
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
  const nameOf = (id: string) => drivers.get(id)?.name ?? 'a driver';
  if (type === 'OFFER_DECLINED' && driverId) return ` by ${nameOf(driverId)}: ${sentence(reason ?? 'other')}`;
  if (!(type === 'OFFERED' || type === 'OFFER_EXPIRED') || !ids?.length) return '';
  const named = ids.slice(0, NAMED).map(nameOf).join(', ');
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  return type === 'OFFERED' ? ` to ${named}${more}` : `: no answer from ${named}${more}`;
}

function actorText(actor: string, { drivers }: Store): string {
  const [kind, id = ''] = actor.split(':');
  if (kind === 'driver') return drivers.get(id)?.name ?? 'the driver';
  if (kind === 'relay' || kind === 'dispatch') return 'the service';
  if (kind === 'customer') return 'the customer';
  return kind === 'webhook' ? 'the shop’s webhook' : kind === 'shop' ? 'the shop' : (kind ?? '');
}
