import { createHash } from 'node:crypto';
import { verifySignature } from '#shared/webhooks/verify.ts';

/** What a webhook that came back can do wrong. */
export const VIOLATIONS = {
  signature: 'not signed with our secret',
  malformed: 'not an event, or its id is not the one in the header',
  reordered: 'came after a later event of its delivery',
  renamed: 'an event we had already, under another id',
  changed: 'an id we had already, with other bytes',
  second_delivery: 'a second delivery of one order',
  missing: 'never came',
} as const;
export type Violation = keyof typeof VIOLATIONS;

export interface DispatchEvent {
  id: string;
  event: string;
  sequence: number;
  deliveryId: string;
  sellerOrderId: string | null;
  status: string;
  driver: { id: string } | null;
}

export type Taken =
  | { kind: 'new'; event: DispatchEvent }
  | { kind: 'copy'; event: DispatchEvent }
  | { kind: 'refused'; violation: Violation };

export interface Ledger {
  /** Checks one webhook on its raw bytes. A violation is counted here; all but forged and malformed ones are taken. */
  take(message: { headers: Readonly<Record<string, string | undefined>>; body: Uint8Array; nowMs: number }): Taken;
  violate(violation: Violation, detail: string): void;
  /** Whether this event of a delivery has come. */
  has(deliveryId: string, sequence: number): boolean;
  /** Webhooks that held to everything. */
  verified(): number;
  /** Right copies: the same id with the same bytes. */
  copies(): number;
  violations(): ReadonlyMap<Violation, number>;
  /** The first few, for people. */
  details(): readonly string[];
}

interface Line {
  /** Sequence → id of the event that came with it. */
  ids: Map<number, string>;
  last: number;
}

const DETAILS_MAX = 10;

/**
 * Keeps book of what the shop is told. Numbers may be left out, for not every event of a delivery leaves by webhook: that
 * each one came that was to come can only be said by who knows them all (`compareWithService`).
 */
export function openLedger(secret: string): Ledger {
  const bytes = new Map<string, string>();
  const lines = new Map<string, Line>();
  const deliveries = new Map<string, string>();
  const violations = new Map<Violation, number>();
  const details: string[] = [];
  const seen = { verified: 0, copies: 0 };

  function violate(violation: Violation, detail: string): void {
    violations.set(violation, (violations.get(violation) ?? 0) + 1);
    if (details.length < DETAILS_MAX) details.push(`${violation} (${VIOLATIONS[violation]}): ${detail}`);
  }

  function judge(event: DispatchEvent): Violation | null {
    const line = lines.get(event.deliveryId) ?? { ids: new Map(), last: 0 };
    lines.set(event.deliveryId, line);
    const before = line.ids.has(event.sequence);
    const { last } = line;
    if (!before) line.ids.set(event.sequence, event.id);
    line.last = Math.max(last, event.sequence);
    if (before) return 'renamed';
    if (event.sequence <= last) return 'reordered';
    const order = event.sellerOrderId;
    if (order === null) return null;
    const known = deliveries.get(order) ?? event.deliveryId;
    deliveries.set(order, known);
    return known === event.deliveryId ? null : 'second_delivery';
  }

  return {
    take({ headers, body, nowMs }) {
      const refuse = (violation: Violation, detail: string): Taken => {
        violate(violation, detail);
        return { kind: 'refused', violation };
      };
      const proof = verifySignature({ secrets: [secret], headers, body, nowMs });
      if (!proof.ok) return refuse('signature', proof.reason);
      const event = parseEvent(body);
      if (event === null || event.id !== proof.id) return refuse('malformed', proof.id);
      const sum = createHash('sha256').update(body).digest('hex');
      const earlier = bytes.get(event.id);
      if (earlier === undefined) {
        bytes.set(event.id, sum);
        const violation = judge(event);
        if (violation === null) seen.verified += 1;
        else violate(violation, `${event.event} ${event.sequence} of ${event.deliveryId}`);
        return { kind: 'new', event };
      }
      if (earlier === sum) seen.copies += 1;
      else violate('changed', `${event.event} ${event.sequence} of ${event.deliveryId}`);
      return { kind: 'copy', event };
    },
    violate,
    has: (deliveryId, sequence) => lines.get(deliveryId)?.ids.has(sequence) ?? false,
    verified: () => seen.verified,
    copies: () => seen.copies,
    violations: () => violations,
    details: () => details,
  };
}

function parseEvent(body: Uint8Array): DispatchEvent | null {
  try {
    const event = JSON.parse(Buffer.from(body).toString('utf8')) as DispatchEvent;
    const whole =
      typeof event.id === 'string' && typeof event.deliveryId === 'string' && typeof event.event === 'string';
    return whole && Number.isInteger(event.sequence) && event.sequence > 0 ? event : null;
  } catch {
    return null;
  }
}
