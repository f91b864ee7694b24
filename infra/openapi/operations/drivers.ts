import * as answers from '#shared/contract/answers.ts';
import { BERLIN, DRIVER_ID } from './examples.ts';
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
  'POST /v1/drivers/:id/locations': {
    id: 'reportKeptLocations',
    tag: 'Positions',
    summary: 'Report the positions a phone kept while it was offline, in any order',
    description: 'Of the driver who asks; the newest counts.',
    answers: { 200: answers.keptFixesView },
    idempotent: false,
    example: { fixes: [{ ...BERLIN, recordedAt: '2026-11-22T14:00:00Z' }] },
  },
  'POST /v1/locations': {
    id: 'reportLocations',
    tag: 'Positions',
    summary: 'Report up to 1,000 positions of one shop’s drivers',
    answers: { 200: answers.fixesView },
    idempotent: false,
    example: { fixes: [{ driverId: DRIVER_ID, ...BERLIN }] },
  },
} as const satisfies Record<string, Operation>;
