import type { DriverView } from '#shared/contract/drivers.ts';
import { phoneLink, sentence, statusText } from '#shared/pages/words.ts';
import type { Actions } from './actions.ts';
import { Badge } from './badge.tsx';
import { freshness } from './driver-list.tsx';
import { DriverRoute } from './driver-route.tsx';
import { Phones } from './phones.tsx';
import { isOpen, type Store } from './store.ts';

const DUTIES = ['AVAILABLE', 'BUSY', 'OFFLINE'] as const;

export function DriverPage({ store, driver, actions }: { store: Store; driver: DriverView; actions: Actions }) {
  const held = [...store.deliveries.values()].filter((delivery) => delivery.driverId === driver.id);
  const ended = held.filter((delivery) => !isOpen(delivery)).length;
  return (
    <article class="detail" aria-labelledby="driver-title">
      <p>
        <a class="back" href="#/drivers">
          ← Drivers
        </a>
      </p>
      <h2 id="driver-title">
        {driver.name} <Badge status={driver.status} />
      </h2>
      <dl class="facts">
        <dt>In hand</dt>
        <dd>
          {driver.load} of {driver.capacity}
        </dd>
        <dt>Ended lately</dt>
        <dd>{ended}</dd>
        <dt>Vehicle</dt>
        <dd>{driver.vehicle === null ? '–' : sentence(driver.vehicle)}</dd>
        <dt>Phone</dt>
        <dd>{driver.phone === null ? '–' : <a href={phoneLink(driver.phone)}>{driver.phone}</a>}</dd>
        <dt>Position</dt>
        <dd>{freshness(driver, store.seen.get(driver.id)) || 'Not known'}</dd>
      </dl>
      {store.session.mayDispatch && (
        <fieldset class="buttons">
          <legend>Say that this driver is</legend>
          {DUTIES.map((duty) => (
            <button
              key={duty}
              type="button"
              aria-pressed={driver.status === duty}
              onClick={() => void actions.setDuty(driver.id, duty)}
            >
              {statusText(duty)}
            </button>
          ))}
        </fieldset>
      )}
      <DriverRoute store={store} driver={driver} actions={actions} />
      {store.session.mayDispatch && <Phones driver={driver} />}
    </article>
  );
}
