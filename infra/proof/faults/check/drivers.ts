import { isActive } from '#shared/domain/delivery.ts';
import type { DeliveryEventFact, DriverEventFact } from '../facts.ts';
import type { Evidence, Operation, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';
import { openKnownDrivers } from './known-driver.ts';
import { setsSilenceAside } from './silence.ts';

/** Silence that rules a driver out, and what the thinned write to Postgres (15 s) and rounding add to it. */
const SILENT_MS = 60_000 + 17_000;

/** I1: load within 0..capacity at every version, in the end what they carry; no delivery has two drivers. */
export function checkLoads(
  { drivers, driverEvents, deliveries, deliveryEvents }: Evidence,
  count: Count = UNCOUNTED,
): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I1', what, example });
  count(driverEvents.length);
  const events = groupBy(driverEvents, (event) => event.driverId);
  for (const driver of drivers) {
    const own = [...(events.get(driver.id) ?? [])].sort((a, b) => a.version - b.version);
    const wrong = own.find((event) => event.load < 0 || event.load > event.capacity);
    if (wrong) say('a load outside 0..capacity', wrong);
    const gap = own.findIndex((event, place) => event.version !== place + 1);
    if (gap >= 0 || own.length !== driver.version) say('versions of a driver with a gap', { driver, gap: own[gap] });
    const carried = deliveries.filter((each) => each.driverId === driver.id && each.dropoffRank !== null);
    const size = carried.reduce((sum, each) => sum + each.size, 0);
    if (size !== driver.load) say('final load is not what they carry', { driver, carried });
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

/**
 * I8: at the version before, a chosen driver was of the same shop, on duty, with a free place or one that the same plan
 * made, had been heard from, unless a person set that aside, and, unless a person chose, had the tags that are required.
 */
export function checkChoices(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const shopOf = new Map(evidence.drivers.map((driver) => [driver.id, driver.shop]));
  const deliveries = new Map(evidence.deliveries.map((delivery) => [delivery.id, delivery]));
  const knownAt = openKnownDrivers(evidence);
  const states = statesOf(evidence.driverEvents);
  const contacts = groupBy(
    evidence.operations.filter(isContact).flatMap((each) => drivenBy(each).map((id) => ({ ...each, id }))),
    (contact) => contact.id,
  );
  for (const event of evidence.deliveryEvents) {
    if (event.type !== 'ASSIGNED' || event.driverId === null || event.driverVersion === null) continue;
    count(1);
    const stateAt = (version: number) => states.get(`${event.driverId} ${version}`);
    const aside = setsSilenceAside(event);
    const why = unfit(stateAt(event.driverVersion - 1), stateAt(event.driverVersion), aside);
    const delivery = deliveries.get(event.deliveryId);
    const sameShop = shopOf.get(event.driverId) === delivery?.shop;
    const tags = event.data?.byHand ? undefined : knownAt(event.driverId, event.driverVersion - 1)?.tags;
    const fits = tags === undefined || (delivery?.requires ?? []).every((tag) => tags.includes(tag));
    const heard =
      aside ||
      (contacts.get(event.driverId) ?? []).some(
        (contact) => contact.startMs <= event.recordedMs + 50 && contact.endMs >= event.recordedMs - SILENT_MS,
      );
    const what =
      why ??
      (sameShop ? undefined : 'of another shop') ??
      (heard ? undefined : 'not heard from') ??
      (fits ? undefined : 'without a tag that is required');
    if (what !== undefined) found.push({ invariant: 'I8', what: `a chosen driver was ${what}`, example: event });
  }
  return found;
}

/** Whom a contact is about: one driver, or those of a batch. */
const drivenBy = ({ kind, ids, target }: Operation): readonly string[] =>
  kind === 'fixes' || kind === 'accept' ? ids : [target ?? ''];

interface State {
  event: DriverEventFact;
  /** What they last said, or was said of them; `status` shows it only while they have room. */
  duty: string;
  /** Nobody said so: they were not heard from. */
  bySilence: boolean;
}

function statesOf(events: readonly DriverEventFact[]): ReadonlyMap<string, State> {
  const states = new Map<string, State>();
  for (const [driverId, own] of groupBy(events, (event) => event.driverId)) {
    let [duty, bySilence] = ['OFFLINE', false];
    for (const event of own.toSorted((a, b) => a.version - b.version)) {
      if (event.type.startsWith('DUTY_')) [duty, bySilence] = [event.type.slice('DUTY_'.length), false];
      else if (event.type === 'SILENT' || event.type === 'RETIRED')
        [duty, bySilence] = ['OFFLINE', event.type === 'SILENT'];
      states.set(`${driverId} ${event.version}`, { event, duty, bySilence });
    }
  }
  return states;
}

function unfit(before: State | undefined, chosen: State | undefined, aside: boolean): string | undefined {
  if (before === undefined) return 'unknown at the version before';
  if (before.duty !== 'AVAILABLE' && !(aside && before.bySilence)) return before.duty;
  // A plan may take something back with the same stroke.
  return before.event.load >= before.event.capacity && chosen?.event.type !== 'PLANNED' ? 'full' : undefined;
}

/** What may have counted as being heard from: also where the answer was lost. */
function isContact(operation: Operation): boolean {
  return operation.outcome !== 'fail' && ['fix', 'fixes', 'heartbeat', 'duty', 'accept'].includes(operation.kind);
}
