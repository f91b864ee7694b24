import * as v from 'valibot';
import { cursor, driverId, list } from '#shared/contract/nouns.ts';
import { changesSince, positionsOf } from '#shared/flows/changes.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import type { ServiceDeps } from '#shared/runtime/deps.ts';

/** For hosts that cannot stream (API Gateway), and pages behind proxies that will not: the same feed, asked for. */
const getChanges = endpoint({
  method: 'GET',
  path: '/v1/changes',
  auth: ['shop:read'],
  query: v.object({ after: v.optional(cursor) }),
  handle: async ({ principal, query }, deps: ServiceDeps) => {
    const changes = await changesSince(deps, principal.shopId, query.after ?? null);
    return { status: 200, body: changes };
  },
});

/** Where the drivers on duty are: asked with `ids`, as many as are shown. */
const getPositions = endpoint({
  method: 'POST',
  path: '/v1/positions',
  auth: ['shop:read'],
  body: v.object({ driverIds: list(driverId, { max: 5_000 }) }),
  bodyLimit: 256 * 1024,
  handle: async ({ principal, body }, deps: ServiceDeps) => ({
    status: 200,
    body: { positions: await positionsOf(deps, principal.shopId, body.driverIds, true) },
  }),
});

/** What mount-stream.ts serves, beside the endpoints: an answer that does not end is none of theirs. */
export const stream = { method: 'GET', path: '/v1/stream', auth: ['shop:read'], schemas: {} } as const;

export const endpoints = [getChanges, getPositions];
