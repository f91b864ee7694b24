import { allowedNext, type DeliveryStatus, mayBeRedelivered, REPORTED_STATUSES } from '#shared/domain/delivery.ts';
import type { DeliveryEventFact } from '../facts.ts';
import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

/** I2: each message, order and key gave exactly one delivery, however often and in whatever order it came. */
export function checkOnce({ operations, deliveries }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I2', what, example });
  const byOrder = groupBy(
    deliveries.filter((delivery) => delivery.orderRef !== null),
    (delivery) => `${delivery.shop} ${delivery.orderRef}`,
  );
  for (const [order, several] of byOrder)
    if (several.length > 1) say('two deliveries of one order', { order, several });
  const accepted = operations.filter((each) => each.outcome === 'ok' && each.orderRef !== null && each.ids.length > 0);
  count(accepted.length);
  for (const [order, answers] of groupBy(accepted, (each) => `${each.shop} ${each.orderRef}`)) {
    const told = new Set(answers.flatMap((answer) => answer.ids));
    const [stored] = byOrder.get(order) ?? [];
    if (told.size > 1) say('one order, several deliveries told', { order, told: [...told] });
    if (stored === undefined || !told.has(stored.id)) say('an accepted order without its delivery', { order, stored });
  }
  const byKey = groupBy(
    deliveries.filter((delivery) => delivery.notes !== null),
    (delivery) => `${delivery.notes}`,
  );
  for (const [key, several] of byKey) if (several.length > 1) say('two deliveries under one key', { key, several });
  return found;
}

/** I3: what a 2xx showed is in Postgres: the state, under the event or version it named. */
export function checkDurable(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const deliveryEvents = new Map(evidence.deliveryEvents.map((event) => [`${event.deliveryId} ${event.seq}`, event]));
  const driverEvents = new Map(evidence.driverEvents.map((event) => [`${event.driverId} ${event.version}`, event]));
  for (const operation of evidence.operations) {
    if (operation.outcome !== 'ok') continue;
    count(operation.deliveries.length + operation.drivers.length);
    for (const shown of operation.deliveries) {
      const event = deliveryEvents.get(`${shown.id} ${shown.version}`);
      if (event?.status === shown.status) continue;
      found.push({
        invariant: 'I3',
        what: 'an answer shows a delivery that is not stored so',
        example: { shown, event },
      });
    }
    for (const shown of operation.drivers) {
      const event = driverEvents.get(`${shown.id} ${shown.version}`);
      if (event?.status === shown.status && event.load === shown.load) continue;
      found.push({
        invariant: 'I3',
        what: 'an answer shows a driver that is not stored so',
        example: { shown, event },
      });
    }
    if (operation.kind === 'create' && operation.deliveries.length === 0) {
      found.push({ invariant: 'I3', what: 'a create was answered without its delivery', example: operation });
    }
  }
  return found;
}

/** I4: events 1..n without gaps, a legal path, nothing after a final state, and the last is the delivery's state. */
export function checkPaths({ deliveries, deliveryEvents }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I4', what, example });
  count(deliveryEvents.length);
  const byDelivery = groupBy(deliveryEvents, (event) => event.deliveryId);
  for (const delivery of deliveries) {
    const events = [...(byDelivery.get(delivery.id) ?? [])].sort((a, b) => a.seq - b.seq);
    if (events.some((event, place) => event.seq !== place + 1)) say('events with a gap', { delivery, events });
    const last = events.at(-1);
    if (last?.status !== delivery.status || last.seq !== delivery.version)
      say('state is not the last event', { delivery, last });
    const illegal = firstIllegal(events);
    if (illegal) say('an illegal step', { delivery, event: illegal });
  }
  return found;
}

function firstIllegal(events: readonly DeliveryEventFact[]): DeliveryEventFact | undefined {
  let status: DeliveryStatus | null = null;
  for (const event of events) {
    const isStep: boolean =
      status === null
        ? event.type === 'CREATED' && event.status === 'PENDING'
        : event.type === 'REATTEMPTED'
          ? mayBeRedelivered(status, event.status)
          : allowedNext(status).includes(event.status);
    const isMilestone =
      status !== null && event.status === status && !STEPS.has(event.type) && allowedNext(status).length > 0;
    const isRating = event.type === 'RATED' && status === 'DELIVERED' && event.status === status;
    if (!isStep && !isMilestone && !isRating) return event;
    status = event.status;
  }
  return undefined;
}

/** Event types that must change the status; the others happen within one. */
const STEPS: ReadonlySet<string> = new Set([
  'CREATED',
  'ASSIGNED',
  'UNASSIGNED',
  ...REPORTED_STATUSES,
  'CANCELLED',
  'REATTEMPTED',
]);
