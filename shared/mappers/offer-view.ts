import type { OfferView, OpenOfferView } from '../contract/offers.ts';
import type { DeliveryRow, OfferRow } from '../db/schema.ts';
import type { OfferState } from '../domain/offer.ts';

interface OpenOffer {
  offer: OfferRow;
  deliveries: readonly DeliveryRow[];
}

const utc = (at: string) => new Date(at).toISOString();
const utcOrNull = (at: string | null) => (at === null ? null : utc(at));

export function offerView(row: OfferRow): OfferView {
  return {
    id: row.id,
    driverId: row.driver_id,
    state: row.state as OfferState,
    reason: row.reason,
    exclusive: row.exclusive,
    wave: row.wave,
    deliveryIds: row.delivery_ids,
    size: row.size,
    createdAt: utc(row.created_at),
    expiresAt: utc(row.expires_at),
  };
}

/** With what is said of its deliveries to somebody who does not have them. @param nowMs by the service's clock */
export function openOfferView({ offer, deliveries }: OpenOffer, nowMs: number): OpenOfferView {
  return {
    ...offerView(offer),
    expiresInS: Math.max(0, Math.round((Date.parse(offer.expires_at) - nowMs) / 1_000)),
    deliveries: deliveries.map(offeredDelivery),
  };
}

function offeredDelivery(row: DeliveryRow): OpenOfferView['deliveries'][number] {
  const address = ({ address }: Record<string, unknown>) => (typeof address === 'string' ? address : null);
  return {
    deliveryId: row.id,
    sellerOrderId: row.order_ref,
    pickup: { lat: row.pickup_lat, lon: row.pickup_lon, address: address(row.pickup) },
    dropoff: { lat: row.dropoff_lat, lon: row.dropoff_lon, address: address(row.dropoff) },
    size: row.size,
    plannedPickupAt: utcOrNull(row.planned_pickup_at),
    plannedDropoffAt: utcOrNull(row.planned_dropoff_at),
    dropoffAfter: utcOrNull(row.dropoff_after),
    dropoffBefore: utcOrNull(row.dropoff_before),
  };
}
