import type * as v from 'valibot';
import * as answers from '#shared/contract/answers.ts';
import type { ProblemType } from '#shared/http/problem.ts';
import { shopMessage } from './shop-message.ts';

/** What the OpenAPI document says of an endpoint beyond its own schemas. */
export interface Operation {
  /** The method's name in the typed client. */
  id: string;
  tag: 'Drivers' | 'Positions' | 'Deliveries' | 'Shops' | 'Webhooks' | 'Health';
  summary: string;
  description?: string;
  /** Schemas of the answers with a body, by status; null: no body. */
  answers: Readonly<Record<number, v.GenericSchema | null>>;
  /** Problems of its own, besides those that follow from its auth, parameters and body. */
  problems?: readonly ProblemType[];
  /** The body, where the endpoint checks the raw bytes before it parses them. */
  raw?: v.GenericSchema;
  /** A body that is accepted. */
  example?: unknown;
  /** Keeps its first result under an Idempotency-Key; true for what is not GET unless said otherwise. */
  idempotent?: boolean;
}

const BERLIN = { lat: 52.5291, lon: 13.4013 };
const ORDER = {
  sellerOrderId: 'T7QX2M9P',
  pickup: { ...BERLIN, address: 'Rosenthaler Str. 1, 10119 Berlin', name: 'Bakery' },
  dropoff: { lat: 52.5208, lon: 13.4095, address: 'Alexanderplatz 5, 10178 Berlin', name: 'R. Meier' },
};
const deliveryStep = { 200: answers.deliveryView } as const;

const DRIVERS = {
  'POST /v1/drivers': {
    id: 'createDriver',
    tag: 'Drivers',
    summary: 'Register a driver; he starts OFFLINE',
    answers: { 201: answers.driverView },
    problems: ['already_exists'],
    example: { name: 'Asha', phone: '+49 30 1234567', vehicle: 'cargo_bike', capacity: 1 },
  },
  'GET /v1/drivers': {
    id: 'listDrivers',
    tag: 'Drivers',
    summary: 'List drivers',
    answers: { 200: answers.driverPage },
  },
  'GET /v1/drivers/:id': {
    id: 'getDriver',
    tag: 'Drivers',
    summary: 'Read a driver',
    answers: { 200: answers.driverView },
  },
  'PATCH /v1/drivers/:id': {
    id: 'changeDriver',
    tag: 'Drivers',
    summary: 'Change a driver',
    answers: { 200: answers.driverView },
    problems: ['already_exists', 'driver_busy'],
    example: { capacity: 2 },
  },
  'DELETE /v1/drivers/:id': {
    id: 'retireDriver',
    tag: 'Drivers',
    summary: 'Take a driver out of service for good',
    answers: { 204: null },
    problems: ['driver_busy'],
  },
  'POST /v1/drivers/:id/tokens': {
    id: 'createDriverToken',
    tag: 'Drivers',
    summary: 'Make a token for the driver’s app',
    answers: { 201: answers.tokenView },
    example: { expiresInS: 86_400 },
  },
  'GET /v1/drivers/:id/export': {
    id: 'exportDriver',
    tag: 'Drivers',
    summary: 'Everything that is kept of a driver',
    answers: { 200: answers.driverExport },
  },
  'POST /v1/drivers/:id/erase': {
    id: 'eraseDriver',
    tag: 'Drivers',
    summary: 'Retire a driver and take away who he is and where he was, everywhere',
    description: 'What is left is his id, so that deliveries still say that somebody had them. It cannot be undone.',
    answers: { 204: null },
    problems: ['driver_busy'],
  },
  'PUT /v1/drivers/:id/status': {
    id: 'setDriverStatus',
    tag: 'Drivers',
    summary: 'Say AVAILABLE, BUSY (a break) or OFFLINE',
    description: 'OFFLINE asked for with a delivery in hand takes effect when it ends.',
    answers: { 200: answers.driverView },
    example: { status: 'AVAILABLE' },
  },
  'GET /v1/drivers/:id/status': {
    id: 'getDriverStatus',
    tag: 'Drivers',
    summary: 'Where a driver stands: status, load, position, last contact',
    answers: { 200: answers.driverStatusView },
  },
} as const satisfies Record<string, Operation>;

const POSITIONS = {
  'GET /v1/drivers/nearest': {
    id: 'findNearestDrivers',
    tag: 'Positions',
    summary: 'The nearest AVAILABLE drivers heard from within 60 s',
    answers: { 200: answers.nearestView },
  },
  'POST /v1/drivers/:id/location': {
    id: 'reportLocation',
    tag: 'Positions',
    summary: 'Report a position',
    description: 'Visible to the search now, durable within 15 s. Never changes a status.',
    answers: { 200: answers.fixView },
    idempotent: false,
    example: BERLIN,
  },
  'POST /v1/drivers/:id/heartbeat': {
    id: 'reportHeartbeat',
    tag: 'Positions',
    summary: 'Say that the driver is there, without a position',
    answers: { 200: answers.fixView },
    idempotent: false,
  },
  'POST /v1/locations': {
    id: 'reportLocations',
    tag: 'Positions',
    summary: 'Report up to 1,000 positions of one shop’s drivers',
    answers: { 200: answers.fixesView },
    idempotent: false,
    example: { fixes: [{ driverId: '0199f0a0-0000-7000-8000-000000000001', ...BERLIN }] },
  },
} as const satisfies Record<string, Operation>;

