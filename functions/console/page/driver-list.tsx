import { useState } from 'preact/hooks';
import type { DriverView } from '#shared/contract/drivers.ts';
import { durationText, momentText } from '#shared/pages/spoken.ts';
import { Badge } from './badge.tsx';
import type { Seen } from './known.ts';
import { codeText, say } from './language.ts';
import { ListFilters, namesOf } from './list-filters.tsx';
import type { Store } from './store.ts';

const FILTERS = {
  duty: (driver: DriverView) => driver.status !== 'OFFLINE',
  available: (driver: DriverView) => driver.status === 'AVAILABLE',
  busy: (driver: DriverView) => driver.status === 'BUSY',
  all: () => true,
} as const;
const ORDERS = ['name', 'load', 'silent'] as const;
type Order = (typeof ORDERS)[number];
const SHOWN = 100;

export function DriverList({ store }: { store: Store }) {
  const texts = say().lists;
  const [filter, setFilter] = useState<keyof typeof FILTERS>('duty');
  const [order, setOrder] = useState<Order>('name');
  const [words, setWords] = useState('');
  const [shown, setShown] = useState(SHOWN);
  const all = [...store.drivers.values()];
  const found = all
    .filter((driver) => FILTERS[filter](driver) && driver.name.toLowerCase().includes(words.trim().toLowerCase()))
    .sort((a, b) => compare(order, a, b, store));
  return (
    <section aria-label={say().tabs.drivers}>
      <ListFilters
        search={texts.searchDrivers}
        placeholder={texts.driverWords}
        filters={namesOf(FILTERS).map((name) => ({
          name,
          label: texts[name],
          count: all.filter(FILTERS[name]).length,
        }))}
        filter={filter}
        onFilter={setFilter}
        words={words}
        onWords={setWords}
        orders={ORDERS.map((name) => ({ name, label: texts[name] }))}
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
              <span class="more-words">
                {dutyWords(driver) || (driver.vehicle === null ? texts.noVehicle : codeText(driver.vehicle))}
              </span>
              <span class="more-words second">{freshness(driver, store.seen.get(driver.id))}</span>
            </a>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="nothing">{texts.nobody}</p>}
      {found.length > shown && (
        <button class="more" type="button" onClick={() => setShown(shown + SHOWN)}>
          {say().showMoreOf(found.length)}
        </button>
      )}
    </section>
  );
}

/** What a status does not say of a driver; empty where there is nothing. */
export function dutyWords({ breakUntil, lastOne }: DriverView): string {
  const texts = say().lists;
  if (breakUntil) return texts.onBreakUntil(momentText(breakUntil, Date.now()));
  return lastOne ? texts.lastOne : '';
}

/** How old what we know of a driver's place is, in words. */
export function freshness(driver: DriverView, seen: Seen | undefined): string {
  const texts = say().lists;
  if (!seen) return driver.status === 'OFFLINE' ? '' : texts.neverSeen;
  const age = seen.recordedAtMs === 0 ? null : Math.max(0, Date.now() - seen.recordedAtMs) / 1000;
  if (seen.silent) return age === null ? texts.isSilent : texts.silentSince(durationText(age));
  return age === null || age < 5 ? texts.seenNow : texts.seenAgo(durationText(age));
}

function compare(order: Order, a: DriverView, b: DriverView, { seen }: Store): number {
  const heard = ({ id }: DriverView) => seen.get(id)?.recordedAtMs ?? 0;
  const first = order === 'load' ? b.load - a.load : order === 'silent' ? heard(a) - heard(b) : 0;
  return first || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}
