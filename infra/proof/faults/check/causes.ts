import { REPORTED_STATUSES } from '#shared/domain/delivery.ts';
import type { DeliveryEventFact } from '../facts.ts';
import { type Evidence, isMutation, type Kind, type Operation, type Violation } from '../history.ts';
import { ENGINE } from './arranged.ts';
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

/** I23: nothing happens to a delivery that nobody asked for, or that was refused. */
export function checkCauses({ deliveries, deliveryEvents, operations }: Evidence): Violation[] {
  const asked = operations.filter((each) => isMutation(each.kind) && each.outcome !== 'fail');
  const byTarget = groupBy(
    asked.filter(({ target }) => target !== null),
    ({ target }) => `${target}`,
  );
  const byOrder = groupBy(
    asked.filter(({ orderRef }) => orderRef !== null),
    ({ shop, orderRef }) => `${shop} ${orderRef}`,
  );
  const byKey = groupBy(
    asked.filter(({ key }) => key !== null),
    ({ key }) => `${key}`,
  );
  const byAnswer = groupBy(
    asked.flatMap((each) => each.deliveries.map(({ id }) => ({ ...each, id }))),
    ({ id }) => id,
  );
  // An order without a name whose answer was lost may be any.
  const creating = groupBy(
    asked.filter(({ kind, outcome }) => kind === 'create' && outcome === 'unknown'),
    ({ shop }) => shop,
  );
  const events = groupBy(deliveryEvents, (event) => event.deliveryId);
  return deliveries.flatMap((delivery) => {
    const about = [
      ...(byTarget.get(delivery.id) ?? []),
      ...(byOrder.get(`${delivery.shop} ${delivery.orderRef}`) ?? []),
      ...(byKey.get(`${delivery.notes}`) ?? []),
      ...(byAnswer.get(delivery.id) ?? []),
      ...(delivery.orderRef === null ? (creating.get(delivery.shop) ?? []) : []),
    ];
    const own = events.get(delivery.id) ?? [];
    const first = own.find((event) => !hasCause(event, own, about));
    if (first === undefined) return [];
    return [{ invariant: 'I23', what: `${first.type} without a cause`, example: { event: first, delivery, about } }];
  });
}

function hasCause(
  event: DeliveryEventFact,
  own: readonly DeliveryEventFact[],
  about: readonly Pick<Operation, 'kind' | 'startMs'>[],
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
  return about.some(({ kind, startMs }) => kinds.has(kind) && startMs <= event.recordedMs + CLOCK_MS);
}

/** Until when a person held it; for ever where nobody said. */
function wasHeldUntil({ seq }: DeliveryEventFact, own: readonly DeliveryEventFact[]): number {
  const held = own.findLast((event) => event.type === 'HELD' && event.seq < seq);
  return held?.data?.until ? Date.parse(held.data.until) - CLOCK_MS : Number.POSITIVE_INFINITY;
}
