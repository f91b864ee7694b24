import type { PlannedStopRef } from '#shared/planning/question.ts';
import type { DeliveryEventFact } from '../facts.ts';
import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';
import type { RouteAt } from './replay.ts';
import { routesOf } from './routes.ts';

/** Who acts when the engine does. */
export const ENGINE = 'dispatch';

/**
 * I15, what people rely on: an order that a person has fixed is not undone by a plan, nor is a delivery taken away by one
 * that a person pinned, or given away that a person holds; a parcel aboard stays with its driver; what is shown and
 * stored of a route is that route.
 */
export function checkArranged(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I15', what, example });
  const shown = groupBy(
    evidence.operations.filter((each) => each.outcome === 'ok').flatMap((each) => each.routes),
    (route) => route.driverId,
  );
  const carried = groupBy(
    evidence.deliveries.filter((delivery) => delivery.dropoffRank !== null),
    (delivery) => delivery.driverId ?? '',
  );
  for (const { driver, route } of routesOf(evidence)) {
    count(route.length);
    const fixed = fixedAt(route);
    const undone = route.find((at, n) => isUndone(at, fixed[n] ?? []));
    if (undone) say("a plan has undone a person's order of stops", undone);
    const placeOf = new Map(route.map(({ event }, n) => [event.version, n]));
    for (const seen of shown.get(driver.id) ?? []) {
      const n = placeOf.get(seen.version) ?? Number.NaN;
      const stops = route[n]?.stops;
      if (stops === undefined) continue;
      if (!isRestOf(seen.stops, stops)) say('an answer shows another route than there was', { seen, stops });
      if (seen.stops.some((stop) => stop.pinned && !fixed[n]?.includes(name(stop))))
        say('a stop is shown as fixed by a person, and none has fixed it', { seen, fixed: fixed[n] });
    }
    const ranked = rankedStops(carried.get(driver.id) ?? []);
    const last = route.at(-1)?.stops ?? [];
    if (!isRestOf(ranked, last)) say('the stops are not in the order of the last version', { driver, ranked, last });
  }
  for (const event of takenWhilePinned(evidence)) say('a plan has taken away what a person pinned', event);
  for (const event of givenWhilePaused(evidence.deliveryEvents))
    say('a plan has given away what a person holds', event);
  for (const event of changedHands(evidence.deliveryEvents)) say('a parcel aboard has changed its driver', event);
  return found;
}

const name = ({ deliveryId, kind }: PlannedStopRef) => `${deliveryId} ${kind === 'pickup' ? 'pickup' : 'last'}`;

/**
 * The stops that a person has put in order, at each version: all that the shop arranged, or a driver's next one. From a
 * parcel on that is tried again none is: its stop has become another, perhaps for hours later.
 */
export function fixedAt(route: readonly RouteAt[]): readonly (readonly string[])[] {
  let fixed: readonly string[] = [];
  return route.map(({ event: { actor, type, deliveryId }, stops }) => {
    const now = stops.map(name);
    const again = type === 'REATTEMPTED' ? fixed.indexOf(`${deliveryId} last`) : -1;
    if (again >= 0) fixed = fixed.slice(0, again);
    if (type !== 'ROUTE' || actor === ENGINE) fixed = fixed.filter((stop) => now.includes(stop));
    else fixed = actor.startsWith('driver:') ? now.slice(0, 1) : now;
    return fixed;
  });
}

/** A plan whose first stops are not those that were fixed, as far as they are still there. */
function isUndone({ event, stops }: RouteAt, fixed: readonly string[]): boolean {
  return event.route !== null && event.actor === ENGINE && fixed.some((stop, place) => name(stops[place]!) !== stop);
}

/** The same stops in the same order, but for pickups that were made since: they raise no version. */
function isRestOf(seen: readonly PlannedStopRef[], stops: readonly PlannedStopRef[]): boolean {
  const names = seen.map(({ deliveryId, kind }) => `${deliveryId} ${kind}`);
  const left = stops
    .map(({ deliveryId, kind }) => `${deliveryId} ${kind}`)
    .filter((stop) => !stop.endsWith(' pickup') || names.includes(stop));
  return names.join() === left.join();
}

function rankedStops(carried: Evidence['deliveries']): readonly PlannedStopRef[] {
  return carried
    .flatMap(({ id: deliveryId, status, pickupRank, dropoffRank }) => [
      { deliveryId, kind: 'pickup' as const, rank: pickupRank },
      { deliveryId, kind: status === 'FAILED' ? ('return' as const) : ('dropoff' as const), rank: dropoffRank },
    ])
    .filter((stop) => stop.rank !== null)
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
}

/** An end of an assignment that was shown as pinned. */
function takenWhilePinned({ operations, deliveryEvents }: Evidence): readonly DeliveryEventFact[] {
  const shown = operations.filter((each) => each.outcome === 'ok').flatMap((each) => each.deliveries);
  const pinned = groupBy(
    shown.filter((delivery) => delivery.pinned),
    (delivery) => delivery.id,
  );
  const assigned = groupBy(
    deliveryEvents.filter((event) => event.type === 'ASSIGNED'),
    (event) => event.deliveryId,
  );
  return deliveryEvents.filter((event) => {
    if (event.type !== 'UNASSIGNED' || event.actor !== ENGINE) return false;
    const since = Math.max(
      0,
      ...(assigned.get(event.deliveryId) ?? []).map(({ seq }) => seq).filter((seq) => seq < event.seq),
    );
    return (pinned.get(event.deliveryId) ?? []).some(({ version }) => version >= since && version < event.seq);
  });
}

function givenWhilePaused(events: readonly DeliveryEventFact[]): readonly DeliveryEventFact[] {
  return [...groupBy(events, (event) => event.deliveryId).values()].flatMap((own) => {
    let isPaused = false;
    return own
      .toSorted((a, b) => a.seq - b.seq)
      .filter(({ type, actor, data }) => {
        const isGiven = isPaused && type === 'ASSIGNED' && actor === ENGINE;
        if (type === 'HELD') isPaused = data?.state === 'paused';
        else if (type !== 'UPDATED' && type !== 'CHANGED') isPaused = false;
        return isGiven;
      });
  });
}

function changedHands(events: readonly DeliveryEventFact[]): readonly DeliveryEventFact[] {
  return [...groupBy(events, (event) => event.deliveryId).values()].flatMap((own) => {
    const ordered = own.toSorted((a, b) => a.seq - b.seq);
    // Another attempt from the pickup point begins in nobody's hands.
    let holder: string | null = null;
    return ordered.filter((event) => {
      if (event.type === 'REATTEMPTED' && event.status === 'PENDING') holder = null;
      else if (event.type === 'PICKED_UP') holder = event.driverId;
      return holder !== null && event.driverId !== holder;
    });
  });
}
