import { isActive } from '#shared/domain/delivery.ts';
import type { DeliveryEventFact, DriverEventFact, Evidence, Operation, Violation } from '../history.ts';
import { groupBy } from './group-by.ts';

/** Silence that rules a driver out, and what the thinned write to Postgres (15 s) and rounding add to it. */
const SILENT_MS = 60_000 + 17_000;

/** I1: load within 0..capacity at every version, in the end as many as he carries; no delivery has two drivers. */
export function checkLoads({ drivers, driverEvents, deliveries, deliveryEvents }: Evidence): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I1', what, example });
  const events = groupBy(driverEvents, (event) => event.driverId);
  for (const driver of drivers) {
    const own = [...(events.get(driver.id) ?? [])].sort((a, b) => a.version - b.version);
    const wrong = own.find((event) => event.load < 0 || event.load > event.capacity);
    if (wrong) say('a load outside 0..capacity', wrong);
    const gap = own.findIndex((event, place) => event.version !== place + 1);
    if (gap >= 0 || own.length !== driver.version) say('versions of a driver with a gap', { driver, gap: own[gap] });
    const carried = deliveries.filter((each) => each.driverId === driver.id && isActive(each.status));
    if (carried.length !== driver.load) say('final load is not what he carries', { driver, carried });
  }
  for (const [deliveryId, own] of groupBy(deliveryEvents, (event) => event.deliveryId)) {
    const twice = secondHolder(own);
    if (twice) say('a delivery given to a second driver', { deliveryId, event: twice });
  }
  return found;
}

/** An ASSIGNED that was not preceded by the end of the assignment before. */
function secondHolder(events: readonly DeliveryEventFact[]): DeliveryEventFact | undefined {
  let isHeld = false;
  for (const event of [...events].sort((a, b) => a.seq - b.seq)) {
    if (event.type === 'ASSIGNED' && isHeld) return event;
    isHeld = isActive(event.status);
  }
  return undefined;
}

/** I8: at the version before, a chosen driver was of the same shop, AVAILABLE, with a free place, and had been heard from. */
export function checkChoices(evidence: Evidence): Violation[] {
  const found: Violation[] = [];
  const shopOf = new Map(evidence.drivers.map((driver) => [driver.id, driver.shop]));
  const deliveryShop = new Map(evidence.deliveries.map((delivery) => [delivery.id, delivery.shop]));
  const states = new Map(evidence.driverEvents.map((event) => [`${event.driverId} ${event.version}`, event]));
  const contacts = groupBy(
    evidence.operations.filter(isContact).flatMap((each) => drivenBy(each).map((id) => ({ ...each, id }))),
    (contact) => contact.id,
  );
  for (const event of evidence.deliveryEvents) {
    if (event.type !== 'ASSIGNED' || event.driverId === null || event.driverVersion === null) continue;
    const why = unfit(states.get(`${event.driverId} ${event.driverVersion - 1}`));
    const sameShop = shopOf.get(event.driverId) === deliveryShop.get(event.deliveryId);
    const heard = (contacts.get(event.driverId) ?? []).some(
      (contact) => contact.startMs <= event.recordedMs + 50 && contact.endMs >= event.recordedMs - SILENT_MS,
    );
    const what = why ?? (sameShop ? undefined : 'of another shop') ?? (heard ? undefined : 'not heard from');
    if (what !== undefined) found.push({ invariant: 'I8', what: `a chosen driver was ${what}`, example: event });
  }
  return found;
}

/** Whom a contact is about: one driver, or those of a batch. */
const drivenBy = ({ kind, ids, target }: Operation): readonly string[] => (kind === 'fixes' ? ids : [target ?? '']);

function unfit(before: DriverEventFact | undefined): string | undefined {
  if (before === undefined) return 'unknown at the version before';
  if (before.status !== 'AVAILABLE') return before.status;
  return before.load >= before.capacity ? 'full' : undefined;
}

/** What may have counted as being heard from: also where the answer was lost. */
function isContact(operation: Operation): boolean {
  return operation.outcome !== 'fail' && ['fix', 'fixes', 'heartbeat', 'duty'].includes(operation.kind);
}
