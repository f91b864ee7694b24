import type { RefObject } from 'preact';
import type { RouteStopView } from '#shared/contract/routes.ts';
import { timeText } from '#shared/pages/spoken.ts';
import type { KnownDelivery, Said } from './changes.ts';
import { texts } from './language.ts';
import { MAP_APPS, type MapApp, navigationLink } from './navigation.ts';
import { Parcel } from './parcel.tsx';
import type { Taken } from './steps.ts';
import { placeText, titleOf } from './stop-words.ts';

interface VisitProps {
  /** All of one kind, at one place. */
  stops: readonly RouteStopView[];
  heading: RefObject<HTMLHeadingElement | null>;
  /** Not known yet where it has just been given. */
  deliveryOf: (id: string) => KnownDelivery | undefined;
  changesOf: (delivery: KnownDelivery | undefined) => readonly Said[];
  onSeen: (delivery: KnownDelivery) => void;
  onStep: (step: Taken) => void;
  mapApp: MapApp;
  onMapApp: (app: MapApp) => void;
}

/** The task at hand: one place, and what is done there with each parcel. */
export function Visit({ stops, heading, mapApp, onMapApp, ...parcel }: VisitProps) {
  const [first] = stops;
  if (first === undefined) return null;
  const { kind, plannedAt } = first;
  const said = texts;
  const several = kind === 'pickup' ? said.take : said.handOver;
  return (
    <section class="visit" aria-label={said.kinds[kind]}>
      <p class="kind">
        {stops.length === 1 || kind === 'return' ? said.kinds[kind] : several(stops.length)}
        {plannedAt && <time dateTime={plannedAt}>{timeText(plannedAt)}</time>}
      </p>
      <h2 tabIndex={-1} ref={heading}>
        {placeText(first)}
      </h2>
      <Way stop={first} app={mapApp} onApp={onMapApp} />
      {kind === 'pickup' && stops.length > 1 && (
        <button
          class="primary big"
          type="button"
          onClick={() => {
            for (const stop of stops)
              parcel.onStep({ deliveryId: stop.deliveryId, title: titleOf(stop), status: 'PICKED_UP' });
          }}
        >
          {said.haveAll(stops.length)}
        </button>
      )}
      {stops.map((stop) => (
        <Parcel
          key={`${stop.deliveryId} ${stop.kind}`}
          stop={stop}
          isOnly={stops.length === 1}
          delivery={parcel.deliveryOf(stop.deliveryId)}
          changed={parcel.changesOf(parcel.deliveryOf(stop.deliveryId))}
          onSeen={parcel.onSeen}
          onStep={parcel.onStep}
        />
      ))}
    </section>
  );
}

function Way({ stop, app, onApp }: { stop: RouteStopView; app: MapApp; onApp: (app: MapApp) => void }) {
  const link = navigationLink(app, stop);
  if (link === null) return null;
  return (
    <p class="links">
      <a class="button" href={link} target="_blank" rel="noreferrer">
        {texts.navigate}
      </a>
      <select
        aria-label={texts.mapApp}
        value={app}
        onChange={(event) => onApp((event.currentTarget as HTMLSelectElement).value as MapApp)}
      >
        {MAP_APPS.map((each) => (
          <option key={each} value={each}>
            {texts.mapApps[each]}
          </option>
        ))}
      </select>
    </p>
  );
}
