import type { DeliveryEventFact } from '../facts.ts';
import type { Evidence, FaultWindow, Operation, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

/** The lease of what the dead relay was sending, and what a shop may wait for its event on a busy machine. */
const SENT_WITHIN_MS = 6_000 + 5_000;
/** What was broken by another fault is over so long after it. */
const OVER_MS = 5_000;

/**
 * I22: what befalls one process alone takes nothing from the others: while one relay is dead, stopped or cut off the
 * other sends everybody's events, and while one server has lost a store the other one answers.
 */
export function checkApart(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const alone = evidence.faults.filter((fault) => fault.alone !== undefined);
  return [
    ...alone.filter((fault) => fault.group === 'relay').flatMap((fault) => unsent(fault, evidence, count)),
    ...alone.filter((fault) => fault.group !== 'relay').flatMap((fault) => unanswered(fault, evidence, count)),
  ];
}

/** First events only: those after them wait for the ones before. */
function unsent(fault: FaultWindow, evidence: Evidence, count: Count): Violation[] {
  const { deliveries, deliveryEvents, arrivals, shops, collectedMs } = evidence;
  const shopOf = new Map(deliveries.map((delivery) => [delivery.id, delivery.shop]));
  const gone = new Set(shops.filter((shop) => shop.isGone).map((shop) => shop.slug));
  const firsts = groupBy(
    arrivals.filter((each) => each.sequence === 1),
    (each) => each.deliveryId,
  );
  const arrivedMs = ({ deliveryId }: DeliveryEventFact) =>
    Math.min(collectedMs, ...(firsts.get(deliveryId) ?? []).map((each) => each.atMs));
  const isJudged = (event: DeliveryEventFact) => {
    const { recordedMs, deliveryId } = event;
    const shop = shopOf.get(deliveryId) ?? '';
    if (event.seq !== 1 || gone.has(shop) || recordedMs < fault.startMs || recordedMs > fault.endMs) return false;
    return !others(fault, evidence).some(
      (other) =>
        (other.group !== 'receiver' || other.shop === shop) &&
        other.startMs < recordedMs + SENT_WITHIN_MS &&
        other.endMs + OVER_MS > recordedMs,
    );
  };
  const judged = deliveryEvents.filter(isJudged);
  count(judged.length);
  const late = judged.find((event) => arrivedMs(event) - event.recordedMs > SENT_WITHIN_MS);
  if (late === undefined) return [];
  const what = `an event waited for ${seconds(arrivedMs(late) - late.recordedMs)} while ${fault.name}, and another relay lived`;
  return [{ invariant: 'I22', what, example: late, timed: true as const }];
}

function unanswered(fault: FaultWindow, evidence: Evidence, count: Count): Violation[] {
  const own = others(fault, evidence).filter((other) => other.group !== 'receiver');
  const isElsewhere = (each: Operation) =>
    own.some((other) => each.startMs < other.endMs + OVER_MS && each.endMs > other.startMs);
  const judged = evidence.operations.filter(
    (each) =>
      `worker ${each.worker}` !== fault.alone &&
      each.startMs > fault.startMs &&
      each.endMs < fault.endMs &&
      !isElsewhere(each),
  );
  count(judged.length);
  const refused = judged.find((each) => each.outcome === 'unknown');
  if (refused === undefined) return [];
  return [
    {
      invariant: 'I22',
      what: `a request elsewhere was refused while ${fault.name}`,
      example: refused,
      timed: true as const,
    },
  ];
}

const others = (fault: FaultWindow, { faults }: Evidence) => faults.filter((other) => other !== fault);
const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
