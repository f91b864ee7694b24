import type { DeliveryEventFact } from '../facts.ts';
import type { Evidence, FaultGroup, Operation, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

const SILENT_MS = 60_000;
/** What a slow link may add between the process that heard a driver and the store that notes it. */
const ON_ITS_WAY_MS = 2_500;
/** Until Postgres is told what was heard in the last moment. */
const NOTED_MS = 3_000;
/** An outage of the stores that lasts so long is noticed. */
const OUTAGE_MS = 20_000;

/** What one stopped server was told alone nobody can know of. */
const OURS: ReadonlySet<FaultGroup> = new Set(['postgres', 'redis', 'relay']);

interface Attempt {
  driverId: string;
  operation: Operation;
}

/**
 * I18: a driver's contact counts from its receipt: nobody silent for 60 s by that is given anything, whatever waited in
 * a stopped process or on a slow link, but by a person who said so; and nobody is set OFFLINE who was heard, or would have been but for a fault of ours.
 */
export function checkSilence(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const attempts = groupBy(attemptsOf(evidence), (each) => each.driverId);
  const of = (driverId: string) => (attempts.get(driverId) ?? []).map((each) => each.operation);
  const silent = evidence.deliveryEvents.flatMap((event) => {
    const { type, driverId, recordedMs } = event;
    if (type !== 'ASSIGNED' || driverId === null || setsSilenceAside(event)) return [];
    count(1);
    // An answer was on its way when the contact had been received; whoever waits for none has given up by then.
    const heardMs = Math.max(
      ...of(driverId)
        .filter((each) => each.startMs <= recordedMs)
        .map((each) => Math.min(each.endMs, recordedMs)),
    );
    const silentMs = recordedMs - heardMs;
    if (silentMs <= SILENT_MS + ON_ITS_WAY_MS) return [];
    const what = `a driver silent for ${Math.round(silentMs / 1_000)} s was given a delivery`;
    return [{ invariant: 'I18', what, example: event }];
  });
  const outages = evidence.faults.filter(
    ({ group, startMs, endMs }) => OURS.has(group) && endMs - startMs >= OUTAGE_MS,
  );
  const isOurs = (each: Operation) => outages.some((fault) => each.startMs < fault.endMs && each.endMs > fault.startMs);
  const offline = evidence.driverEvents.flatMap((event) => {
    if (event.type !== 'SILENT') return [];
    count(1);
    const agoMs = (each: Operation) => event.recordedMs - each.endMs;
    const heard = of(event.driverId).find(
      // Also a shop says who is on duty, and says yes for a driver; that its driver was heard it does not say.
      (each) =>
        each.kind !== 'duty' &&
        each.kind !== 'accept' &&
        (each.outcome === 'ok' || isOurs(each)) &&
        agoMs(each) > NOTED_MS &&
        agoMs(each) < SILENT_MS,
    );
    if (heard === undefined) return [];
    const why = heard.outcome === 'ok' ? 'was heard' : 'could not be heard';
    const what = `a driver who ${why} ${Math.round(agoMs(heard) / 1_000)} s before was set OFFLINE`;
    return [{ invariant: 'I18', what, example: { event, heard } }];
  });
  return [...silent, ...offline];
}

/** A person gave it all the same, and named what they set aside. */
export function setsSilenceAside({ data }: DeliveryEventFact): boolean {
  return data?.byHand === true && (data.override?.includes('silent') ?? false);
}

/** What drivers said, or was said of them, that may have been received. */
function attemptsOf({ operations }: Evidence): readonly Attempt[] {
  return operations
    .filter((each) => CONTACTS.has(each.kind) && each.outcome !== 'fail')
    .flatMap((operation) =>
      (NAMING.has(operation.kind) ? operation.ids : [operation.target ?? '']).map((driverId) => ({
        driverId,
        operation,
      })),
    );
}

const CONTACTS: ReadonlySet<Operation['kind']> = new Set(['fix', 'fixes', 'heartbeat', 'duty', 'accept']);
/** Contacts that name their drivers; the others are about one. */
const NAMING: ReadonlySet<Operation['kind']> = new Set(['fixes', 'accept']);
