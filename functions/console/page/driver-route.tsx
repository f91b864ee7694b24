import { useEffect, useState } from 'preact/hooks';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { RouteStopView, RouteView } from '#shared/contract/routes.ts';
import { ask } from '#shared/pages/ask.ts';
import { timeText } from '#shared/pages/spoken.ts';
import type { Actions } from './actions.ts';
import { say } from './language.ts';
import type { Store } from './store.ts';

const AGAIN_MS = 15_000;

/** A driver's stops in order, with planned times; a dispatcher may put one earlier, which fixes the order. */
export function DriverRoute({ store, driver, actions }: { store: Store; driver: DriverView; actions: Actions }) {
  const texts = say().driver;
  const [route, setRoute] = useState<RouteView | null>(null);
  const look = () =>
    ask<RouteView>('GET', `/v1/drivers/${driver.id}/route`).then(
      (found) => setRoute((known) => (known === null || found.version >= known.version ? found : known)),
      () => {},
    );
  const load = [...store.deliveries.values()].filter(({ driverId }) => driverId === driver.id);
  const news = load.map(({ id, version }) => `${id} ${version}`).join(' ');
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [driver.id, driver.version, news]);
  const stops = route?.stops ?? [];
  const earlier = (place: number) => {
    const order = [...stops];
    order.splice(place - 1, 2, stops[place]!, stops[place - 1]!);
    void actions.arrange(route!, order).then(look);
  };
  return (
    <section aria-label={texts.route}>
      <h3>{texts.route}</h3>
      <ol class="rows route">
        {stops.map((stop, place) => (
          <li key={`${stop.deliveryId} ${stop.kind}`}>
            <span class="what">
              <b>{texts.kinds[stop.kind]}</b>
              <a href={`#/deliveries/${stop.deliveryId}`}>{stop.sellerOrderId ?? stop.deliveryId.slice(-6)}</a>
              {stop.pinned && <span class="hint">{texts.fixed}</span>}
            </span>
            <span class="side">{stop.plannedAt && timeText(stop.plannedAt)}</span>
            <span class="more-words said">{stop.address ?? stop.name ?? say().noAddress}</span>
            {store.session.mayDispatch && mayGoBefore(stop, stops[place - 1]) && (
              <button type="button" aria-label={texts.earlier(texts.kinds[stop.kind])} onClick={() => earlier(place)}>
                ↑
              </button>
            )}
          </li>
        ))}
      </ol>
      {stops.length === 0 && <p class="nothing">{texts.nothingToDo}</p>}
    </section>
  );
}

/** Not before the first, and no delivery before its own pickup. */
function mayGoBefore({ deliveryId }: RouteStopView, other: RouteStopView | undefined): boolean {
  return other !== undefined && other.deliveryId !== deliveryId;
}
