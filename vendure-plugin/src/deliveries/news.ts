/** An event of the service, checked: what `POST <callback>` brings, or what the reconciliation reads. */
export interface ServiceEvent {
  kind: (typeof KINDS)[number];
  sequence: number;
  sellerOrderId: string;
  deliveryId: string;
  status: string;
  driver: { id: string; name: string; phone: string | null; vehicle: string | null } | null;
  occurredAt: Date;
  /** When the service plans to hand it over; null: it has no plan for it. */
  plannedDropoffAt: Date | null;
  trackingUrl: string | null;
  data: Record<string, unknown>;
}

const KINDS = [
  'CREATED',
  'ASSIGNED',
  'UNASSIGNED',
  'PICKED_UP',
  'IN_TRANSIT',
  'DELIVERED',
  'FAILED',
  'RETURNED',
  'CANCELLED',
  'EXHAUSTED',
  'REATTEMPTED',
  'PIN_LOCKED',
  // Sent to shops that ask for it.
  'ETA_CHANGED',
] as const;

export type Parsed = { ok: true; event: ServiceEvent } | { ok: true; event: null } | { ok: false; fault: string };

/** Reads a callback's body. `event: null`: nothing that a shop needs (a newer kind of event, or no order of the shop's). */
export function parseServiceEvent(raw: Uint8Array): Parsed {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    return { ok: false, fault: 'The body must be JSON' };
  }
  if (!isRecord(body)) return { ok: false, fault: 'The body must be an object' };
  const { event, version, sequence, sellerOrderId, deliveryId, status, occurredAt } = body;
  const [, kind] = /^DELIVERY_(.+)_V1$/.exec(String(event)) ?? [];
  if (typeof event !== 'string' || version === undefined) return { ok: false, fault: 'event and version are needed' };
  if (sellerOrderId === null || !isKind(kind)) return { ok: true, event: null };
  if (!Number.isInteger(sequence)) return { ok: false, fault: 'sequence must be a whole number' };
  if (!isText(sellerOrderId) || !isText(deliveryId) || !isText(status)) {
    return { ok: false, fault: 'sellerOrderId, deliveryId and status must be texts' };
  }
  return {
    ok: true,
    event: {
      kind,
      sequence: sequence as number,
      sellerOrderId,
      deliveryId,
      status,
      driver: driverOf(body.driver),
      occurredAt: timeOf(occurredAt) ?? new Date(),
      plannedDropoffAt: timeOf(body.plannedDropoffAt),
      trackingUrl: webUrl(body.trackingUrl),
      data: isRecord(body.data) ? body.data : {},
    },
  };
}

function driverOf(value: unknown): ServiceEvent['driver'] {
  if (!isRecord(value) || !isText(value.id) || !isText(value.name)) return null;
  const { phone, vehicle } = value;
  return {
    id: value.id,
    name: value.name,
    phone: isText(phone) ? phone : null,
    vehicle: isText(vehicle) ? vehicle : null,
  };
}

function timeOf(value: unknown): Date | null {
  const at = new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Only web addresses: it becomes a link in the shop and in the dashboard. */
function webUrl(value: unknown): string | null {
  return typeof value === 'string' && value.length <= 255 && /^https?:\/\//.test(value) ? value : null;
}

function isKind(value: unknown): value is ServiceEvent['kind'] {
  return (KINDS as readonly unknown[]).includes(value);
}
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
