// Made by `npm run openapi` from infra/product/openapi/openapi.json. Do not edit.
/* biome-ignore-all format: made by a program */

export type Driver = { id: string; name: string; phone: string | null; vehicle: string | null; externalRef: string | null; status: "AVAILABLE" | "BUSY" | "OFFLINE"; load: number; capacity: number; tags: readonly (string)[]; shiftEndsAt: string | null; version: number; active: boolean; createdAt: string };
export type DriverStatus = { driverId: string; status: "AVAILABLE" | "BUSY" | "OFFLINE"; load: number; capacity: number; version: number; position: { lat: number; lon: number } | null; positionAt: string | null; lastSeenAt: string | null };
export type DriverExport = { driver: Driver; position: { lat: number; lon: number } | null; lastSeenAt: string | null; history: readonly ({ version: number; type: string; status: string; load: number; capacity: number; deliveryId: string | null; actor: string; recordedAt: string })[]; deliveries: readonly ({ deliveryId: string; sellerOrderId: string | null; status: string; events: readonly (DeliveryEvent)[] })[] };
export type Delivery = { id: string; sellerOrderId: string | null; channelId: string | null; status: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED"; dispatch: "needs_location" | "scheduled" | "searching" | "held" | "offered" | "paused" | "exhausted" | "settled"; version: number; attempt: number; driverId: string | null; pickup: { lat: number | null; lon: number | null; address?: string; name?: string; phone?: string; notes?: string; after?: string; before?: string; serviceS?: number; stockLocationId?: string; readyAt?: string }; dropoff: { lat: number | null; lon: number | null; address?: string; name?: string; phone?: string; notes?: string; after?: string; before?: string; serviceS?: number }; size: number; requires: readonly (string)[]; priority: number; hardWindows: boolean; plannedPickupAt: string | null; plannedDropoffAt: string | null; heldUntil: string | null; heldReason: string | null; pinned: boolean; notes: string | null; excludedDriverIds?: readonly (string)[]; pincode?: string | null; pincodeRequired: boolean; pincodeTriesLeft: number | null; proof: Record<string, unknown> | null; failureCode: "DRIVER_REJECTED" | "DRIVER_OFFLINE" | "PICKUP_FAILED" | "DELIVERY_FAILED" | "TIMEOUT" | "MANUAL_CANCEL" | "RECIPIENT_UNAVAILABLE" | "REFUSED" | "BAD_ADDRESS" | "DAMAGED" | "UNSAFE" | null; failureNote: string | null; unreachableSince: string | null; createdAt: string; assignedAt: string | null; pickedUpAt: string | null; endedAt: string | null; updatedAt: string };
export type DeliveryWithEvents = { id: string; sellerOrderId: string | null; channelId: string | null; status: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED"; dispatch: "needs_location" | "scheduled" | "searching" | "held" | "offered" | "paused" | "exhausted" | "settled"; version: number; attempt: number; driverId: string | null; pickup: { lat: number | null; lon: number | null; address?: string; name?: string; phone?: string; notes?: string; after?: string; before?: string; serviceS?: number; stockLocationId?: string; readyAt?: string }; dropoff: { lat: number | null; lon: number | null; address?: string; name?: string; phone?: string; notes?: string; after?: string; before?: string; serviceS?: number }; size: number; requires: readonly (string)[]; priority: number; hardWindows: boolean; plannedPickupAt: string | null; plannedDropoffAt: string | null; heldUntil: string | null; heldReason: string | null; pinned: boolean; notes: string | null; excludedDriverIds?: readonly (string)[]; pincode?: string | null; pincodeRequired: boolean; pincodeTriesLeft: number | null; proof: Record<string, unknown> | null; failureCode: "DRIVER_REJECTED" | "DRIVER_OFFLINE" | "PICKUP_FAILED" | "DELIVERY_FAILED" | "TIMEOUT" | "MANUAL_CANCEL" | "RECIPIENT_UNAVAILABLE" | "REFUSED" | "BAD_ADDRESS" | "DAMAGED" | "UNSAFE" | null; failureNote: string | null; unreachableSince: string | null; createdAt: string; assignedAt: string | null; pickedUpAt: string | null; endedAt: string | null; updatedAt: string; stopsBefore: number | null; trackingUrl?: string | null; events: readonly (DeliveryEvent)[] };
export type DeliveryEvent = { sequence: number; type: string; status: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED"; occurredAt: string; recordedAt: string; actor: string; driverId: string | null; driverVersion: number | null; position: { lat: number; lon: number } | null; data: Record<string, unknown> | null };
export type Route = { driverId: string; version: number; stops: readonly ({ deliveryId: string; deliveryVersion: number; sellerOrderId: string | null; kind: "pickup" | "dropoff" | "return"; lat: number | null; lon: number | null; address: string | null; name?: string; phone?: string; notes?: string; plannedAt: string | null; after: string | null; before: string | null; size: number; pinned: boolean })[] };
export type Plan = { routes: readonly ({ driverId: string; stops: readonly ({ deliveryId: string; kind: "pickup" | "dropoff" | "return"; at: string })[]; tell: boolean; reason: "must_leave" | "nothing_to_gain" | "held_long_enough" | "taken_over" | "at_once" | "rearranged" | null })[]; held: readonly ({ deliveryId: string; driverId: string | null; until: string; reason: "not_ready" | "driver_about_to_be_free" | "may_join_a_trip" | "no_room_yet" | "scheduled" })[]; unplanned: readonly ({ deliveryId: string; reason: string; help: readonly (string)[] })[]; decisions: readonly ({ deliveryId: string; driverId: string | null; costS: number | null; parts: { waitingS: number; lateS: number; drivingS: number; otherS: number } | null; alternatives: readonly ({ driverId: string; extraS: number })[]; ruledOut: Record<string, unknown> })[]; costS: number; rounds: number; travel: "estimate" | "learned" | "routed" };
export type Tracking = { shop: string; reference: string | null; status: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED"; steps: { orderedAt: string; assignedAt: string | null; pickedUpAt: string | null; endedAt: string | null }; driver: { firstName: string; vehicle: string | null; position: { lat: number; lon: number } | null; seenAt: string | null } | null; dropoff: { lat: number; lon: number } | null; eta: { at: string; source: "routing" | "estimate" } | null; expected: { from: string | null; to: string | null } | null; stopsBefore: number | null; proof: { receivedBy: string | null; hasPhoto: boolean } | null };
export type Changes = { cursor: string; full: boolean; deliveries: readonly (Delivery)[]; drivers: readonly (Driver)[]; events: readonly ({ deliveryId: string; type: string })[]; more?: string | null };
export type Moves = { positions: readonly (readonly [string, number, number, number])[]; silent: readonly (string)[] };
export type Numbers = { waiting: number; onTheWay: number; created: number; delivered: number; cancelled: number; failed: readonly ({ code: string; count: number })[]; medianAssignS: number | null; medianDeliverS: number | null; hours: readonly ({ hour: string; created: number; delivered: number })[] };
export type Shop = { id: string; slug: string; name: string; maxRadiusM: number; policy: string; dispatch: { policy: "planned" | "nearest"; mode: "assign" | "offer" | "broadcast"; offerS: number; offerWaves: number; offerTo: number; maxRadiusM: number; bundle: "none" | "same_pickup" | "any"; tellAheadS: number; maxHeldS: number; maxAboardS: number | null; promiseS: number; planAheadS: number; pickupServiceS: number; dropoffServiceS: number; takeBack: boolean; economy: number; fairness: number; etaChangeS: number }; pickup: { lat: number; lon: number; address: string | null } | null; webhook: { url: string; inTransit: boolean; etaChanged: boolean; offers: boolean; disabledAt: string | null } | null; createdAt: string };
export type ShopKey = { keyId: string; name: string; scopes: readonly ("admin" | "dispatch" | "read")[]; createdAt: string; expiresAt: string | null; key: string };
export type Health = { status: "ok" | "degraded" | "down"; checks: { postgres: { status: "up" | "down" | "off"; latencyMs: number | null; why?: "unmigrated" }; redis: { status: "up" | "down" | "off"; latencyMs: number | null; why?: "unmigrated" } } };
export type WebhookFailure = { id: string; event: string; deliveryId: string; sequence: number; state: "parked" | "retrying"; attempts: number; lastError: string | null; createdAt: string; nextAttemptAt: string | null };
export type WebhookEvent = { id: string; event: "DELIVERY_CREATED_V1" | "DELIVERY_ASSIGNED_V1" | "DELIVERY_UNASSIGNED_V1" | "DELIVERY_PICKED_UP_V1" | "DELIVERY_IN_TRANSIT_V1" | "DELIVERY_DELIVERED_V1" | "DELIVERY_FAILED_V1" | "DELIVERY_RETURNED_V1" | "DELIVERY_CANCELLED_V1" | "DELIVERY_EXHAUSTED_V1" | "DELIVERY_ETA_CHANGED_V1" | "DELIVERY_OFFERED_V1" | "DELIVERY_OFFER_DECLINED_V1" | "DELIVERY_OFFER_EXPIRED_V1" | "DELIVERY_CHANGED_V1" | "DELIVERY_REATTEMPTED_V1" | "DELIVERY_PIN_LOCKED_V1"; version: 1; sequence: number; timestamp: string; shop: string; channelId: string | null; sellerOrderId: string | null; deliveryId: string; status: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED"; attempt: number; driver: { id: string; name: string | null; phone: string | null; vehicle: string | null } | null; plannedPickupAt: string | null; plannedDropoffAt: string | null; occurredAt: string; data: Record<string, unknown> | null; trackingUrl?: string };
export type ShopMessage = { sellerOrderId: string | number; channelId?: string | number | null; pickup?: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null; stockLocationId?: string | null; readyAt?: string | null }; dropoff: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null }; size?: number | null; requires?: readonly (string)[] | null; priority?: number | null; hardWindows?: boolean | null; excludedDriverIds?: readonly (string)[] | null; notes?: string | null; pincode?: string | null; type: "delivery.requested" } | ({ type: "delivery.updated" }) & (({ sellerOrderId: string | number }) & ({ pickup?: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null; stockLocationId?: string | null; readyAt?: string | null }; dropoff?: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null }; size?: number | null; requires?: readonly (string)[] | null; priority?: number | null; hardWindows?: boolean | null; excludedDriverIds?: readonly (string)[] | null; notes?: string; pincode?: string })) | { sellerOrderId: string | number; note?: string | null; type: "delivery.cancelled" } | { sellerOrderId: string | number; channelId?: string | number | null; pickup?: { lat?: number | null; lon?: number | null; address?: string | Record<string, unknown> | null; stockLocationId?: string | number | null }; drop: { lat?: number | null; lon?: number | null; address?: string | Record<string, unknown> | null } } | { order: { code: string; state: string | null; type: string | null; active: boolean | null; shippingAddress: { fullName: string | null; company: string | null; streetLine1: string | null; streetLine2: string | null; postalCode: string | null; city: string | null; country: string | null; countryCode: string | null; phoneNumber: string | null; customFields: { latitude: number | null; longitude: number | null; lat: number | null; lon: number | null; lng: number | null; deliveryNotes: string | null } }; channels: readonly ({ id: string | number; code: string | null })[] | null; shippingLines: readonly ({ shippingMethod: { fulfillmentHandlerCode: string } })[] } } | { event: { order: { code: string; state: string | null; type: string | null; active: boolean | null; shippingAddress: { fullName: string | null; company: string | null; streetLine1: string | null; streetLine2: string | null; postalCode: string | null; city: string | null; country: string | null; countryCode: string | null; phoneNumber: string | null; customFields: { latitude: number | null; longitude: number | null; lat: number | null; lon: number | null; lng: number | null; deliveryNotes: string | null } }; channels: readonly ({ id: string | number; code: string | null })[] | null; shippingLines: readonly ({ shippingMethod: { fulfillmentHandlerCode: string } })[] } } } | { event: Record<string, unknown> } | { type: string };
export type Problem = { type: "urn:problem:malformed_json" | "urn:problem:not_http" | "urn:problem:malformed_text" | "urn:problem:unauthorized" | "urn:problem:forbidden" | "urn:problem:not_found" | "urn:problem:method_not_allowed" | "urn:problem:timeout" | "urn:problem:conflict_state" | "urn:problem:driver_busy" | "urn:problem:driver_unavailable" | "urn:problem:delivery_not_pending" | "urn:problem:too_late" | "urn:problem:offer_over" | "urn:problem:route_changed" | "urn:problem:key_in_flight" | "urn:problem:already_exists" | "urn:problem:pincode_locked" | "urn:problem:too_large" | "urn:problem:unsupported_media" | "urn:problem:invalid" | "urn:problem:key_reused" | "urn:problem:illegal_route" | "urn:problem:time_past" | "urn:problem:wrong_pincode" | "urn:problem:too_many" | "urn:problem:internal" | "urn:problem:unavailable"; title: string; status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503; detail?: string; instance: string; errors?: readonly ({ pointer: string; detail: string })[]; deliveryStatus?: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED"; why?: string; "violated-policies"?: readonly (string)[]; allowed?: readonly ("PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED")[]; deliveryId?: string; load?: number; triesLeft?: number; refusals?: readonly ("unknown" | "off_duty" | "full" | "silent" | "off_shift")[]; route?: Route };

export interface Operations {
  /** The original service’s path, for the shop `default` */
  receiveSellerOrderReady: { params: undefined; query: { handler?: string } | undefined; body: ShopMessage; answer: { status: 202; body: { status: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED" | "IGNORED"; deliveryId: string | null; message: string; callback?: { taken: boolean; detail: string } } } };
  /** Whether the stores answer; 503 only without Postgres */
  getHealth: { params: undefined; query: undefined; body: undefined; answer: { status: 200; body: Health } | { status: 503; body: Health } };
  /** Whether the process runs; asks no store */
  getLiveness: { params: undefined; query: undefined; body: undefined; answer: { status: 200; body: { status: "ok" } } };
  /** The same, for readiness probes */
  getReadiness: { params: undefined; query: undefined; body: undefined; answer: { status: 200; body: Health } | { status: 503; body: Health } };
  /** What has changed since a cursor; without one, everything that is going on */
  listChanges: { params: undefined; query: { after?: string; limit?: number; more?: string } | undefined; body: undefined; answer: { status: 200; body: Changes } };
  /** List deliveries, newest first */
  listDeliveries: { params: undefined; query: { limit?: number; cursor?: string; status?: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED"; dispatch?: "needs_location" | "scheduled" | "searching" | "held" | "offered" | "paused" | "exhausted" | "settled"; driverId?: string; sellerOrderId?: string } | undefined; body: undefined; answer: { status: 200; body: { items: readonly ({ id: string; sellerOrderId: string | null; channelId: string | null; status: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED"; dispatch: "needs_location" | "scheduled" | "searching" | "held" | "offered" | "paused" | "exhausted" | "settled"; version: number; attempt: number; driverId: string | null; pickup: { lat: number | null; lon: number | null; address?: string; name?: string; phone?: string; notes?: string; after?: string; before?: string; serviceS?: number; stockLocationId?: string; readyAt?: string }; dropoff: { lat: number | null; lon: number | null; address?: string; name?: string; phone?: string; notes?: string; after?: string; before?: string; serviceS?: number }; size: number; requires: readonly (string)[]; priority: number; hardWindows: boolean; plannedPickupAt: string | null; plannedDropoffAt: string | null; heldUntil: string | null; heldReason: string | null; pinned: boolean; notes: string | null; excludedDriverIds?: readonly (string)[]; pincode?: string | null; pincodeRequired: boolean; pincodeTriesLeft: number | null; proof: Record<string, unknown> | null; failureCode: "DRIVER_REJECTED" | "DRIVER_OFFLINE" | "PICKUP_FAILED" | "DELIVERY_FAILED" | "TIMEOUT" | "MANUAL_CANCEL" | "RECIPIENT_UNAVAILABLE" | "REFUSED" | "BAD_ADDRESS" | "DAMAGED" | "UNSAFE" | null; failureNote: string | null; unreachableSince: string | null; createdAt: string; assignedAt: string | null; pickedUpAt: string | null; endedAt: string | null; updatedAt: string; stopsBefore: number | null })[]; next: string | null } } };
  /** Create a delivery; it is planned with all that waits, or given to a driver at once */
  createDelivery: { params: undefined; query: undefined; body: { sellerOrderId?: string | null; channelId?: string | null; pickup?: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null; stockLocationId?: string | null; readyAt?: string | null }; dropoff: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null }; size?: number | null; requires?: readonly (string)[] | null; priority?: number | null; hardWindows?: boolean | null; excludedDriverIds?: readonly (string)[] | null; notes?: string | null; pincode?: string | null }; answer: { status: 200; body: Delivery } | { status: 201; body: Delivery } };
  /** Read a delivery with its events */
  getDelivery: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: DeliveryWithEvents } };
  /** Change places, windows, size, contact or notes until the parcel is picked up */
  changeDelivery: { params: { id: string }; query: undefined; body: { pickup?: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null; stockLocationId?: string | null; readyAt?: string | null }; dropoff?: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null }; size?: number | null; requires?: readonly (string)[] | null; priority?: number | null; hardWindows?: boolean | null; excludedDriverIds?: readonly (string)[] | null; notes?: string; pincode?: string }; answer: { status: 200; body: Delivery } };
  /** Assign to whoever is best now, or to a named driver */
  assignDelivery: { params: { id: string }; query: undefined; body: { driverId?: string; override?: readonly ("silent" | "radius" | "off_shift" | "excluded")[]; pinned?: boolean } | undefined; answer: { status: 200; body: Delivery } | { status: 202; body: Delivery } };
  /** Cancel a delivery, before pickup */
  cancelDelivery: { params: { id: string }; query: undefined; body: { note?: string } | undefined; answer: { status: 200; body: Delivery } };
  /** Why a delivery was given to whom, or held, or to nobody; newest first */
  listDecisions: { params: { id: string }; query: { limit?: number; cursor?: string } | undefined; body: undefined; answer: { status: 200; body: { items: readonly ({ at: string; outcome: "assigned" | "held" | "offered" | "unplanned"; driverId: string | null; reason: string; sentence: string; costS: number | null; parts: Record<string, unknown> | null; alternatives: readonly ({ driverId: string; extraS: number })[]; ruledOut: Record<string, unknown>; plan: { id: string; deliveries: number | null; drivers: number | null; rounds: number | null; ms: number | null; travel: "estimate" | "learned" | "routed" | null } })[]; next: string | null } } };
  /** In how many seconds it will be delivered */
  getDeliveryEta: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { etaS: number | null; source: "routing" | "estimate" | null } } };
  /** Hold a waiting delivery back, until a time or until it is released */
  holdDelivery: { params: { id: string }; query: undefined; body: { until?: string | null; note?: string | null } | undefined; answer: { status: 200; body: Delivery } };
  /** Set another PIN code, or null: hand over without one */
  setPincode: { params: { id: string }; query: undefined; body: { pincode: string | null }; answer: { status: 200; body: Delivery } };
  /** Take the photograph away before its time */
  deleteProofPhoto: { params: { id: string }; query: undefined; body: undefined; answer: { status: 204; body: undefined } };
  /** Try again what FAILED, was RETURNED or CANCELLED */
  redeliverDelivery: { params: { id: string }; query: undefined; body: { pickup?: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null; stockLocationId?: string | null; readyAt?: string | null }; dropoff?: { lat?: number | null; lon?: number | null; address?: string | null; name?: string | null; phone?: string | null; notes?: string | null; after?: string | null; before?: string | null; serviceS?: number | null }; size?: number | null; requires?: readonly (string)[] | null; priority?: number | null; hardWindows?: boolean | null; excludedDriverIds?: readonly (string)[] | null; notes?: string; pincode?: string; note?: string | null } | undefined; answer: { status: 200; body: Delivery } };
  /** Let a delivery that was held back be planned again */
  releaseDelivery: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: Delivery } };
  /** Report that a delivery has moved on */
  moveDelivery: { params: { id: string }; query: undefined; body: { status: "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED"; occurredAt?: string; position?: { lat: number; lon: number }; proof?: { photoUrl?: string; signatureUrl?: string; receivedBy?: string; note?: string }; pincode?: string; failureCode?: "DRIVER_REJECTED" | "DRIVER_OFFLINE" | "PICKUP_FAILED" | "DELIVERY_FAILED" | "TIMEOUT" | "MANUAL_CANCEL" | "RECIPIENT_UNAVAILABLE" | "REFUSED" | "BAD_ADDRESS" | "DAMAGED" | "UNSAFE"; note?: string }; answer: { status: 200; body: Delivery } };
  /** The customer’s link */
  getTrackingLink: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { path: string; url: string | null } } };
  /** Take a delivery back from its driver, before pickup */
  unassignDelivery: { params: { id: string }; query: undefined; body: { reason?: "DRIVER_REJECTED" | "DRIVER_OFFLINE" | "PICKUP_FAILED" | "DELIVERY_FAILED" | "TIMEOUT" | "MANUAL_CANCEL" | "RECIPIENT_UNAVAILABLE" | "REFUSED" | "BAD_ADDRESS" | "DAMAGED" | "UNSAFE"; note?: string; keepDriver?: boolean } | undefined; answer: { status: 200; body: Delivery } };
  /** Register a driver; they start OFFLINE */
  createDriver: { params: undefined; query: undefined; body: { name: string; phone?: string | null; vehicle?: "bicycle" | "cargo_bike" | "scooter" | "car" | "van" | "truck" | "foot" | null; capacity?: number; tags?: readonly (string)[]; shiftEndsAt?: string | null; externalRef?: string | null }; answer: { status: 201; body: Driver } };
  /** List drivers */
  listDrivers: { params: undefined; query: { limit?: number; cursor?: string; status?: "AVAILABLE" | "BUSY" | "OFFLINE"; retired?: "true" | "false" } | undefined; body: undefined; answer: { status: 200; body: { items: readonly (Driver)[]; next: string | null } } };
  /** The nearest AVAILABLE drivers heard from within 60 s */
  findNearestDrivers: { params: undefined; query: { lat: number; lon: number; radiusM?: number; limit?: number }; body: undefined; answer: { status: 200; body: { drivers: readonly ({ driverId: string; distanceM: number; position: { lat: number; lon: number } })[] } } };
  /** Read a driver */
  getDriver: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: Driver } };
  /** Change a driver */
  changeDriver: { params: { id: string }; query: undefined; body: { name?: string; phone?: string | null; vehicle?: "bicycle" | "cargo_bike" | "scooter" | "car" | "van" | "truck" | "foot" | null; capacity?: number; tags?: readonly (string)[]; shiftEndsAt?: string | null; externalRef?: string | null }; answer: { status: 200; body: Driver } };
  /** Take a driver out of service for good */
  retireDriver: { params: { id: string }; query: undefined; body: undefined; answer: { status: 204; body: undefined } };
  /** The driver’s phones, newest first, withdrawn ones too */
  listDevices: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { items: readonly ({ id: string; name: string; createdAt: string; expiresAt: string; withdrawnAt: string | null })[] } } };
  /** Withdraw one phone of a driver, within 10 s everywhere */
  withdrawDevice: { params: { id: string; deviceId: string }; query: undefined; body: undefined; answer: { status: 204; body: undefined } };
  /** Retire a driver and take away who they are and where they were, everywhere */
  eraseDriver: { params: { id: string }; query: undefined; body: undefined; answer: { status: 204; body: undefined } };
  /** Everything that is kept of a driver */
  exportDriver: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: DriverExport } };
  /** Say that the driver is there, without a position */
  reportHeartbeat: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { outcome: "accepted" | "outdated" } } };
  /** Report a position */
  reportLocation: { params: { id: string }; query: undefined; body: { lat: number; lon: number; recordedAt?: string; accuracyM?: number | null }; answer: { status: 200; body: { outcome: "accepted" | "outdated" } } };
  /** Report the positions a phone kept while it was offline, in any order */
  reportKeptLocations: { params: { id: string }; query: undefined; body: { fixes: readonly ({ lat: number; lon: number; recordedAt?: string; accuracyM?: number | null })[] }; answer: { status: 200; body: { accepted: number; outdated: number; invalid: number } } };
  /** What a driver may say yes to now; the first to end comes first */
  listOffers: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { items: readonly ({ id: string; driverId: string; state: "open" | "accepted" | "declined" | "expired" | "withdrawn"; reason: string | null; exclusive: boolean; wave: number; deliveryIds: readonly (string)[]; size: number; createdAt: string; expiresAt: string; expiresInS: number; deliveries: readonly ({ deliveryId: string; sellerOrderId: string | null; pickup: { lat: number | null; lon: number | null; address: string | null }; dropoff: { lat: number | null; lon: number | null; address: string | null }; size: number; plannedPickupAt: string | null; plannedDropoffAt: string | null; dropoffAfter: string | null; dropoffBefore: string | null })[] })[] } } };
  /** A code by which a phone becomes the driver’s, once, within ten minutes */
  createPairing: { params: { id: string }; query: undefined; body: { expiresInS?: number } | undefined; answer: { status: 201; body: { driverId: string; code: string; path: string; expiresAt: string } } };
  /** The key with which a browser lets this service, and nobody else, wake it */
  getPushKey: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { publicKey: string } } };
  /** Wake this browser of the driver’s phone when something concerns them */
  registerPhone: { params: { id: string }; query: undefined; body: { endpoint: string; keys: { p256dh: string; auth: string } }; answer: { status: 204; body: undefined } };
  /** Wake this browser no more */
  unregisterPhone: { params: { id: string }; query: undefined; body: { endpoint: string }; answer: { status: 204; body: undefined } };
  /** A driver’s stops, the next one first */
  getDriverRoute: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: Route } };
  /** Put a driver’s stops in another order */
  setDriverRoute: { params: { id: string }; query: undefined; body: { version: number; stops: readonly ({ deliveryId: string; kind: "pickup" | "dropoff" | "return" })[] }; answer: { status: 200; body: Route } };
  /** Say AVAILABLE, BUSY (a break) or OFFLINE */
  setDriverStatus: { params: { id: string }; query: undefined; body: { status: "AVAILABLE" | "BUSY" | "OFFLINE" }; answer: { status: 200; body: Driver } };
  /** Where a driver stands: status, load, position, last contact */
  getDriverStatus: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: DriverStatus } };
  /** Make a token for the driver’s app */
  createDriverToken: { params: { id: string }; query: undefined; body: { expiresInS?: number; revokePrevious?: boolean } | undefined; answer: { status: 201; body: { driverId: string; token: string; expiresAt: string } } };
  /** Erase a recipient: by delivery, by order, or by telephone number */
  eraseRecipient: { params: undefined; query: undefined; body: { deliveryId: string } | { sellerOrderId: string } | { phone: string }; answer: { status: 200; body: { erased: readonly (string)[]; underWay: readonly (string)[] } } };
  /** Report up to 1,000 positions of one shop’s drivers */
  reportLocations: { params: undefined; query: undefined; body: { fixes: readonly ({ driverId: string; lat: number; lon: number; recordedAt?: string; accuracyM?: number | null })[]; details?: boolean }; answer: { status: 200; body: { accepted: number; outdated: number; unknown: number; invalid: number; results?: readonly ({ driverId: string | null; outcome: "accepted" | "outdated" | "unknown" | "invalid" })[] } } };
  /** Whose proof this is, and what it may do */
  getMe: { params: undefined; query: undefined; body: undefined; answer: { status: 200; body: { kind: "operator" | "shop" | "driver"; shop: { id: string; slug: string; name: string } | null; scopes: readonly ("admin" | "dispatch" | "read")[]; key: { id: string; name: string; expiresAt: string | null } | null; driver: { id: string; name: string } | null } } };
  /** What the shop did since a moment, usually the caller’s midnight */
  getNumbers: { params: undefined; query: { since: string }; body: undefined; answer: { status: 200; body: Numbers } };
  /** Take what was offered: all of it, or, where that is over, nothing */
  acceptOffer: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { offer: { id: string; driverId: string; state: "open" | "accepted" | "declined" | "expired" | "withdrawn"; reason: string | null; exclusive: boolean; wave: number; deliveryIds: readonly (string)[]; size: number; createdAt: string; expiresAt: string }; deliveries: readonly (Delivery)[] } } };
  /** Say no: others are asked, and nothing is held against the driver */
  declineOffer: { params: { id: string }; query: undefined; body: { reason?: "too_far" | "no_time" | "bad_area" | "other" } | undefined; answer: { status: 200; body: { id: string; driverId: string; state: "open" | "accepted" | "declined" | "expired" | "withdrawn"; reason: string | null; exclusive: boolean; wave: number; deliveryIds: readonly (string)[]; size: number; createdAt: string; expiresAt: string } } };
  /** Exchange a code for a token that is bound to this device */
  pairDevice: { params: undefined; query: undefined; body: { code: string; deviceName?: string }; answer: { status: 201; body: { driverId: string; deviceId: string; token: string; expiresAt: string } } };
  /** What would be planned, for a question; nothing is touched */
  askForPlan: { params: undefined; query: undefined; body: { now: string; settings?: { policy?: "planned" | "nearest"; mode?: "assign" | "offer" | "broadcast"; offerS?: number; offerWaves?: number; offerTo?: number; maxRadiusM?: number; bundle?: "none" | "same_pickup" | "any"; tellAheadS?: number; maxHeldS?: number; maxAboardS?: number | null; promiseS?: number; planAheadS?: number; pickupServiceS?: number; dropoffServiceS?: number; takeBack?: boolean; economy?: number; fairness?: number; etaChangeS?: number }; drivers: readonly ({ id: string; position: { lat: number; lon: number }; freeAt?: string | null; capacity?: number | null; vehicle?: "bicycle" | "cargo_bike" | "scooter" | "car" | "van" | "truck" | "foot" | null; tags?: readonly (string)[] | null; shiftEndsAt?: string | null; route?: readonly ({ deliveryId: string; kind: "pickup" | "dropoff" | "return" })[] | null })[]; deliveries: readonly ({ id: string; placedAt: string; pickup: { lat: number; lon: number; after?: string | null; before?: string | null; serviceS?: number | null; readyAt?: string | null }; dropoff: { lat: number; lon: number; after?: string | null; before?: string | null; serviceS?: number | null }; size?: number | null; requires?: readonly (string)[] | null; priority?: number | null; hardWindows?: boolean | null; excludedDriverIds?: readonly (string)[] | null })[] }; answer: { status: 200; body: Plan } };
  /** Where drivers are: those named, as far as it is known */
  listPositions: { params: undefined; query: undefined; body: { driverIds: readonly (string)[] }; answer: { status: 200; body: { positions: readonly (readonly [string, number, number, number])[] } } };
  /** Register a shop */
  createShop: { params: undefined; query: undefined; body: { slug: string; name: string; maxRadiusM?: number; dispatch?: { policy?: "planned" | "nearest"; mode?: "assign" | "offer" | "broadcast"; offerS?: number; offerWaves?: number; offerTo?: number; maxRadiusM?: number; bundle?: "none" | "same_pickup" | "any"; tellAheadS?: number; maxHeldS?: number; maxAboardS?: number | null; promiseS?: number; planAheadS?: number; pickupServiceS?: number; dropoffServiceS?: number; takeBack?: boolean; economy?: number; fairness?: number; etaChangeS?: number }; pickup?: { lat: number; lon: number; address?: string | null } | null; inboundSecrets?: readonly (string)[]; inboundStaticSecret?: string | null }; answer: { status: 201; body: Shop } };
  /** List shops */
  listShops: { params: undefined; query: { limit?: number; cursor?: string } | undefined; body: undefined; answer: { status: 200; body: { items: readonly (Shop)[]; next: string | null } } };
  /** Read a shop, with all its settings */
  getShop: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: Shop } };
  /** Change how a shop’s deliveries are dispatched */
  changeShop: { params: { id: string }; query: undefined; body: { dispatch: { policy?: "planned" | "nearest"; mode?: "assign" | "offer" | "broadcast"; offerS?: number; offerWaves?: number; offerTo?: number; maxRadiusM?: number; bundle?: "none" | "same_pickup" | "any"; tellAheadS?: number; maxHeldS?: number; maxAboardS?: number | null; promiseS?: number; planAheadS?: number; pickupServiceS?: number; dropoffServiceS?: number; takeBack?: boolean; economy?: number; fairness?: number; etaChangeS?: number } }; answer: { status: 200; body: Shop } };
  /** Make an API key of a shop; its secret is shown once */
  createShopKey: { params: { id: string }; query: undefined; body: { name?: string; scopes?: readonly ("admin" | "dispatch" | "read")[]; expiresInS?: number | null } | undefined; answer: { status: 201; body: ShopKey } };
  /** The API keys of a shop, withdrawn ones too, without their secrets */
  listShopKeys: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { items: readonly ({ keyId: string; name: string; scopes: readonly ("admin" | "dispatch" | "read")[]; createdAt: string; expiresAt: string | null; lastUsedAt: string | null; revokedAt: string | null })[] } } };
  /** Withdraw an API key, within 10 s everywhere; also the one that asks */
  revokeShopKey: { params: { id: string; keyId: string }; query: undefined; body: undefined; answer: { status: 204; body: undefined } };
  /** What a shop’s callers may ask, where the operator has set it */
  readShopLimits: { params: { id: string }; query: undefined; body: undefined; answer: { status: 200; body: { keyPerMinute?: number; driverPerMinute?: number; shopPerMinute?: number; streamsPerKey?: number; streamsPerShop?: number } } };
  /** Set what a shop’s callers may ask */
  setShopLimits: { params: { id: string }; query: undefined; body: { keyPerMinute?: number; driverPerMinute?: number; shopPerMinute?: number; streamsPerKey?: number; streamsPerShop?: number }; answer: { status: 200; body: { keyPerMinute?: number; driverPerMinute?: number; shopPerMinute?: number; streamsPerKey?: number; streamsPerShop?: number } } };
  /** Say where the shop hears of its deliveries */
  setShopWebhook: { params: { id: string }; query: undefined; body: { url: string | null; secrets?: readonly (string)[]; staticSecret?: string | null; inTransit?: boolean; etaChanged?: boolean; offers?: boolean; insecure?: boolean }; answer: { status: 200; body: Shop } };
  /** Events that did not reach the shop’s endpoint, oldest first */
  listWebhookFailures: { params: { id: string }; query: { limit?: number; cursor?: string } | undefined; body: undefined; answer: { status: 200; body: { items: readonly (WebhookFailure)[]; next: string | null } } };
  /** Send failed events again, at once; all of the shop, or those named */
  replayWebhooks: { params: { id: string }; query: undefined; body: { eventIds?: readonly (string)[] } | undefined; answer: { status: 200; body: { replayed: number } } };
  /** What the customer may know of his delivery */
  trackDelivery: { params: { token: string }; query: undefined; body: undefined; answer: { status: 200; body: Tracking } };
  /** A shop’s message about an order */
  receiveShopMessage: { params: { shop: string }; query: { handler?: string } | undefined; body: ShopMessage; answer: { status: 202; body: { status: "PENDING" | "ASSIGNED" | "PICKED_UP" | "IN_TRANSIT" | "DELIVERED" | "FAILED" | "RETURNED" | "CANCELLED" | "IGNORED"; deliveryId: string | null; message: string; callback?: { taken: boolean; detail: string } } } };
}

