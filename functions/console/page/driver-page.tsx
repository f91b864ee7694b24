import type { DriverView } from '#shared/contract/drivers.ts';
import { focusHere } from '#shared/pages/focus-here.ts';
import { phoneLink } from '#shared/pages/words.ts';
import type { Actions } from './actions.ts';
import { Badge } from './badge.tsx';
import { dutyWords, freshness } from './driver-list.tsx';
import { DriverRoute } from './driver-route.tsx';
import { codeText, say, statusText } from './language.ts';
import { Phones } from './phones.tsx';
import { isOpen, type Store } from './store.ts';

const DUTIES = ['AVAILABLE', 'BUSY', 'OFFLINE'] as const;

export function DriverPage({ store, driver, actions }: { store: Store; driver: DriverView; actions: Actions }) {
  const texts = say().driver;
  const held = [...store.deliveries.values()].filter((delivery) => delivery.driverId === driver.id);
  const ended = held.filter((delivery) => !isOpen(delivery)).length;
  return (
    <article class="detail" aria-labelledby="driver-title">
      <p>
        <a class="back" href="#/drivers">
          {texts.back}
        </a>
      </p>
      <h2 id="driver-title" tabIndex={-1} ref={focusHere}>
        {driver.name} <Badge status={driver.status} />
      </h2>
      {dutyWords(driver) && <p>{dutyWords(driver)}</p>}
      <dl class="facts">
        <dt>{texts.inHand}</dt>
        <dd>{texts.of(driver.load, driver.capacity)}</dd>
        <dt>{texts.endedLately}</dt>
        <dd>{ended}</dd>
        <dt>{texts.vehicle}</dt>
        <dd>{driver.vehicle === null ? '–' : codeText(driver.vehicle)}</dd>
        <dt>{texts.phone}</dt>
        <dd>
          {driver.phone === null ? (
            '–'
          ) : (
            <a href={phoneLink(driver.phone)} dir="ltr">
              {driver.phone}
            </a>
          )}
        </dd>
        <dt>{texts.position}</dt>
        <dd>{freshness(driver, store.seen.get(driver.id)) || texts.notKnown}</dd>
      </dl>
      {store.session.mayDispatch && (
        <fieldset class="buttons">
          <legend>{texts.sayDuty}</legend>
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
