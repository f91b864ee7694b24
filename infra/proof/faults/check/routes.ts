import type { PlannedStopRef } from '#shared/planning/question.ts';
import type { DriverEventFact } from '../facts.ts';
import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';
import { APART_MS, type Holding, holdingsOf, isHeldAt, type RouteAt, replay } from './replay.ts';

/** A rule's word on one version of one driver; undefined: it holds. */
type Rule = (at: RouteAt, held: readonly Holding[], sizeOf: (deliveryId: string) => number) => string | undefined;

/**
 * I15: at every version a driver's stops are a legal route of exactly what they hold: each parcel is collected before it
 * is handed over, nothing is done twice, nothing is left of what was cancelled, taken or made, and the load is the sum
 * of the sizes.
 */
export function checkRoutes(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const sizes = new Map(evidence.deliveries.map(({ id, size }) => [id, size]));
  const sizeOf = (deliveryId: string) => sizes.get(deliveryId) ?? 0;
  for (const { holdings, route } of routesOf(evidence)) {
    count(route.length);
    for (const rule of RULES) {
      // The first of each driver says it all: what is wrong stays wrong.
      for (const at of route) {
        const held = holdings.filter((holding) => isHeldAt(holding, at.event.version));
        const what = rule(at, held, sizeOf);
        if (what === undefined) continue;
        found.push({ invariant: 'I15', what, example: { ...at, held } });
        break;
      }
    }
  }
  return found;
}

/** Each driver with what they held and their route at each version. */
export function routesOf({ drivers, driverEvents, deliveryEvents }: Evidence) {
  const events = groupBy(driverEvents, (event) => event.driverId);
  const byDriver = groupBy(holdingsOf(deliveryEvents), (holding) => holding.driverId);
  return drivers.map((driver) => {
    const holdings = byDriver.get(driver.id) ?? [];
    const own = (events.get(driver.id) ?? []).toSorted((a, b) => a.version - b.version);
    return { driver, holdings, route: replay(own, holdings) };
  });
}

const RULES: readonly Rule[] = [
  ({ event }) =>
    (event.type === 'PLANNED' || event.type === 'ROUTE') && event.route === null
      ? 'a route was arranged, and nobody knows how'
      : undefined,
  ({ stops }) => firstIllegal(stops),
  ({ event }, held, sizeOf) => {
    const sum = held.reduce((total, { deliveryId }) => total + sizeOf(deliveryId), 0);
    return sum === event.load ? undefined : `a load of ${event.load}, and parcels of ${sum}`;
  },
  ({ stops }, held) => {
    const theirs = new Set(held.map(({ deliveryId }) => deliveryId));
    return stops.every(({ deliveryId }) => theirs.has(deliveryId)) ? undefined : 'a stop of what is not theirs';
  },
  ({ stops }, held) => {
    const ended = new Set(stops.flatMap(({ kind, deliveryId }) => (kind === 'pickup' ? [] : [deliveryId])));
    return held.every(({ deliveryId }) => ended.has(deliveryId)) ? undefined : 'a parcel without a last stop';
  },
  ({ event, stops }, held) => held.map((holding) => wrongKind(stops, holding, event)).find(Boolean),
];

/** A route that nobody could drive. That there is room at each stop follows: all that they hold fits at once (I1). */
function firstIllegal(stops: readonly PlannedStopRef[]): string | undefined {
  const toCollect = new Set(stops.filter(({ kind }) => kind === 'pickup').map(({ deliveryId }) => deliveryId));
  const made = new Set<string>();
  const aboard = new Set(stops.map(({ deliveryId }) => deliveryId).filter((id) => !toCollect.has(id)));
  for (const { deliveryId, kind } of stops) {
    const stop = `${deliveryId} ${kind === 'pickup'}`;
    if (made.has(stop)) return 'the same stop twice';
    made.add(stop);
    if (kind === 'pickup') aboard.add(deliveryId);
    else if (!aboard.delete(deliveryId)) return 'a hand-over before its pickup';
  }
  return undefined;
}

/** What kind of stops it has left follows from what was made of it. */
function wrongKind(
  stops: readonly PlannedStopRef[],
  { deliveryId, pickedMs, returnsFrom }: Holding,
  { version, recordedMs, route }: DriverEventFact,
): string | undefined {
  const own = stops.filter((stop) => stop.deliveryId === deliveryId);
  const isReturning = returnsFrom !== null && returnsFrom <= version;
  const last = own.find(({ kind }) => kind !== 'pickup');
  if (last && (last.kind === 'return') !== isReturning) return `a ${last.kind} that is none`;
  if (route === null) return undefined;
  const hasPickup = own.some(({ kind }) => kind === 'pickup');
  const madeMs = pickedMs ?? Number.POSITIVE_INFINITY;
  if (hasPickup && madeMs < recordedMs - APART_MS) return 'a pickup that was made long since';
  return !hasPickup && madeMs > recordedMs + APART_MS ? 'a pickup that nobody made is gone' : undefined;
}
