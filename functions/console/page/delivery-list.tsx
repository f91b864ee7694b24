import { useState } from 'preact/hooks';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import { durationText, momentText, timeText } from '#shared/pages/spoken.ts';
import { Badge } from './badge.tsx';
import { inOrder, ORDERS } from './delivery-order.ts';
import { say } from './language.ts';
import { ListFilters, namesOf } from './list-filters.tsx';
import { DRAGGED } from './map-view.tsx';
import { isOpen, nameOf, type Store } from './store.ts';
import { waitText } from './waits.ts';

const FILTERS = {
  open: isOpen,
  waiting: (delivery: DeliveryView) => delivery.status === 'PENDING',
  moving: (delivery: DeliveryView) => delivery.endedAt === null && delivery.status !== 'PENDING',
  failed: (delivery: DeliveryView) => delivery.status === 'FAILED',
  ended: (delivery: DeliveryView) => !isOpen(delivery),
} as const;
const SHOWN = 100;

export function DeliveryList({ store, missing }: { store: Store; missing: boolean }) {
  const texts = say().lists;
  const [filter, setFilter] = useState<keyof typeof FILTERS>('open');
  const [order, setOrder] = useState<keyof typeof ORDERS>('urgent');
  const [words, setWords] = useState('');
  const [shown, setShown] = useState(SHOWN);
  const all = [...store.deliveries.values()];
  const found = inOrder(
    all.filter((delivery) => FILTERS[filter](delivery) && matches(delivery, words, store)),
    order,
  );
  return (
    <section aria-label={say().tabs.deliveries}>
      {missing && <p class="hint">{texts.notAmong}</p>}
      <ListFilters
        search={texts.searchDeliveries}
        placeholder={texts.deliveryWords}
        filters={namesOf(FILTERS).map((name) => ({
          name,
          label: texts[name],
          count: all.filter(FILTERS[name]).length,
        }))}
        filter={filter}
        onFilter={setFilter}
        words={words}
        onWords={setWords}
        orders={namesOf(ORDERS).map((name) => ({ name, label: texts[name] }))}
        order={order}
        onOrder={setOrder}
      />
      <ul class="rows">
        {found.slice(0, shown).map((delivery) => (
          <Row key={delivery.id} store={store} delivery={delivery} />
        ))}
      </ul>
      {found.length === 0 && <p class="nothing">{texts.nothing}</p>}
      {found.length > shown && (
        <button class="more" type="button" onClick={() => setShown(shown + SHOWN)}>
          {say().showMoreOf(found.length)}
        </button>
      )}
    </section>
  );
}

function Row({ store, delivery }: { store: Store; delivery: DeliveryView }) {
  const driver = delivery.driverId === null ? undefined : store.drivers.get(delivery.driverId);
  return (
    <li
      draggable={delivery.status === 'PENDING' || delivery.status === 'ASSIGNED'}
      onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, delivery.id)}
    >
      <a href={`#/deliveries/${delivery.id}`}>
        <span class="what">
          <b>{nameOf(delivery)}</b> <Badge status={delivery.status} />
        </span>
        <span class="side">{sideOf(delivery)}</span>
        <span class="more-words said">{delivery.dropoff.address ?? say().noAddress}</span>
        <span class="more-words second">
          {driver ? driver.name : delivery.status === 'PENDING' ? waitText(delivery) : ''}
        </span>
      </a>
    </li>
  );
}

function sideOf(delivery: DeliveryView): string {
  if (delivery.endedAt !== null) return timeText(delivery.endedAt);
  if (delivery.plannedDropoffAt !== null) return say().lists.eta(momentText(delivery.plannedDropoffAt, Date.now()));
  return durationText((Date.now() - Date.parse(delivery.createdAt)) / 1000);
}

function matches(delivery: DeliveryView, words: string, { drivers }: Store): boolean {
  if (words.trim() === '') return true;
  const driver = delivery.driverId === null ? '' : (drivers.get(delivery.driverId)?.name ?? '');
  const text = [nameOf(delivery), delivery.dropoff.address, delivery.dropoff.name, driver].join(' ').toLowerCase();
  return words
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
