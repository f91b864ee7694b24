import * as v from 'valibot';
import { DELIVERY_STATUSES } from '../domain/delivery.ts';
import { PUBLISHED_EVENTS } from '../domain/events.ts';

const id = v.pipe(v.string(), v.uuid());
const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What is sent to a shop's endpoint. `id` and the bytes stay the same over retries. */
export const webhookEvent = v.object({
  id,
  event: v.picklist(Object.values(PUBLISHED_EVENTS)),
  version: v.literal(1),
  sequence: v.pipe(v.number(), v.integer(), v.minValue(1)),
  timestamp: time,
  shop: v.string(),
  channelId: v.nullable(v.string()),
  sellerOrderId: v.nullable(v.string()),
  deliveryId: id,
  status: v.picklist(DELIVERY_STATUSES),
  attempt: count,
  driver: v.nullable(
    v.object({ id, name: v.nullable(v.string()), phone: v.nullable(v.string()), vehicle: v.nullable(v.string()) }),
  ),
  /** When it is expected to be collected and handed over, as far as it is planned. */
  plannedPickupAt: v.nullable(time),
  plannedDropoffAt: v.nullable(time),
  occurredAt: time,
  data: v.nullable(v.record(v.string(), v.unknown())),
  /** The customer's link, where the installation has a PUBLIC_URL. */
  trackingUrl: v.exactOptional(v.string()),
});
