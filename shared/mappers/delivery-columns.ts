import { randomInt } from 'node:crypto';
import type { DeliveryChange, DropoffStop, NewDelivery, PickupStop } from '../contract/deliveries.ts';
import type { ShopRow } from '../db/schema.ts';
import type { DetailsChange } from '../db/statements/change-delivery.ts';
import type { OrderDetails } from '../dispatch/small-plan.ts';
import { isNowhere } from '../domain/fix.ts';

/*
 * What was said of a delivery, as columns. Whatever the search and the planner ask for has a column of its own; the rest
 * of each end is kept as it was said.
 */

/**
 * What a new order brings with it, with the defaults for all that it leaves out: where to collect, as the shop says, and
 * a code where the shop asks for one.
 */
export function orderDetails(shop: ShopRow, input: NewDelivery, messageDigest: string | null = null): OrderDetails {
  return {
    shop_id: shop.id,
    order_ref: input.sellerOrderId ?? null,
    channel_id: input.channelId ?? null,
    ...pickupColumns(input.pickup ?? pickupOf(shop)),
    ...dropoffColumns(input.dropoff),
    size: input.size ?? 1,
    requires: input.requires ?? [],
    priority: input.priority ?? 0,
    hard_windows: input.hardWindows ?? false,
    excluded_driver_ids: input.excludedDriverIds ?? [],
    notes: input.notes ?? null,
    pincode: input.pincode ?? (shop.proof_required.includes('pin') ? newPincode() : null),
    proof_required: input.proofRequired ?? null,
    message_digest: messageDigest,
  };
}

function newPincode(): string {
  return String(randomInt(10_000)).padStart(4, '0');
}

function pickupOf(shop: ShopRow): PickupStop {
  return { lat: shop.pickup_lat, lon: shop.pickup_lon, ...(shop.pickup_address ?? {}) };
}

/** The columns that a change names; what is absent or null in it stays as it was, `cash` apart. */
export function changedColumns(input: DeliveryChange): DetailsChange {
  return said({
    ...(input.pickup && pickupColumns(input.pickup)),
    ...(input.dropoff && changedDropoff(input.dropoff)),
    size: input.size,
    requires: input.requires,
    priority: input.priority,
    hard_windows: input.hardWindows,
    excluded_driver_ids: input.excludedDriverIds,
    notes: input.notes,
    pincode: input.pincode,
    proof_required: input.proofRequired,
  });
}

/** Exactly (0, 0) is no place. */
function placed(lat: number | null | undefined, lon: number | null | undefined) {
  if (lat == null || lon == null || isNowhere({ lat, lon })) return { lat: null, lon: null };
  return { lat, lon };
}

function pickupColumns({ lat, lon, readyAt, after, before, serviceS, ...rest }: PickupStop) {
  return {
    pickup_lat: placed(lat, lon).lat,
    pickup_lon: placed(lat, lon).lon,
    pickup_ready_at: readyAt ?? null,
    pickup_after: after ?? null,
    pickup_before: before ?? null,
    pickup_service_s: serviceS ?? null,
    pickup: said(rest),
  };
}

function dropoffColumns({ lat, lon, after, before, serviceS, ...rest }: DropoffStop) {
  return {
    dropoff_lat: placed(lat, lon).lat,
    dropoff_lon: placed(lat, lon).lon,
    dropoff_after: after ?? null,
    dropoff_before: before ?? null,
    dropoff_service_s: serviceS ?? null,
    dropoff: said(rest),
  };
}

/** Null for cash takes it away: paid before the driver comes, it must not be asked for once more. */
function changedDropoff(stop: DropoffStop) {
  const columns = dropoffColumns(stop);
  return stop.cash === null ? { ...columns, dropoff: { ...columns.dropoff, cash: null } } : columns;
}

function said(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}
