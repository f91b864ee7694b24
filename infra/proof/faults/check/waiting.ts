import type { DeliveryEventFact, DeliveryFact } from '../facts.ts';
import type { Evidence, FaultWindow, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { CONVERGE_MS, excusing, judgedSeconds, wrongWithoutExcuse } from './excuse.ts';
import { groupBy } from './group-by.ts';

/** The lease of a planner that died, and a look of the relay. */
const PLANNED_MS = CONVERGE_MS + 2_000;

/** Seen twice a second; what is seen first may have begun just before. */
const BESIDE_MS = 5_500;

/**
 * I16: no order that waits is forgotten: whatever has a time is looked at then, and whatever is due does not wait beside
 * an idle driver; what is scheduled, held or paused hears of it when its time has come, or when its customer has been
 * shown no driver for as long as the shop allows.
 */
export function checkWaiting(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const excused = excusing(evidence.faults);
  count(judgedSeconds(evidence, PLANNED_MS));
  const seen = evidence.waits.flatMap((wait) => {
    // No fault writes a row without it.
    if (wait.what === 'unmarked')
      return [{ invariant: 'I16', what: 'a delivery that nobody will look at', example: wait }];
    const wrongMs = wrongWithoutExcuse(wait, excused);
    if (wrongMs <= (wait.what === 'beside_idle' ? BESIDE_MS : PLANNED_MS)) return [];
    const what = `a delivery was ${wait.what} for ${seconds(wrongMs)} outside of faults`;
    return [{ invariant: 'I16', what, example: wait, ...(wait.mended && { timed: true as const }) }];
  });
  return [...seen, ...heldTooLong(evidence, excused)];
}

const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;

/** From each HELD to the next word on the delivery: an event, or a decision of the engine. */
function heldTooLong(evidence: Evidence, excused: readonly FaultWindow[]): Violation[] {
  const { deliveries, deliveryEvents, collectedMs } = evidence;
  const maxHeldS = new Map(evidence.shops.map((shop) => [shop.slug, shop.maxHeldS]));
  const events = groupBy(deliveryEvents, (event) => event.deliveryId);
  const decided = groupBy(evidence.decisions, (decision) => decision.deliveryId);
  return deliveries.flatMap((delivery) => {
    const own = events.get(delivery.id) ?? [];
    // That other times are planned says nothing of why it is still held.
    const said = own.filter(({ type }) => type !== 'PLANNED');
    const decisions = (decided.get(delivery.id) ?? []).map(({ recordedMs }) => recordedMs);
    return own.flatMap((event) => {
      // By their numbers: an event bears the time at which its command began, which may have waited for this one's.
      const later = said.filter(({ seq }) => seq > event.seq).map(({ recordedMs }) => recordedMs);
      const words = [...later, ...decisions.filter((atMs) => atMs > event.recordedMs)];
      const untilMs = heldUntil(event, own, delivery, maxHeldS.get(delivery.shop) ?? 0);
      if (untilMs === null) return [];
      const nextMs = Math.min(collectedMs, ...words);
      const lateMs = nextMs <= untilMs ? 0 : wrongWithoutExcuse({ sinceMs: untilMs, untilMs: nextMs }, excused);
      if (lateMs <= PLANNED_MS) return [];
      const what = `${event.data?.state} (${event.data?.reason}) for ${seconds(lateMs)} longer than it may be, without a word`;
      const isOver = nextMs < collectedMs;
      return [{ invariant: 'I16', what, example: { event, delivery }, ...(isOver && { timed: true as const }) }];
    });
  });
}

/**
 * Until when a delivery may be as HELD says, in silence; null: as long as it takes. The engine may hold for longer than
 * it said, for the same reason, but no longer than the shop allows, counted from when it could be collected.
 */
function heldUntil(
  { type, seq, recordedMs, data }: DeliveryEventFact,
  own: readonly DeliveryEventFact[],
  { readyMs }: DeliveryFact,
  maxHeldS: number,
): number | null {
  if (type !== 'HELD' || !data?.until) return null;
  const untilMs = Date.parse(data.until);
  if (data.state !== 'held') return untilMs;
  // No room: until the driver has some. Another window since: it said when, and that was for the one before.
  const changed = own.some((event) => event.type === 'CHANGED' && event.seq > seq);
  if (data.reason === 'no_room_yet' || changed) return null;
  return Math.max(untilMs, Math.max(recordedMs, readyMs ?? 0) + maxHeldS * 1_000);
}
