import * as v from 'valibot';
import * as live from '#shared/contract/live.ts';
import { cursor } from '#shared/contract/nouns.ts';
import { schemaOf } from '../json-schema.ts';
import { DRIVER_ID } from './examples.ts';
import type { Operation } from './operation.ts';

/** What those who watch a shop ask for; the console is one of them. */
export const LIVE = {
  'GET /v1/changes': {
    id: 'listChanges',
    tag: 'Live',
    summary: 'What has changed since a cursor; without one, everything that is going on',
    description:
      'Each change comes once, as the whole row; out of turn where you ask twice at once: keep what has the higher `version`. `full`: these are all there are, forget what you had; also the answer to a cursor that is too old, or from before a start of Postgres. With `limit` everything comes in pages, the newest deliveries first: go on with `more` until it is null, then with `after`, the cursor of the first page. However many ask at once for everything, it is read once for all of them, and after a rest again.',
    answers: { 200: live.changesView },
  },
  'GET /v1/stream': {
    id: 'streamChanges',
    tag: 'Live',
    summary: 'The same as server-sent events, as they happen',
    description:
      'Begins with everything since `Last-Event-ID`, or with everything. A `tick` says that nothing happened and the cursor has moved on. The id of an event is a cursor; `positions` have none. Ends after ten minutes: come back with the last id, as a browser’s EventSource does by itself. Only where the host is a server; behind API Gateway ask `/v1/changes`.',
    parameters: [
      {
        name: 'Last-Event-ID',
        in: 'header',
        required: false,
        description: 'The id of the last event that was read',
        schema: schemaOf(cursor),
      },
    ],
    answers: { 200: null },
    gives: {
      'text/event-stream': { events: { changes: live.changesView, positions: live.movesView, tick: v.object({}) } },
    },
  },
  'POST /v1/positions': {
    id: 'listPositions',
    tag: 'Live',
    summary: 'Where drivers are: those named, as far as it is known',
    description: 'Each as `[driverId, lat, lon, recordedAt in ms since 1970; 0 where it is not known]`.',
    answers: { 200: live.positionsView },
    example: { driverIds: [DRIVER_ID] },
  },
  'GET /v1/numbers': {
    id: 'getNumbers',
    tag: 'Live',
    summary: 'What the shop did since a moment, usually the caller’s midnight',
    answers: { 200: live.statsView },
  },
} as const satisfies Record<string, Operation>;
