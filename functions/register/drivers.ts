import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { driverChange, driverQuery, newDriver, newToken } from '#shared/contract/drivers.ts';
import { driverId } from '#shared/contract/nouns.ts';
import { eraseDriver, exportDriver } from '#shared/flows/driver-data.ts';
import {
  changeDriver,
  grantToken,
  listDrivers,
  readDriver,
  registerDriver,
  retireDriver,
} from '#shared/flows/drivers.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { driverView } from '#shared/mappers/views.ts';

const ofDriver = v.object({ id: driverId });

const createDriver = endpoint({
  method: 'POST',
  path: '/v1/drivers',
  auth: ['shop:dispatch'],
  body: newDriver,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const { result, headers } = settled(await registerDriver(deps, caller, input.principal.shopId, input.body));
    switch (result.outcome) {
      case 'created':
        return reply(caller, 201, driverView(result.driver), {
          ...headers,
          location: `/v1/drivers/${result.driver.id}`,
        });
      case 'ref_taken':
        throw new Problem('already_exists', 'Another driver of this shop has this externalRef', {
          extra: { errors: [{ pointer: '/externalRef', detail: 'is taken' }] },
        });
    }
  },
});

const getDrivers = endpoint({
  method: 'GET',
  path: '/v1/drivers',
  auth: ['shop:read'],
  query: driverQuery,
  handle: async ({ principal, query }, deps: ServiceDeps) => {
    const page = await listDrivers(deps, principal.shopId, {
      status: query.status ?? null,
      retired: query.retired === 'true',
      cursor: query.cursor ?? null,
      limit: query.limit,
    });
    return { status: 200, body: { items: page.items.map(driverView), next: page.next } };
  },
});

const getDriver = endpoint({
  method: 'GET',
  path: '/v1/drivers/:id',
  auth: ['shop:read', 'driver'],
  params: ofDriver,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    assertSelf(principal, params.id);
    const row = await readDriver(deps, principal.shopId, params.id);
    if (row === null) throw new Problem('not_found');
    return { status: 200, body: driverView(row) };
  },
});

const patchDriver = endpoint({
  method: 'PATCH',
  path: '/v1/drivers/:id',
  auth: ['shop:dispatch'],
  params: ofDriver,
  body: driverChange,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shopId: input.principal.shopId, driverId: input.params.id };
    const { result, headers } = settled(await changeDriver(deps, caller, which, input.body));
    switch (result.outcome) {
      case 'changed':
        return reply(caller, 200, driverView(result.driver), headers);
      case 'ref_taken':
        throw new Problem('already_exists', 'Another driver of this shop has this externalRef', {
          extra: { errors: [{ pointer: '/externalRef', detail: 'is taken' }] },
        });
      case 'capacity_in_use':
        throw new Problem('driver_busy', `They carry ${result.driver.load}; the capacity cannot be less`, {
          extra: { load: result.driver.load },
        });
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const deleteDriver = endpoint({
  method: 'DELETE',
  path: '/v1/drivers/:id',
  auth: ['shop:dispatch'],
  params: ofDriver,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shopId: input.principal.shopId, driverId: input.params.id };
    const { result, headers } = settled(await retireDriver(deps, caller, which));
    switch (result.outcome) {
      case 'retired':
        return reply(caller, 204, undefined, headers);
      case 'busy':
        throw new Problem('driver_busy', `They carry ${result.driver.load}; unassign or finish that first`, {
          extra: { load: result.driver.load },
        });
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const getExport = endpoint({
  method: 'GET',
  path: '/v1/drivers/:id/export',
  auth: ['shop:dispatch', 'driver'],
  params: ofDriver,
  handle: async (input, deps: ServiceDeps) => {
    assertSelf(input.principal, input.params.id);
    const caller = callerOf(input);
    const found = await exportDriver(deps, caller, { shopId: input.principal.shopId, driverId: input.params.id });
    if (found === null) throw new Problem('not_found');
    return reply(caller, 200, found);
  },
});

const postErase = endpoint({
  method: 'POST',
  path: '/v1/drivers/:id/erase',
  auth: ['shop:admin'],
  params: ofDriver,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shopId: input.principal.shopId, driverId: input.params.id };
    const { result, headers } = settled(await eraseDriver(deps, caller, which));
    switch (result.outcome) {
      case 'erased':
        return reply(caller, 204, undefined, headers);
      case 'busy':
        throw new Problem('driver_busy', `They carry ${result.load}; unassign or finish that first`, {
          extra: { load: result.load },
        });
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const postToken = endpoint({
  method: 'POST',
  path: '/v1/drivers/:id/tokens',
  auth: ['shop:dispatch'],
  params: ofDriver,
  body: v.optional(newToken, {}),
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shopId: input.principal.shopId, driverId: input.params.id };
    const { result, headers } = settled(await grantToken(deps, caller, which, input.body.revokePrevious));
    switch (result.outcome) {
      case 'granted': {
        const claims = {
          driverId: which.driverId,
          shopId: which.shopId,
          tokenVersion: result.token_version,
          shopTokenVersion: result.shop_token_version,
        };
        const when = { issuedAtS: result.issued_at_s, ttlS: input.body.expiresInS };
        return reply(caller, 201, { driverId: which.driverId, ...(await deps.tokens.sign(claims, when)) }, headers);
      }
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

/** Drivers may ask about themselves only; another driver is as unknown to them as one of another shop. */
function assertSelf(principal: { kind: string; driverId?: string }, id: string): void {
  if (principal.kind === 'driver' && principal.driverId !== id) throw new Problem('not_found');
}

export const driverEndpoints = [
  createDriver,
  getDrivers,
  getDriver,
  patchDriver,
  deleteDriver,
  getExport,
  postErase,
  postToken,
];
