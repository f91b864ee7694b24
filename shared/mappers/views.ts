import type { DeviceView, DriverExport } from '../contract/answers.ts';
import type { DeliveryEventView, DeliveryView } from '../contract/deliveries.ts';
import type { DriverView } from '../contract/drivers.ts';
import type { ListedKeyView, WebhookFailureView } from '../contract/shop-answers.ts';
import type { ShopView } from '../contract/shops.ts';
import type { DeliveryEventRow, DeliveryRow, DriverEventRow, DriverRow } from '../db/schema.ts';
import type { KeyRow } from '../db/statements/api-keys.ts';
import type { DeviceRow } from '../db/statements/devices.ts';
import type { ToldShop } from '../db/statements/shops.ts';
import type { FailedEvent } from '../db/statements/webhook-failures.ts';
import { dispatchSettingsOf, shownDispatchSettings } from '../dispatch/settings-of-shop.ts';
import { type DeliveryStatus, type DispatchState, type FailureCode, PINCODE_TRIES } from '../domain/delivery.ts';
import type { DriverStatus } from '../domain/driver.ts';
import type { FailureProofPart, ProofPart, ShopProofPart } from '../domain/proof.ts';

/*
 * Rows as the wire shows them. A view depends on its row alone, so that the result kept under an idempotency key
 * (a row) is answered with the same bytes again. Such a row may be older than its newest columns, and lack them.
 */

const utc = (at: string) => new Date(at).toISOString();
const utcOrNull = (at: string | null | undefined) => (at == null ? null : utc(at));

export function driverView(row: DriverRow): DriverView {
  return {
    id: row.id,
    name: row.name,
    phone: row.phone,
    vehicle: row.vehicle,
    externalRef: row.external_ref,
    status: row.status as DriverStatus,
    load: row.load,
    capacity: row.capacity,
    tags: row.tags,
    shiftEndsAt: utcOrNull(row.shift_ends_at),
    breakUntil: row.duty === 'BUSY' ? utcOrNull(row.break_until) : null,
    lastOne: row.duty === 'OFFLINE' ? row.load > 0 : (row.last_one ?? false),
    version: row.version,
    active: row.active,
    createdAt: utc(row.created_at),
  };
}

export function driverEventView(row: DriverEventRow): DriverExport['history'][number] {
  return {
    version: row.version,
    type: row.type,
    status: row.status,
    load: row.load,
    capacity: row.capacity,
    deliveryId: row.delivery_id,
    actor: row.actor,
    recordedAt: utc(row.recorded_at),
  };
}

/** @param seenBy the pincode is for the shop's eyes, the driver has to ask for it at the door; so is who is left out */
export function deliveryView(row: DeliveryRow, seenBy: 'shop' | 'driver' = 'shop'): DeliveryView {
  return {
    id: row.id,
    sellerOrderId: row.order_ref,
    channelId: row.channel_id,
    status: row.status as DeliveryStatus,
    dispatch: row.dispatch as DispatchState,
    version: row.version,
    attempt: row.attempt,
    driverId: row.driver_id,
    pickup: {
      lat: row.pickup_lat,
      lon: row.pickup_lon,
      ...row.pickup,
      ...times({ readyAt: row.pickup_ready_at, after: row.pickup_after, before: row.pickup_before }),
      ...(row.pickup_service_s != null && { serviceS: row.pickup_service_s }),
    },
    dropoff: {
      lat: row.dropoff_lat,
      lon: row.dropoff_lon,
      ...row.dropoff,
      ...times({ after: row.dropoff_after, before: row.dropoff_before }),
      ...(row.dropoff_service_s != null && { serviceS: row.dropoff_service_s }),
    },
    size: row.size,
    requires: row.requires,
    priority: row.priority,
    hardWindows: row.hard_windows,
    plannedPickupAt: utcOrNull(row.planned_pickup_at),
    plannedDropoffAt: utcOrNull(row.planned_dropoff_at),
    heldUntil: utcOrNull(row.held_until),
    heldReason: row.held_reason,
    pinned: row.pinned,
    notes: row.notes,
    ...(seenBy === 'shop' && { excludedDriverIds: row.excluded_driver_ids, pincode: row.pincode }),
    pincodeRequired: row.pincode !== null,
    pincodeTriesLeft: row.pincode === null ? null : triesLeft(row),
    proofRequired: (row.proof_required ?? null) as ProofPart[] | null,
    proof: row.proof,
    ...(seenBy === 'shop' && { rating: ratingOf(row) }),
    failureCode: row.failure_code as FailureCode | null,
    failureNote: row.failure_note,
    unreachableSince: utcOrNull(row.unreachable_since),
    createdAt: utc(row.created_at),
    assignedAt: utcOrNull(row.assigned_at),
    pickedUpAt: utcOrNull(row.picked_up_at),
    endedAt: utcOrNull(row.ended_at),
    updatedAt: utc(row.updated_at),
  };
}

