import { REPORTED_STATUSES } from '#shared/domain/delivery.ts';
import type { DeliveryEventFact, DeliveryFact } from '../facts.ts';
import { type Evidence, isMutation, type Kind, type Operation, type Violation } from '../history.ts';
import { ENGINE } from './arranged.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

/** What the engine and the relay do by themselves. */
const OF_ITSELF: Readonly<Record<string, ReadonlySet<string>>> = {
  [ENGINE]: new Set([
    'ASSIGNED',
    'UNASSIGNED',
    'HELD',
    'SEARCHING',
    'PLANNED',
    'ETA_CHANGED',
    'OFFERED',
    'OFFER_EXPIRED',
    'EXHAUSTED',
  ]),
  relay: new Set(['EXHAUSTED', 'RELEASED', 'UNASSIGNED', 'DRIVER_UNREACHABLE', 'DRIVER_REACHABLE']),
};

/** What comes of what somebody asks for. */
const BY_REQUEST: Readonly<Record<string, ReadonlySet<Kind>>> = {
  CREATED: new Set(['create', 'order', 'cancel_order']),
  ASSIGNED: new Set(['create', 'order', 'assign', 'assign_named']),
  UNASSIGNED: new Set(['unassign', 'assign_named', 'change', 'order']),
  HELD: new Set(['create', 'order', 'hold']),
  RELEASED: new Set(['release']),
  UPDATED: new Set(['assign_named']),
  REATTEMPTED: new Set(['redeliver', 'order']),
  CHANGED: new Set(['change', 'order', 'create']),
  PIN_MISSED: new Set(['move']),
  PIN_LOCKED: new Set(['move']),
  RATED: new Set(['rate']),
  CANCELLED: new Set(['cancel', 'cancel_order']),
  ...Object.fromEntries(REPORTED_STATUSES.map((status) => [status, new Set<Kind>(['move'])])),
};
/** Clocks of one machine, read one after the other. */
const CLOCK_MS = 100;

/**
 * I23: nothing happens to a delivery that nobody asked for, or that was refused; and what was asked for once, under one
 * key, happens once.
 */
export function checkCauses(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const askedAbout = openAsked(evidence.operations);
  const events = groupBy(evidence.deliveryEvents, (event) => event.deliveryId);
  return evidence.deliveries.flatMap((delivery) => {
    const about = askedAbout(delivery);
    const own = events.get(delivery.id) ?? [];
    count(own.length);
    const first = own.find((event) => !hasCause(event, own, about));
    if (first === undefined) return [];
    return [{ invariant: 'I23', what: `${first.type} without a cause`, example: { event: first, delivery, about } }];
  });
}

/** @returns what may have been asked of a delivery, whatever names it */
function openAsked(operations: readonly Operation[]): (delivery: DeliveryFact) => readonly Operation[] {
  const asked = operations.filter((each) => isMutation(each.kind) && each.outcome !== 'fail');
  const naming = (nameOf: (operation: Operation) => string | null) =>
    groupBy(
      asked.filter((each) => nameOf(each) !== null),
      (each) => `${nameOf(each)}`,
    );
  const byTarget = naming(({ target }) => target);
  const byOrder = naming(({ shop, orderRef }) => orderRef && `${shop} ${orderRef}`);
  const byKey = naming(({ key }) => key);
  const byAnswer = groupBy(
    asked.flatMap((operation) => operation.deliveries.map(({ id }) => ({ operation, id }))),
    ({ id }) => id,
  );
  // An order without a name whose answer was lost may be any.
  const creating = groupBy(
    asked.filter(({ kind, outcome }) => kind === 'create' && outcome === 'unknown'),
    ({ shop }) => shop,
  );
  return ({ id, shop, orderRef, notes }) => [
    ...new Set([
      ...(byTarget.get(id) ?? []),
      ...(byOrder.get(`${shop} ${orderRef}`) ?? []),
      ...(byKey.get(`${notes}`) ?? []),
      ...(byAnswer.get(id) ?? []).map(({ operation }) => operation),
      ...(orderRef === null ? (creating.get(shop) ?? []) : []),
    ]),
  ];
}

function hasCause(
  event: DeliveryEventFact,
  own: readonly DeliveryEventFact[],
  about: readonly Pick<Operation, 'key' | 'kind' | 'startMs' | 'wanted'>[],
): boolean {
  const ofItself = OF_ITSELF[event.actor];
  if (ofItself !== undefined) {
    return ofItself.has(event.type) && (event.type !== 'RELEASED' || wasHeldUntil(event, own) <= event.recordedMs);
  }
  // Of an offer, by whoever was asked: see offers.ts.
  if (event.data?.offerId !== undefined || event.type === 'OFFER_DECLINED') return true;
  const kinds = BY_REQUEST[event.type];
  // The order of stops is asked for of a driver, and what it does to planned times is nothing to have a cause of its own.
  if (kinds === undefined) return event.type === 'PLANNED';
  const asking = about.filter(
    (each) => kinds.has(each.kind) && each.startMs <= event.recordedMs + CLOCK_MS && asksFor(each, event),
  );
  // What is asked for again under its key is the same request; without a key it is another.
  const requests = new Set(asking.map((each) => each.key ?? each)).size;
  if (event.type === 'ASSIGNED' && !event.data?.byHand) return requests > 0;
  // By their times: a command that began sooner may have waited for one that began later.
  const before = own.filter((each) => each.recordedMs <= event.recordedMs && isLike(each, event));
  return requests >= before.length;
}

/** A step to another status, or a driver of another name, is not what this asked for. */
function asksFor({ kind, wanted }: Pick<Operation, 'kind' | 'wanted'>, { type, driverId }: DeliveryEventFact): boolean {
  if (kind === 'move' && STEPS.has(type)) return (wanted?.status ?? type) === type;
  return kind !== 'assign_named' || type !== 'ASSIGNED' || (wanted?.driverId ?? driverId) === driverId;
}

const STEPS: ReadonlySet<string> = new Set(REPORTED_STATUSES);

/** Of one cause there is one of these. */
function isLike(each: DeliveryEventFact, event: DeliveryEventFact): boolean {
  if (each.type !== event.type || OF_ITSELF[each.actor] !== undefined || each.data?.offerId !== undefined) return false;
  return event.type !== 'ASSIGNED' || (each.data?.byHand === true && each.driverId === event.driverId);
}

/** Until when a person held it; for ever where nobody said. */
function wasHeldUntil({ seq }: DeliveryEventFact, own: readonly DeliveryEventFact[]): number {
  const held = own.findLast((event) => event.type === 'HELD' && event.seq < seq);
  return held?.data?.until ? Date.parse(held.data.until) - CLOCK_MS : Number.POSITIVE_INFINITY;
}
