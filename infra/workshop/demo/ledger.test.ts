import { describe, expect, it } from 'vitest';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { type DispatchEvent, openLedger, type Violation } from './ledger.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const NOW_MS = 1_800_000_000_000;

function event(sequence: number, fields: Partial<DispatchEvent> = {}): DispatchEvent {
  const status = ['PENDING', 'ASSIGNED', 'PICKED_UP', 'IN_TRANSIT', 'DELIVERED'][sequence - 1] ?? 'DELIVERED';
  const id = `${fields.deliveryId ?? 'd1'}-${sequence}`;
  return {
    id,
    event: 'DELIVERY_X_V1',
    sequence,
    deliveryId: 'd1',
    sellerOrderId: 'ours-1',
    status,
    driver: null,
    ...fields,
  };
}

function openSubject() {
  const ledger = openLedger(SECRET);
  return {
    ledger,
    take(sent: DispatchEvent, { secret = SECRET, id = sent.id } = {}) {
      const body = Buffer.from(JSON.stringify(sent));
      const headers = signatureHeaders({ id, timestampS: NOW_MS / 1000, body, secrets: [secret] });
      return ledger.take({ headers, body, nowMs: NOW_MS });
    },
    found: (): Partial<Record<Violation, number>> => Object.fromEntries(ledger.violations()),
  };
}

describe('the ledger of webhooks', () => {
  it('verifies a delivery told in order', () => {
    const { ledger, take, found } = openSubject();
    for (const sequence of [1, 2, 3, 4, 5]) expect(take(event(sequence)).kind).toBe('new');
    expect(found()).toEqual({});
    expect(ledger.verified()).toBe(5);
  });

  it('allows for numbers of events that are not sent, and knows which came', () => {
    const { ledger, take, found } = openSubject();
    for (const sequence of [1, 2, 4, 5]) take(event(sequence));
    expect(found()).toEqual({});
    expect([2, 3, 4].map((sequence) => ledger.has('d1', sequence))).toEqual([true, false, true]);
  });

  it('counts a wrong signature, and does not take the event', () => {
    const { ledger, take, found } = openSubject();
    expect(take(event(1), { secret: OTHER })).toEqual({ kind: 'refused', violation: 'signature' });
    expect(found()).toEqual({ signature: 1 });
    expect(ledger.has('d1', 1)).toBe(false);
  });

  it('counts an id that is not the signed one', () => {
    const { take, found } = openSubject();
    take(event(1), { id: 'another' });
    expect(found()).toEqual({ malformed: 1 });
  });

  it('counts an event that comes after a later one', () => {
    const { take, found } = openSubject();
    for (const sequence of [1, 3, 2]) take(event(sequence));
    expect(found()).toEqual({ reordered: 1 });
  });

  it('takes a copy with the same id and bytes as right, with other bytes as wrong', () => {
    const { ledger, take, found } = openSubject();
    take(event(1));
    expect(take(event(1)).kind).toBe('copy');
    expect([ledger.copies(), found()]).toEqual([1, {}]);
    expect(take(event(1, { status: 'ASSIGNED' })).kind).toBe('copy');
    expect([ledger.copies(), found()]).toEqual([1, { changed: 1 }]);
  });

  it('counts an event that comes again under another id', () => {
    const { take, found } = openSubject();
    take(event(1));
    take(event(1, { id: 'again' }));
    expect(found()).toEqual({ renamed: 1 });
  });

  it('counts a second delivery of one order', () => {
    const { take, found } = openSubject();
    take(event(1));
    take(event(1, { deliveryId: 'd2' }));
    expect(found()).toEqual({ second_delivery: 1 });
  });
});
