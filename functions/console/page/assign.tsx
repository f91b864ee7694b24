import { useEffect, useState } from 'preact/hooks';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import { estimateS } from '#shared/domain/eta.ts';
import { distanceM } from '#shared/domain/geo.ts';
import { ask } from '#shared/pages/ask.ts';
import { distanceText, durationText } from '#shared/pages/spoken.ts';
import type { Actions } from './actions.ts';
import { AllTheSame } from './all-the-same.tsx';
import { codeText, say } from './language.ts';
import { placeOf, type Store } from './store.ts';

interface Near {
  driverId: string;
  distanceM: number;
}

const RADIUS_M = 50_000;
const MOST = 8;
const AGAIN_MS = 5_000;

/** By hand: the nearest free drivers with their distances; or the service's choice. Dragging to the map does the same. */
export function Assign({ store, delivery, actions }: { store: Store; delivery: DeliveryView; actions: Actions }) {
  const near = useNearest(store, delivery);
  const pickup = placeOf(delivery.pickup);
  const has = delivery.driverId !== null;
  const texts = say().assign;
  const title = has ? texts.another : texts.title;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {!has && (
        <button class="primary" type="button" disabled={!pickup} onClick={() => void actions.assign(delivery.id, null)}>
          {texts.choose}
        </button>
      )}
      {near.length === 0 && <p class="hint">{pickup ? texts.nobodyFree(RADIUS_M / 1000) : texts.noPickup}</p>}
      <ul class="rows near">
        {near.map(({ driverId, distanceM: away }) => {
          const driver = store.drivers.get(driverId);
          if (!driver || driverId === delivery.driverId) return null;
          const seen = store.seen.get(driverId);
          const wayS = pickup && seen ? estimateS(seen, pickup, driver.vehicle, store.session.etaRatio) : null;
          return (
            <li key={driverId}>
              <span class="what">
                <b>{driver.name}</b>
              </span>
              <span class="more-words">
                {distanceText(away)}
                {wayS === null ? '' : `, ${texts.about(durationText(wayS))}`}
                {driver.vehicle ? ` · ${codeText(driver.vehicle)}` : ''}
              </span>
              <button
                type="button"
                aria-label={texts.to(driver.name, distanceText(away))}
                onClick={() => void actions.assign(delivery.id, driverId)}
              >
                {texts.title}
              </button>
            </li>
          );
        })}
      </ul>
      <AllTheSame
        store={store}
        delivery={delivery}
        actions={actions}
        found={new Set(near.map(({ driverId }) => driverId))}
      />
      <p class="hint wide-only">{texts.drag}</p>
    </section>
  );
}

/** The service's own search where there is a pickup point; every free driver, unordered, where there is none. */
function useNearest(store: Store, delivery: DeliveryView): readonly Near[] {
  const [near, setNear] = useState<readonly Near[]>([]);
  const pickup = placeOf(delivery.pickup);
  useEffect(() => {
    if (!pickup) return setNear([]);
    let gone = false;
    const look = async () => {
      const query = new URLSearchParams({
        lat: pickup.lat.toFixed(6),
        lon: pickup.lon.toFixed(6),
        radiusM: String(RADIUS_M),
        limit: String(MOST),
      });
      const found = await ask<{ drivers: Near[] }>('GET', `/v1/drivers/nearest?${query}`).catch(() => ({
        drivers: fromMap(store, delivery),
      }));
      if (!gone) setNear(found.drivers);
    };
    void look();
    const timer = setInterval(() => void look(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [delivery.id, delivery.version, pickup?.lat, pickup?.lon]);
  return near;
}

function fromMap({ drivers, seen }: Store, delivery: DeliveryView): readonly Near[] {
  const pickup = placeOf(delivery.pickup);
  if (!pickup) return [];
  return [...drivers.values()]
    .flatMap(({ id, status }) => {
      const place = seen.get(id);
      return place && status === 'AVAILABLE' ? [{ driverId: id, distanceM: distanceM(pickup, place) }] : [];
    })
    .sort((a, b) => a.distanceM - b.distanceM)
    .slice(0, MOST);
}
