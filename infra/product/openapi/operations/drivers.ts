import * as answers from '#shared/contract/answers.ts';
import { BERLIN, DRIVER_ID, PAIRING_CODE, SUBSCRIPTION } from './examples.ts';
import type { Operation } from './operation.ts';

export const DRIVERS = {
  'POST /v1/drivers': {
    id: 'createDriver',
    tag: 'Drivers',
    summary: 'Register a driver; they start OFFLINE',
    answers: { 201: answers.driverView },
    problems: ['already_exists'],
    example: { name: 'Asha', phone: '+49 30 1234567', vehicle: 'cargo_bike', capacity: 4, tags: ['cold'] },
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
    example: { capacity: 2, shiftEndsAt: '2026-11-22T20:00:00Z' },
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
  'POST /v1/drivers/:id/pairings': {
    id: 'createPairing',
    tag: 'Drivers',
    summary: 'A code by which a phone becomes the driver’s, once, within ten minutes',
    description: 'Repeated, it gives another code. `path` behind the address of this service is what a QR code shows.',
    answers: { 201: answers.pairingView },
    example: { expiresInS: 86_400 },
  },
  'POST /v1/pairings': {
    id: 'pairDevice',
    tag: 'Drivers',
    summary: 'Exchange a code for a token that is bound to this device',
    description: 'The code is the proof. It works once, and after five wrong guesses at it not at all.',
    answers: { 201: answers.pairedView },
    problems: ['unauthorized'],
    example: { code: PAIRING_CODE, deviceName: 'Android' },
  },
  'GET /v1/drivers/:id/devices': {
    id: 'listDevices',
    tag: 'Drivers',
    summary: 'The driver’s phones, newest first, withdrawn ones too',
    answers: { 200: answers.deviceList },
  },
  'DELETE /v1/drivers/:id/devices/:deviceId': {
    id: 'withdrawDevice',
    tag: 'Drivers',
    summary: 'Withdraw one phone of a driver, within 10 s everywhere',
    answers: { 204: null },
  },
  'GET /v1/drivers/:id/push': {
    id: 'getPushKey',
    tag: 'Drivers',
    summary: 'The key with which a browser lets this service, and nobody else, wake it',
    answers: { 200: answers.pushKeyView },
  },
  'PUT /v1/drivers/:id/push': {
    id: 'registerPhone',
    tag: 'Drivers',
    summary: 'Wake this browser of the driver’s phone when something concerns them',
    description:
      'What `PushSubscription.toJSON()` gives. A message is `{ kind, driverId, version }`: `kind` is `offer`, `cancelled`, `route`, `change` or `still_there` (answered with a heartbeat); what it is about is read from the service. Ten browsers for a driver; a browser is one driver’s.',
    answers: { 204: null },
    example: SUBSCRIPTION,
  },
  'DELETE /v1/drivers/:id/push': {
    id: 'unregisterPhone',
    tag: 'Drivers',
    summary: 'Wake this browser no more',
    answers: { 204: null },
    example: { endpoint: SUBSCRIPTION.endpoint },
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
    summary: 'Retire a driver and take away who they are and where they were, everywhere',
    description: 'What is left is their id, so that deliveries still say that somebody had them. It cannot be undone.',
    answers: { 204: null },
    problems: ['driver_busy'],
  },
  'PUT /v1/drivers/:id/status': {
    id: 'setDriverStatus',
    tag: 'Drivers',
    summary: 'Say AVAILABLE, BUSY (a break) or OFFLINE',
    description:
      'OFFLINE asked for with a delivery in hand takes effect when it ends; until then `lastOne` is true. BUSY with `breakS` ends by itself: what they have stays theirs, nothing new comes before, and silence does not count. `lastOne` beside AVAILABLE: what they have, or the next trip if that is nothing, is their last. Said again without them, breaks and the last one are taken back.',
    answers: { 200: answers.driverView },
    example: { status: 'BUSY', breakS: 1_800 },
  },
  'GET /v1/drivers/:id/status': {
    id: 'getDriverStatus',
    tag: 'Drivers',
    summary: 'Where a driver stands: status, load, position, last contact',
    answers: { 200: answers.driverStatusView },
  },
} as const satisfies Record<string, Operation>;

export const POSITIONS = {
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
    example: BERLIN,
  },
  'POST /v1/drivers/:id/heartbeat': {
    id: 'reportHeartbeat',
    tag: 'Positions',
    summary: 'Say that the driver is there, without a position',
    answers: { 200: answers.fixView },
  },
  'POST /v1/drivers/:id/locations': {
    id: 'reportKeptLocations',
    tag: 'Positions',
    summary: 'Report the positions a phone kept while it was offline, in any order',
    description: 'Of the driver who asks; the newest counts.',
    answers: { 200: answers.keptFixesView },
    example: { fixes: [{ ...BERLIN, recordedAt: '2026-11-22T14:00:00Z' }] },
  },
  'POST /v1/locations': {
    id: 'reportLocations',
    tag: 'Positions',
    summary: 'Report up to 1,000 positions of one shop’s drivers',
    answers: { 200: answers.fixesView },
    example: { fixes: [{ driverId: DRIVER_ID, ...BERLIN }] },
  },
} as const satisfies Record<string, Operation>;
