import type { RouteStopView } from '#shared/contract/routes.ts';
import { timeText } from '#shared/pages/spoken.ts';
import { texts } from './language.ts';
import { placeText, titleOf } from './stop-words.ts';
import { mayBeNext } from './stops.ts';

/**
 * What comes after the present visit, in order.
 * @param stops all of the route, the present visit's too
 * @param onFirst to go somewhere else first; null: not now
 */
export function Later({
  stops,
  visits,
  onFirst,
}: {
  stops: readonly RouteStopView[];
  visits: readonly (readonly RouteStopView[])[];
  onFirst: ((visit: readonly RouteStopView[]) => void) | null;
}) {
  const said = texts;
  if (visits.length === 0) return null;
  return (
    <section class="later" aria-label={said.afterThat}>
      <h2>{said.afterThat}</h2>
      <ol>
        {visits.map((visit) => {
          const first = visit[0]!;
          return (
            <li key={`${first.deliveryId} ${first.kind}`}>
              <span class="what">
                <b>{said.kinds[first.kind]}</b> {visit.map(titleOf).join(', ')}
              </span>
              <span class="at">{first.plannedAt && timeText(first.plannedAt)}</span>
              <span class="where">{first.address === null && first.name ? first.name : placeText(first)}</span>
              {onFirst && visit.every((stop) => mayBeNext(stops, stop)) && (
                <button type="button" onClick={() => onFirst(visit)}>
                  {said.goFirst}
                </button>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
