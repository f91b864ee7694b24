import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { driverId } from '#shared/contract/nouns.ts';
import { pushEndpoint, pushSubscription } from '#shared/contract/push.ts';
import { registerPhone, unregisterPhone } from '#shared/flows/phones.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import type { DriverPrincipal, ShopPrincipal } from '#shared/http/principal.ts';
import { invalid, Problem } from '#shared/http/problem.ts';

const ofDriver = v.object({ id: driverId });

/** With this a browser makes a subscription that this service alone can use. */
const getPush = endpoint({
  method: 'GET',
  path: '/v1/drivers/:id/push',
  auth: ['driver', 'shop:read'],
  params: ofDriver,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    assertOwn(principal, params.id);
    return { status: 200, body: { publicKey: await deps.pushKey.publicKey() } };
  },
});

/** An installation that calls its own network is one for tests: there anything goes. */
const putPush = endpoint({
  method: 'PUT',
  path: '/v1/drivers/:id/push',
  auth: ['driver', 'shop:dispatch'],
  keepsNothing: true,
  params: ofDriver,
  body: pushSubscription,
  handle: async ({ principal, params, body }, deps: ServiceDeps) => {
    assertOwn(principal, params.id);
    if (!deps.webhooks.allowPrivate && !body.endpoint.startsWith('https:')) {
      throw invalid([{ pointer: '/endpoint', detail: 'must be https://' }]);
    }
    const deviceId = (principal.kind === 'driver' && principal.deviceId) || null;
    const which = { shopId: principal.shopId, driverId: params.id, deviceId };
    if (!(await registerPhone(deps, which, body))) throw new Problem('not_found');
    return { status: 204 };
  },
});

const deletePush = endpoint({
  method: 'DELETE',
  path: '/v1/drivers/:id/push',
  auth: ['driver', 'shop:dispatch'],
  keepsNothing: true,
  params: ofDriver,
  body: pushEndpoint,
  handle: async ({ principal, params, body }, deps: ServiceDeps) => {
    assertOwn(principal, params.id);
    await unregisterPhone(deps, { shopId: principal.shopId, driverId: params.id }, body.endpoint);
    return { status: 204 };
  },
});

function assertOwn(principal: DriverPrincipal | ShopPrincipal, id: string): void {
  if (principal.kind === 'driver' && principal.driverId !== id) throw new Problem('not_found');
}

export const pushEndpoints = [getPush, putPush, deletePush];
