import { type DeliveryEventType, isPublished } from '#shared/domain/events.ts';
import type { Arrival, Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

/**
 * I6: every published event reached its endpoint at least once; first arrivals per delivery in order; one id and one
 * body per event; every signature verifies; no redirect was followed.
 */
export function checkWebhooks(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I6', what, example });
  if (evidence.redirectsFollowed > 0) say('a redirect was followed', { times: evidence.redirectsFollowed });
  const unsigned = evidence.arrivals.find((arrival) => !arrival.signatureOk);
  if (unsigned) say('a signature that does not verify', unsigned);
  const byEvent = groupBy(evidence.arrivals, (arrival) => `${arrival.deliveryId} ${arrival.sequence}`);
  for (const shop of evidence.shops) {
    if (shop.isDisabled && !shop.isGone) say('an endpoint that takes what it is sent was given up', shop);
    const isKept = shop.isGone && !shop.isDisabled;
    if (isKept && evidence.arrivals.some((arrival) => arrival.shop === shop.slug))
      say('an endpoint that said 410 was not given up', shop);
  }
  const { unsent } = evidence;
  if (unsent.events > 0) {
    const what = 'the outbox was not empty in the end';
    // One that still got less: the machine was slow.
    found.push({ invariant: 'I6', what, example: unsent, ...(!unsent.isStuck && { timed: true }) });
  }
  for (const missing of unreached(evidence, byEvent, count))
    say('a published event never reached its endpoint', missing);
  for (const arrivals of byEvent.values()) {
    const ids = new Set(arrivals.map((arrival) => arrival.webhookId));
    const bodies = new Set(arrivals.map((arrival) => arrival.bodySha));
    if (ids.size > 1) say('one event under several ids', arrivals);
    if (bodies.size > 1) say('one event with several bodies', arrivals);
  }
  for (const late of outOfOrder(evidence.arrivals)) say('first arrivals out of order', late);
  return found;
}

/** What a shop may wait for its event while another shop's endpoint misbehaves, on a busy machine. */
const PROMPT_MS = 5_000;

/**
 * P5: one slow or dead endpoint never delays another shop. Judged by first events, which wait for no other of their
 * delivery, recorded while an endpoint misbehaved and neither Postgres nor the relay was broken around that time.
 */
export function checkFairness(
  { faults, deliveries, deliveryEvents, arrivals, shops }: Evidence,
  count: Count = UNCOUNTED,
): Violation[] {
  const shopOf = new Map(deliveries.map((delivery) => [delivery.id, delivery.shop]));
  const gone = new Set(shops.filter((shop) => shop.isGone).map((shop) => shop.slug));
  const bad = faults.filter((fault) => fault.group === 'receiver');
  const other = faults.filter((fault) => fault.group === 'postgres' || fault.group === 'relay');
  const first = new Map(
    arrivals
      .filter((each) => each.sequence === 1)
      .reverse()
      .map((each) => [each.deliveryId, each.atMs]),
  );
  return deliveryEvents.flatMap((event) => {
    const shop = shopOf.get(event.deliveryId) ?? '';
    const { recordedMs } = event;
    const misbehaving = bad.find(
      (fault) => fault.startMs < recordedMs && fault.endMs > recordedMs && fault.shop !== shop,
    );
    const isDisturbed = other.some(
      (fault) => fault.startMs < recordedMs + PROMPT_MS && fault.endMs > recordedMs - PROMPT_MS,
    );
    if (event.seq !== 1 || gone.has(shop) || misbehaving === undefined || isDisturbed) return [];
    count(1);
    const waitedMs = (first.get(event.deliveryId) ?? Number.POSITIVE_INFINITY) - recordedMs;
    if (waitedMs <= PROMPT_MS) return [];
    const what = `an event of ${shop} waited while ${misbehaving.name}`;
    return [{ invariant: 'P5', what, example: { event, waitedMs }, timed: true as const }];
  });
}

function unreached(evidence: Evidence, arrived: ReadonlyMap<string, readonly Arrival[]>, count: Count): unknown[] {
  const shops = new Map(evidence.shops.filter((shop) => !shop.isGone).map((shop) => [shop.slug, shop]));
  const listening = new Map(evidence.deliveries.map((each) => [each.id, shops.get(each.shop)]));
  const queued = new Set(evidence.outbox.map((each) => `${each.deliveryId} ${each.seq}`));
  return evidence.deliveryEvents.filter((event) => {
    if (event.recordedMs > evidence.settledMs) return false;
    const shop = listening.get(event.deliveryId);
    if (shop === undefined || shop.unasked.includes(event.type) || !isPublished(event.type as DeliveryEventType))
      return false;
    const key = `${event.deliveryId} ${event.seq}`;
    count(1);
    return !queued.has(key) || !arrived.get(key)?.some((arrival) => arrival.accepted);
  });
}

function outOfOrder(arrivals: readonly Arrival[]): unknown[] {
  const found: unknown[] = [];
  for (const [deliveryId, own] of groupBy(arrivals, (arrival) => arrival.deliveryId)) {
    let newest = 0;
    const seen = new Set<number>();
    for (const arrival of [...own].sort((a, b) => a.atMs - b.atMs)) {
      if (!seen.has(arrival.sequence) && arrival.sequence < newest) found.push({ deliveryId, arrival, after: newest });
      seen.add(arrival.sequence);
      newest = Math.max(newest, arrival.sequence);
    }
  }
  return found;
}
