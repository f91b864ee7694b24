import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { Actions } from './actions.ts';
import { dutyWords, freshness } from './driver-list.tsx';
import { say, statusText } from './language.ts';
import type { Store } from './store.ts';

const MOST = 8;

interface AllTheSameProps {
  store: Store;
  delivery: DeliveryView;
  actions: Actions;
  /** Those who can be had without more ado. */
  found: ReadonlySet<string>;
}

/**
 * Drivers whom no search finds, because they were not heard from or are on a break: a person may know better, and sets
 * that aside by name. Whoever said OFFLINE themselves is refused by the service, which alone knows who said it.
 */
export function AllTheSame({ store, delivery, actions, found }: AllTheSameProps) {
  const texts = say().assign;
  const heard = ({ id }: DriverView) => store.seen.get(id)?.recordedAtMs ?? 0;
  const others = [...store.drivers.values()]
    .filter((driver) => driver.id !== delivery.driverId && !found.has(driver.id))
    .filter((driver) => driver.active && driver.load + delivery.size <= driver.capacity)
    .flatMap((driver) => {
      const override = setAside(driver, store);
      return override.length > 0 ? [{ driver, override }] : [];
    })
    .sort((a, b) => heard(b.driver) - heard(a.driver) || (a.driver.id < b.driver.id ? -1 : 1))
    .slice(0, MOST);
  if (others.length === 0) return null;
  return (
    <details class="all-the-same">
      <summary>{texts.others}</summary>
      <p class="hint">{texts.othersWhy}</p>
      <ul class="rows near">
        {others.map(({ driver, override }) => (
          <li key={driver.id}>
            <span class="what">
              <b>{driver.name}</b>
            </span>
            <span class="more-words">
              {[dutyWords(driver) || statusText(driver.status), freshness(driver, store.seen.get(driver.id))]
                .filter(Boolean)
                .join(' · ')}
            </span>
            <button
              type="button"
              aria-label={texts.allTheSameTo(driver.name)}
              onClick={() => void actions.assign(delivery.id, driver.id, override)}
            >
              {texts.allTheSame}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What the person sets aside with it. Nobody expects to hear a phone on a break, or one of somebody OFFLINE. */
function setAside({ id, status, breakUntil }: DriverView, { seen }: Store): readonly string[] {
  const isSilent = seen.get(id)?.silent ?? true;
  if (breakUntil) return isSilent ? ['on_break', 'silent'] : ['on_break'];
  return status === 'OFFLINE' || isSilent ? ['silent'] : [];
}
