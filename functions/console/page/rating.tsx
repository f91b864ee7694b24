import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { StatsView } from '#shared/contract/live.ts';
import { momentText } from '#shared/pages/spoken.ts';
import { say } from './language.ts';
import type { Store } from './store.ts';

/** Of 1 to 5, as in `4.5 ★`. */
export const starsText = (stars: number | null) => (stars === null ? '–' : `${stars} ★`);

/** What the customer said of a delivery. */
export function Rating({ stars, note, at }: NonNullable<DeliveryView['rating']>) {
  const { title } = say().ratings;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <p>
        <b>{starsText(stars)}</b> <span class="hint">{momentText(at, Date.now())}</span>
      </p>
      {note && <p>{note}</p>}
    </section>
  );
}

/** What customers said of each driver. */
export function Ratings({ store, ratings: { drivers } }: { store: Store } & Pick<StatsView, 'ratings'>) {
  const texts = say().ratings;
  return (
    <>
      <h3>{texts.ofDrivers}</h3>
      <ul class="reasons">
        {drivers.map(({ driverId, average, count }) => (
          <li key={driverId}>
            <a href={`#/drivers/${driverId}`}>{store.drivers.get(driverId)?.name ?? say().aDriver}</a>
            <meter min={0} max={5} value={average}>
              {average}
            </meter>
            <span>
              <b>{starsText(average)}</b> <span class="hint">{texts.of(count)}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