/** Those there are. */
function times(named: Readonly<Record<string, string | null | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(named).flatMap(([name, time]) => (time == null ? [] : [[name, utc(time)]])));
}

function ratingOf({ rating: stars, rating_note: note, rated_at: at }: DeliveryRow) {
  return stars == null || at == null ? null : { stars, note, at: utc(at) };
}

/** Wrong codes that are still taken at the door. */
export function triesLeft({ pincode_misses: misses }: Pick<DeliveryRow, 'pincode_misses'>): number {
  return Math.max(0, PINCODE_TRIES - (misses ?? 0));
}

export function deliveryEventView(row: DeliveryEventRow): DeliveryEventView {
  return {
    sequence: row.seq,
    type: row.type,
    status: row.status as DeliveryStatus,
    occurredAt: utc(row.occurred_at),
    recordedAt: utc(row.recorded_at),
    actor: row.actor,
    driverId: row.driver_id,
    driverVersion: row.driver_version,
    position: row.lat === null || row.lon === null ? null : { lat: row.lat, lon: row.lon },
    data: row.data,
  };
}

/** What a shop has said of its customers' page. */
export function customerPageOf({ customer_page: said }: Pick<ToldShop, 'customer_page'>): ShopView['customerPage'] {
  const page = (said ?? {}) as Partial<ShopView['customerPage']>;
  return {
    color: page.color ?? null,
    logoUrl: page.logoUrl ?? null,
    phone: page.phone ?? null,
    callDriver: page.callDriver ?? false,
  };
}

export function shopView(row: ToldShop): ShopView {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    maxRadiusM: row.max_radius_m,
    policy: row.policy,
    dispatch: shownDispatchSettings(dispatchSettingsOf(row)),
    // Absent in a row that was kept as an answer before shops could ask.
    proof: {
      delivered: (row.proof_required ?? []) as ShopProofPart[],
      failed: (row.failure_proof_required ?? []) as FailureProofPart[],
    },
    customerPage: customerPageOf(row),
    pickup:
      row.pickup_lat === null || row.pickup_lon === null
        ? null
        : {
            lat: row.pickup_lat,
            lon: row.pickup_lon,
            address: (row.pickup_address?.address as string | undefined) ?? null,
          },
    webhook:
      row.webhook_url === null
        ? null
        : {
            url: row.webhook_url,
            inTransit: row.webhook_in_transit,
            etaChanged: row.webhook_eta_changed,
            // Absent in a row that was kept as an answer before there were offers.
            offers: row.webhook_offers ?? false,
            ratings: row.webhook_ratings ?? false,
            disabledAt: utcOrNull(row.webhook_disabled_at),
          },
    createdAt: utc(row.created_at),
  };
}

export function deviceView(row: DeviceRow): DeviceView {
  return {
    id: row.id,
    name: row.name,
    createdAt: utc(row.created_at),
    expiresAt: utc(row.expires_at),
    withdrawnAt: utcOrNull(row.withdrawn_at),
  };
}

/** What is shown of a key, without its secret. */
export function keyFields(row: Pick<KeyRow, 'id' | 'name' | 'scopes' | 'created_at' | 'expires_at'>) {
  return {
    keyId: row.id,
    name: row.name,
    scopes: [...row.scopes],
    createdAt: utc(row.created_at),
    expiresAt: utcOrNull(row.expires_at),
  };
}

export function listedKeyView(row: KeyRow): ListedKeyView {
  return { ...keyFields(row), lastUsedAt: utcOrNull(row.last_used_at), revokedAt: utcOrNull(row.revoked_at) };
}

export function webhookFailureView(row: FailedEvent): WebhookFailureView {
  return {
    id: row.id,
    event: row.event,
    deliveryId: row.delivery_id,
    sequence: row.seq,
    state: row.parked_at === null ? 'retrying' : 'parked',
    attempts: row.attempts,
    lastError: row.last_error,
    createdAt: utc(row.created_at),
    nextAttemptAt: utcOrNull(row.next_attempt_at),
  };
}