const DELIVERIES = {
  'POST /v1/deliveries': {
    id: 'createDelivery',
    tag: 'Deliveries',
    summary: 'Create a delivery and give it to the nearest driver',
    description: '200 instead of 201: this order has its delivery already. Without coordinates it waits for them.',
    answers: { 201: answers.deliveryView, 200: answers.deliveryView },
    example: ORDER,
  },
  'GET /v1/deliveries': {
    id: 'listDeliveries',
    tag: 'Deliveries',
    summary: 'List deliveries, newest first',
    answers: { 200: answers.deliveryPage },
  },
  'GET /v1/deliveries/:id': {
    id: 'getDelivery',
    tag: 'Deliveries',
    summary: 'Read a delivery with its events',
    answers: { 200: answers.deliveryWithEvents },
  },
  'PATCH /v1/deliveries/:id': {
    id: 'changeDelivery',
    tag: 'Deliveries',
    summary: 'Change coordinates, contact or notes while PENDING',
    answers: deliveryStep,
    problems: ['delivery_not_pending'],
    example: { dropoff: ORDER.dropoff },
  },
  'POST /v1/deliveries/:id/status': {
    id: 'moveDelivery',
    tag: 'Deliveries',
    summary: 'Report that a delivery has moved on',
    answers: deliveryStep,
    problems: ['conflict_state', 'wrong_pincode'],
    example: { status: 'PICKED_UP', position: BERLIN },
  },
  'POST /v1/deliveries/:id/assign': {
    id: 'assignDelivery',
    tag: 'Deliveries',
    summary: 'Assign to the nearest driver, or to a named one',
    description: '202: nobody could be had now; it goes on waiting.',
    answers: { 200: answers.deliveryView, 202: answers.deliveryView },
    problems: ['driver_unavailable', 'delivery_not_pending'],
    example: {},
  },
  'POST /v1/deliveries/:id/unassign': {
    id: 'unassignDelivery',
    tag: 'Deliveries',
    summary: 'Take a delivery back from its driver, before pickup',
    answers: deliveryStep,
    problems: ['conflict_state'],
    example: { reason: 'DRIVER_OFFLINE' },
  },
  'POST /v1/deliveries/:id/cancel': {
    id: 'cancelDelivery',
    tag: 'Deliveries',
    summary: 'Cancel a delivery, before pickup',
    answers: deliveryStep,
    problems: ['conflict_state'],
    example: { note: 'The customer called' },
  },
} as const satisfies Record<string, Operation>;

const SHOPS = {
  'POST /v1/shops': {
    id: 'createShop',
    tag: 'Shops',
    summary: 'Register a shop',
    answers: { 201: answers.shopView },
    problems: ['already_exists'],
    example: { slug: 'berlin', name: 'Bakery Berlin', pickup: BERLIN },
  },
  'GET /v1/shops': { id: 'listShops', tag: 'Shops', summary: 'List shops', answers: { 200: answers.shopPage } },
  'POST /v1/shops/:id/keys': {
    id: 'createShopKey',
    tag: 'Shops',
    summary: 'Make an API key of a shop; its secret is shown once',
    answers: { 201: answers.keyView },
    example: { name: 'backend', scopes: ['dispatch'] },
  },
  'PUT /v1/shops/:id/webhook': {
    id: 'setShopWebhook',
    tag: 'Shops',
    summary: 'Say where the shop hears of its deliveries',
    answers: { 200: answers.shopView },
    example: { url: 'https://shop.example/hooks/deliveries' },
  },
  'GET /v1/shops/:id/webhook/failures': {
    id: 'listWebhookFailures',
    tag: 'Shops',
    summary: 'Events that did not reach the shop’s endpoint, oldest first',
    answers: { 200: answers.webhookFailurePage },
  },
  'POST /v1/shops/:id/webhook/replay': {
    id: 'replayWebhooks',
    tag: 'Shops',
    summary: 'Send failed events again, at once; all of the shop, or those named',
    description: 'At most 5,000 by one request. The order within a delivery stays.',
    answers: { 200: answers.webhookReplayView },
    example: {},
  },
} as const satisfies Record<string, Operation>;

const RECEIVED = {
  tag: 'Webhooks',
  description: 'Signed after Standard Webhooks over the raw bytes; or, where the shop allows it, with a static secret.',
  answers: { 202: answers.receivedView },
  problems: ['unauthorized', 'not_found', 'conflict_state', 'key_in_flight', 'key_reused'],
  raw: shopMessage,
  idempotent: false,
  example: { type: 'delivery.requested', ...ORDER },
} as const;
const OTHERS = {
  'POST /v1/webhooks/vendure/:shop': {
    ...RECEIVED,
    id: 'receiveShopMessage',
    summary: 'A shop’s message about an order',
  },
  'POST /events/seller-order-ready': {
    ...RECEIVED,
    id: 'receiveSellerOrderReady',
    summary: 'The original service’s path, for the shop `default`',
  },
  'GET /health': {
    id: 'getHealth',
    tag: 'Health',
    summary: 'Whether the stores answer; 503 only without Postgres',
    answers: { 200: answers.healthView, 503: answers.healthView },
  },
  'GET /health/ready': {
    id: 'getReadiness',
    tag: 'Health',
    summary: 'The same, for readiness probes',
    answers: { 200: answers.healthView, 503: answers.healthView },
  },
  'GET /health/live': {
    id: 'getLiveness',
    tag: 'Health',
    summary: 'Whether the process runs; asks no store',
    answers: { 200: answers.liveView },
  },
} as const satisfies Record<string, Operation>;

/** By method and path, as the endpoints have them. A test holds the two lists together. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...DRIVERS,
  ...POSITIONS,
  ...DELIVERIES,
  ...SHOPS,
  ...OTHERS,
};
