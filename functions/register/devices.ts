import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { newPairing, pairingCode } from '#shared/contract/drivers.ts';
import { deviceId, driverId } from '#shared/contract/nouns.ts';
import { listDevices, makePairing, pairDevice, withdrawDevice } from '#shared/flows/devices.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { deviceView } from '#shared/mappers/views.ts';

const ofDriver = v.object({ id: driverId });

/** Never kept under an idempotency key: whoever repeats it gets another code. */
const postPairing = endpoint({
  method: 'POST',
  path: '/v1/drivers/:id/pairings',
  auth: ['shop:dispatch'],
  keepsNothing: true,
  params: ofDriver,
  body: v.optional(newPairing, {}),
  handle: async ({ principal, params, body }, deps: ServiceDeps) => {
    const which = { shopId: principal.shopId, driverId: params.id };
    const made = await makePairing(deps, deps.pairingCodes, which, body.expiresInS);
    if (made === null) throw new Problem('not_found');
    return { status: 201, body: { driverId: params.id, ...made, path: `/drive#pair=${made.code}` } };
  },
});

/** The code is the proof; it works once. */
const postPair = endpoint({
  method: 'POST',
  path: '/v1/pairings',
  auth: 'none',
  body: pairingCode,
  handle: async ({ body }, deps: ServiceDeps) => {
    const device = await pairDevice(deps, deps.pairingCodes, body.code, body.deviceName);
    if (device === null) throw new Problem('unauthorized', 'This code was used, or is too old, or wrong');
    const claims = {
      driverId: device.driver_id,
      shopId: device.shop_id,
      deviceId: device.id,
      tokenVersion: device.token_version,
      shopTokenVersion: device.shop_token_version,
    };
    const token = await deps.tokens.sign(claims, { issuedAtS: device.issued_at_s, ttlS: device.ttl_s });
    return { status: 201, body: { driverId: device.driver_id, deviceId: device.id, ...token } };
  },
});

const getDevices = endpoint({
  method: 'GET',
  path: '/v1/drivers/:id/devices',
  auth: ['shop:read'],
  params: ofDriver,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    const devices = await listDevices(deps, { shopId: principal.shopId, driverId: params.id });
    if (devices === null) throw new Problem('not_found');
    return { status: 200, body: { items: devices.map(deviceView) } };
  },
});

/** A driver withdraws a phone of theirs, this one or one that was lost; the shop any. */
const deleteDevice = endpoint({
  method: 'DELETE',
  path: '/v1/drivers/:id/devices/:deviceId',
  auth: ['shop:dispatch', 'driver'],
  keepsNothing: true,
  params: v.object({ id: driverId, deviceId }),
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    if (principal.kind === 'driver' && principal.driverId !== params.id) throw new Problem('not_found');
    const which = { shopId: principal.shopId, driverId: params.id };
    if (!(await withdrawDevice(deps, which, params.deviceId))) throw new Problem('not_found');
    return { status: 204 };
  },
});

export const deviceEndpoints = [postPairing, postPair, getDevices, deleteDevice];