export const ROUTES = {
  receiveSellerOrderReady: ['POST', '/events/seller-order-ready', [202]],
  getHealth: ['GET', '/health', [200,503]],
  getLiveness: ['GET', '/health/live', [200]],
  getReadiness: ['GET', '/health/ready', [200,503]],
  listChanges: ['GET', '/v1/changes', [200]],
  listDeliveries: ['GET', '/v1/deliveries', [200]],
  createDelivery: ['POST', '/v1/deliveries', [200,201]],
  getDelivery: ['GET', '/v1/deliveries/{id}', [200]],
  changeDelivery: ['PATCH', '/v1/deliveries/{id}', [200]],
  assignDelivery: ['POST', '/v1/deliveries/{id}/assign', [200,202]],
  cancelDelivery: ['POST', '/v1/deliveries/{id}/cancel', [200]],
  listDecisions: ['GET', '/v1/deliveries/{id}/decisions', [200]],
  getDeliveryEta: ['GET', '/v1/deliveries/{id}/eta', [200]],
  holdDelivery: ['POST', '/v1/deliveries/{id}/hold', [200]],
  setPincode: ['PUT', '/v1/deliveries/{id}/pincode', [200]],
  deleteProofPhoto: ['DELETE', '/v1/deliveries/{id}/proof', [204]],
  redeliverDelivery: ['POST', '/v1/deliveries/{id}/redeliver', [200]],
  releaseDelivery: ['POST', '/v1/deliveries/{id}/release', [200]],
  moveDelivery: ['POST', '/v1/deliveries/{id}/status', [200]],
  getTrackingLink: ['GET', '/v1/deliveries/{id}/tracking', [200]],
  unassignDelivery: ['POST', '/v1/deliveries/{id}/unassign', [200]],
  createDriver: ['POST', '/v1/drivers', [201]],
  listDrivers: ['GET', '/v1/drivers', [200]],
  findNearestDrivers: ['GET', '/v1/drivers/nearest', [200]],
  getDriver: ['GET', '/v1/drivers/{id}', [200]],
  changeDriver: ['PATCH', '/v1/drivers/{id}', [200]],
  retireDriver: ['DELETE', '/v1/drivers/{id}', [204]],
  listDevices: ['GET', '/v1/drivers/{id}/devices', [200]],
  withdrawDevice: ['DELETE', '/v1/drivers/{id}/devices/{deviceId}', [204]],
  eraseDriver: ['POST', '/v1/drivers/{id}/erase', [204]],
  exportDriver: ['GET', '/v1/drivers/{id}/export', [200]],
  reportHeartbeat: ['POST', '/v1/drivers/{id}/heartbeat', [200]],
  reportLocation: ['POST', '/v1/drivers/{id}/location', [200]],
  reportKeptLocations: ['POST', '/v1/drivers/{id}/locations', [200]],
  listOffers: ['GET', '/v1/drivers/{id}/offers', [200]],
  createPairing: ['POST', '/v1/drivers/{id}/pairings', [201]],
  getPushKey: ['GET', '/v1/drivers/{id}/push', [200]],
  registerPhone: ['PUT', '/v1/drivers/{id}/push', [204]],
  unregisterPhone: ['DELETE', '/v1/drivers/{id}/push', [204]],
  getDriverRoute: ['GET', '/v1/drivers/{id}/route', [200]],
  setDriverRoute: ['PUT', '/v1/drivers/{id}/route', [200]],
  setDriverStatus: ['PUT', '/v1/drivers/{id}/status', [200]],
  getDriverStatus: ['GET', '/v1/drivers/{id}/status', [200]],
  createDriverToken: ['POST', '/v1/drivers/{id}/tokens', [201]],
  eraseRecipient: ['POST', '/v1/erasures', [200]],
  reportLocations: ['POST', '/v1/locations', [200]],
  getMe: ['GET', '/v1/me', [200]],
  getNumbers: ['GET', '/v1/numbers', [200]],
  acceptOffer: ['POST', '/v1/offers/{id}/accept', [200]],
  declineOffer: ['POST', '/v1/offers/{id}/decline', [200]],
  pairDevice: ['POST', '/v1/pairings', [201]],
  askForPlan: ['POST', '/v1/plans', [200]],
  listPositions: ['POST', '/v1/positions', [200]],
  createShop: ['POST', '/v1/shops', [201]],
  listShops: ['GET', '/v1/shops', [200]],
  getShop: ['GET', '/v1/shops/{id}', [200]],
  changeShop: ['PATCH', '/v1/shops/{id}', [200]],
  createShopKey: ['POST', '/v1/shops/{id}/keys', [201]],
  listShopKeys: ['GET', '/v1/shops/{id}/keys', [200]],
  revokeShopKey: ['DELETE', '/v1/shops/{id}/keys/{keyId}', [204]],
  readShopLimits: ['GET', '/v1/shops/{id}/limits', [200]],
  setShopLimits: ['PUT', '/v1/shops/{id}/limits', [200]],
  setShopWebhook: ['PUT', '/v1/shops/{id}/webhook', [200]],
  listWebhookFailures: ['GET', '/v1/shops/{id}/webhook/failures', [200]],
  replayWebhooks: ['POST', '/v1/shops/{id}/webhook/replay', [200]],
  trackDelivery: ['GET', '/v1/track/{token}', [200]],
  receiveShopMessage: ['POST', '/v1/webhooks/vendure/{shop}', [202]],
} as const satisfies Record<keyof Operations, readonly [string, string, readonly number[]]>;
