import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { boardLimit, cursor, deliveryId, driverId, list } from '#shared/contract/nouns.ts';
import { boardBytes, boardPage, changesSince, positionsOf } from '#shared/flows/changes.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { pointsOfBytes } from '#shared/http/limits.ts';

const PAGE = 500;

/** For hosts that cannot stream (API Gateway), and pages behind proxies that will not: the same feed, asked for. */
const getChanges = endpoint({
  method: 'GET',
  path: '/v1/changes',
  auth: ['shop:read'],
  query: v.object({ after: v.optional(cursor), limit: v.optional(boardLimit), more: v.optional(deliveryId) }),
  handle: async ({ principal, query: { after, limit, more } }, deps: ServiceDeps) => {
    if (more !== undefined || (after === undefined && limit !== undefined)) {
      const page = await boardPage(deps, principal.shopId, more ?? null, limit ?? PAGE);
      return { status: 200, body: page };
    }
    if (after !== undefined) return { status: 200, body: await changesSince(deps, principal.shopId, after) };
    const body = await boardBytes(deps, principal.shopId);
    // What it costs is known now: thousands of rows are not as cheap as one.
    deps.limits?.spend(principal, pointsOfBytes(body.length), 'anyway');
    return { status: 200, body, headers: { 'content-type': 'application/json' } };
  },
});

/** Where the drivers on duty are: asked with `ids`, as many as are shown. */
const getPositions = endpoint({
  method: 'POST',
  path: '/v1/positions',
  auth: ['shop:read'],
  keepsNothing: true,
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
