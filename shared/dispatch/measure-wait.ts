import type { DeliveryRow } from '../db/schema.ts';
import type { CommandResult } from '../domain/command.ts';
import type { Meter } from '../runtime/meter.ts';

type Outcome = { outcome: string; delivery?: DeliveryRow };

/** How long a delivery waited for the driver it was given just now. Says nothing for any other outcome. */
export function measureWait(meter: Meter | undefined, ran: CommandResult<Outcome>): void {
  if (meter === undefined || ran.kind !== 'done') return;
  const { outcome, delivery } = ran.result;
  const given = outcome === 'assigned' || (outcome === 'created' && delivery?.driver_id !== null);
  if (!given || delivery?.assigned_at == null) return;
  const waitedMs = Date.parse(delivery.assigned_at) - Date.parse(delivery.waiting_since);
  meter.observe('dispatch_order_assigned_seconds', Math.max(0, waitedMs) / 1000);
}
