import type { DeliveryEventFact, DeliveryFact } from '../facts.ts';
import type { Evidence, Kind, Operation, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { wrongDriverChange, wrongDuty } from './effects-on-drivers.ts';
import { openStored, type Stored } from './stored.ts';

/** What an acknowledged operation has not brought about; undefined: it has, or it was so already. */
type Rule = (operation: Operation, stored: Stored) => string | undefined;

/** Clocks of one machine, read one after the other. */
const CLOCK_MS = 100;

/**
 * I3, what was asked for: whoever was answered 2xx has got it, or had it already. An answer shows the delivery or the
 * driver as the commit left it, so that the event is looked for up to the version that it shows.
 */
export function checkEffects(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const stored = openStored(evidence);
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I3', what, example });
  for (const operation of evidence.operations) {
    const rule = RULES[operation.kind];
    if (rule === undefined || operation.outcome !== 'ok') continue;
    count(1);
    const what = rule(operation, stored);
    if (what !== undefined) say(`${operation.kind} was acknowledged, ${what}`, operation);
  }
  for (const delivery of evidence.deliveries) {
    const what = wrongInTheEnd(delivery, stored.about(delivery.id));
    if (what !== undefined) say(what, delivery);
  }
  return found;
}

const shownOf = ({ deliveries, target }: Operation) => deliveries.find(({ id }) => id === target);
const DIFFERENT = 'and the answer shows something else';

/** The answer shows the delivery as `is` wants it, and it has such an event by that version. */
function shows(
  is: (shown: Operation['deliveries'][number]) => boolean,
  made: (event: DeliveryEventFact, operation: Operation) => boolean,
): Rule {
  return (operation, stored) => {
    const shown = shownOf(operation);
    if (shown === undefined || !is(shown)) return DIFFERENT;
    const own = stored.events(shown.id).filter(({ seq }) => seq <= shown.version);
    return own.some((event) => made(event, operation)) ? undefined : 'and nothing of it is stored';
  };
}

/** Of a shop's message: it names the delivery, and has done what it says. */
const ofOrder =
  (what: 'kept' | 'cancelled'): Rule =>
  ({ ids: [id], said, endMs }, stored) => {
    if (id === undefined || said === 'IGNORED') return 'and ignored';
    if (what === 'kept') return undefined;
    const isCancelled = stored
      .events(id)
      .some(({ type, recordedMs }) => type === 'CANCELLED' && recordedMs <= endMs + CLOCK_MS);
    return isCancelled && said === 'CANCELLED' ? undefined : 'and the order is not cancelled';
  };

const RULES: Partial<Record<Kind, Rule>> = {
  order: ofOrder('kept'),
  cancel_order: ofOrder('cancelled'),
  move: (operation, stored) =>
    shows(
      ({ status }) => status === operation.wanted?.status,
      ({ type }) => type === operation.wanted?.status,
    )(operation, stored),
  cancel: shows(
    ({ status }) => status === 'CANCELLED',
    ({ type }) => type === 'CANCELLED',
  ),
  unassign: shows(
    ({ status, driverId }) => status === 'PENDING' && driverId === null,
    // It waits for a driver as it did from its beginning, or again.
    ({ type }) => type === 'CREATED',
  ),
  hold: shows(
    ({ dispatch }) => dispatch === 'paused',
    ({ type, data }) => type === 'HELD' && data?.state === 'paused',
  ),
  release: (operation) => (shownOf(operation)?.dispatch === 'paused' ? DIFFERENT : undefined),
  assign_named: (operation, stored) =>
    shows(
      ({ driverId, pinned }) => driverId === operation.wanted?.driverId && (pinned || !operation.wanted?.pinned),
      ({ type, driverId }) => type === 'ASSIGNED' && driverId === operation.wanted?.driverId,
    )(operation, stored),
  // The one of a shop's endpoint names no delivery.
  redeliver: (operation, stored) =>
    operation.target === null
      ? undefined
      : shows(
          () => true,
          ({ type, seq }) => type === 'REATTEMPTED' && seq === shownOf(operation)?.version,
        )(operation, stored),
  rate: ({ target, endMs }, stored) =>
    wasMade('RATED', target, endMs, stored) ? undefined : 'and no rating is stored',
  change: (operation, stored) => wrongChange(operation, stored),
  duty: wrongDuty,
  change_driver: wrongDriverChange,
  retire: ({ target }, stored) =>
    stored.driver(`${target}`)?.active === false ? undefined : 'and they are in service',
};

const wasMade = (type: string, target: string | null, endMs: number, stored: Stored) =>
  stored.events(`${target}`).some((event) => event.type === type && event.recordedMs <= endMs + CLOCK_MS);

/** Something is new, or each field was asked for before as well. A customer is shown no version. */
function wrongChange(operation: Operation, stored: Stored): string | undefined {
  const { target, endMs, wanted } = operation;
  const shown = shownOf(operation);
  if (shown === undefined) return wasMade('CHANGED', target, endMs, stored) ? undefined : 'and no change is stored';
  // Where its driver cannot take it any more it is taken from them, and that is the next event.
  const own = stored.events(shown.id).filter(({ seq }) => seq === shown.version || seq === shown.version - 1);
  if (own.some(({ type, seq }) => type === 'CHANGED' && (seq === shown.version || own.at(-1)?.type === 'UNASSIGNED')))
    return undefined;
  const before = stored.about(shown.id).filter((each) => each.key !== operation.key && each.startMs <= endMs);
  const isSo = Object.entries(wanted?.fields ?? {}).every(([name, value]) =>
    before.some((each) => each.wanted?.fields?.[name] === value),
  );
  return isSo ? undefined : 'and nothing has changed';
}

/** What the load asks for in one way only, and nothing takes back: an order sent again says it all anew. */
function wrongInTheEnd(delivery: DeliveryFact, about: readonly Operation[]): string | undefined {
  if (delivery.orderRef !== null) return undefined;
  const asked = about.filter(({ kind, outcome }) => kind === 'change' && outcome === 'ok');
  const isAs = (name: string, is: number | null) =>
    asked.every(({ wanted }) => (wanted?.fields?.[name] ?? `${is}`) === `${is}`);
  if (!isAs('priority', delivery.priority)) return 'a change of the priority was acknowledged, and is not stored';
  if (!isAs('dropoff.lat', delivery.dropoffLat)) return 'a change of the place was acknowledged, and is not stored';
  return undefined;
}
