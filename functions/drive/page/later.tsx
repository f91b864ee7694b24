import type { RouteStopView } from '#shared/contract/routes.ts';
import { timeText } from '#shared/pages/words.ts';
import { mayBeNext } from './stops.ts';

export const KINDS: Readonly<Record<RouteStopView['kind'], string>> = {
  pickup: 'Pick up',
  dropoff: 'Deliver',
  return: 'Bring back',
};

/**
 * What comes after the present visit, in order.
 * @param onFirst to go somewhere else first; null: not now
 */
export function Later({
  stops,
  from,
  onFirst,
}: {
  stops: readonly RouteStopView[];
  from: number;
  onFirst: ((stop: RouteStopView) => void) | null;
}) {
  const later = stops.slice(from);
  if (later.length === 0) return null;
  return (
    <section class="later" aria-label="After that">
      <h2>After that</h2>
      <ol>
        {later.map((stop) => (
          <li key={`${stop.deliveryId} ${stop.kind}`}>
            <span class="what">
              <b>{KINDS[stop.kind]}</b> {stop.sellerOrderId ?? stop.deliveryId.slice(-6)}
            </span>
            <span class="at">{stop.plannedAt && timeText(stop.plannedAt)}</span>
            <span class="where">{stop.address ?? stop.name ?? 'No address'}</span>
            {onFirst && mayBeNext(stops, stop) && (
              <button type="button" onClick={() => onFirst(stop)}>
                Go there first
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
