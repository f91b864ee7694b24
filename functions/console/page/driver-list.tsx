import { useState } from 'preact/hooks';
import type { DriverView } from '#shared/contract/drivers.ts';
import { durationText, sentence } from '#shared/pages/words.ts';
import { Badge } from './badge.tsx';
import { ListFilters, namesOf } from './list-filters.tsx';
import type { Seen, Store } from './store.ts';

const FILTERS = {
  duty: { label: 'On duty', holds: (driver: DriverView) => driver.status !== 'OFFLINE' },
  available: { label: 'Available', holds: (driver: DriverView) => driver.status === 'AVAILABLE' },
  busy: { label: 'Busy', holds: (driver: DriverView) => driver.status === 'BUSY' },
  all: { label: 'All', holds: () => true },
} as const;
const ORDERS = {
  name: 'Name',
  load: 'Most in hand',
  silent: 'Longest silent',
} as const;
const SHOWN = 100;

export function DriverList({ store }: { store: Store }) {
  const [filter, setFilter] = useState<keyof typeof FILTERS>('duty');
  const [order, setOrder] = useState<keyof typeof ORDERS>('name');
  const [words, setWords] = useState('');
  const [shown, setShown] = useState(SHOWN);
  const all = [...store.drivers.values()];
  const found = all
    .filter((driver) => FILTERS[filter].holds(driver) && driver.name.toLowerCase().includes(words.trim().toLowerCase()))
    .sort((a, b) => compare(order, a, b, store));
  return (
    <section aria-label="Drivers">
      <ListFilters
        what="drivers"
        placeholder="Name"
        filters={namesOf(FILTERS).map((name) => ({
          name,
          label: FILTERS[name].label,
          count: all.filter(FILTERS[name].holds).length,
        }))}
        filter={filter}
        onFilter={setFilter}
        words={words}
        onWords={setWords}
        orders={namesOf(ORDERS).map((name) => ({ name, label: ORDERS[name] }))}
        order={order}
        onOrder={setOrder}
      />
      <ul class="rows">
        {found.slice(0, shown).map((driver) => (
          <li key={driver.id}>
            <a href={`#/drivers/${driver.id}`}>
              <span class="what">
                <b>{driver.name}</b> <Badge status={driver.status} />
              </span>
              <span class="side">
                {driver.load}/{driver.capacity}
              </span>
              <span class="more-words">{driver.vehicle === null ? 'No vehicle named' : sentence(driver.vehicle)}</span>
              <span class="more-words second">{freshness(driver, store.seen.get(driver.id))}</span>
            </a>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="nothing">Nobody here.</p>}
      {found.length > shown && (
        <button class="more" type="button" onClick={() => setShown(shown + SHOWN)}>
          Show more of {found.length}
        </button>
      )}
    </section>
  );
}

/** How old what we know of a driver's place is, in words. */
export function freshness(driver: DriverView, seen: Seen | undefined): string {
  if (!seen) return driver.status === 'OFFLINE' ? '' : 'Never seen';
  const age = seen.recordedAtMs === 0 ? null : Math.max(0, Date.now() - seen.recordedAtMs) / 1000;
  if (seen.silent) return age === null ? 'Silent' : `Silent, seen ${durationText(age)} ago`;
  return age === null || age < 5 ? 'Seen now' : `Seen ${durationText(age)} ago`;
}

function compare(order: keyof typeof ORDERS, a: DriverView, b: DriverView, { seen }: Store): number {
  const heard = ({ id }: DriverView) => seen.get(id)?.recordedAtMs ?? 0;
  const first = order === 'load' ? b.load - a.load : order === 'silent' ? heard(a) - heard(b) : 0;
  return first || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}
