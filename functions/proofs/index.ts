import * as v from 'valibot';
import type { PhotoDeps } from '#shared/composition/page-deps.ts';
import { deliveryId } from '#shared/contract/nouns.ts';
import { trackingToken } from '#shared/contract/tracking.ts';
import { type DeliveryStatus, isActive } from '#shared/domain/delivery.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { forgetPhoto, keepPhoto, photoTakenBy, readPhoto } from '#shared/flows/proof-of-delivery.ts';
import { trackByToken } from '#shared/flows/tracking.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { assertWithin } from '#shared/http/limits.ts';
import type { Principal } from '#shared/http/principal.ts';
import { Problem } from '#shared/http/problem.ts';
import { type DeliveryRow, mayDriverSeePhoto } from '#shared/mappers/seen-by-driver.ts';
import { postErasure } from './erasures.ts';

/* Photographs of the handing over: kept, shown and taken away. Of all functions this one alone reaches where they are. */

const PHOTO_LIMIT = 2 * 1024 * 1024;

const ofDelivery = v.object({ id: deliveryId });

function answerPhoto(photo: Awaited<ReturnType<typeof readPhoto>>) {
  if (photo === null) throw new Problem('not_found');
  const headers = { 'content-type': photo.type, 'cache-control': 'private, no-store' };
  return { status: 200, body: photo.bytes, headers };
}

/** A photograph, kept before the parcel counts as delivered; the answer's `photoUrl` goes into the proof. */
const postProof = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/proof',
  auth: ['driver', 'shop:dispatch'],
  keepsNothing: true,
  params: ofDelivery,
  bodyLimit: PHOTO_LIMIT,
  handle: async ({ principal, params, rawBody }, deps: PhotoDeps) => {
    const holder = principal.kind === 'driver' ? principal.driverId : null;
    const delivery = (await readDelivery(deps, principal.shopId, params.id, holder))?.delivery;
    if (delivery === undefined) throw new Problem('not_found');
    const status = delivery.status as DeliveryStatus;
    if (!isActive(status))
      throw new Problem('conflict_state', `It is ${status}`, { extra: { deliveryStatus: status } });
    if (!(await keepPhoto(deps, { shopId: principal.shopId, deliveryId: params.id }, rawBody, holder))) {
      throw new Problem('unsupported_media', 'A JPEG, PNG or WebP picture is needed');
    }
    // Whoever asks can claim any Host: where we are is what the settings say, or a path.
    const base = deps.publicUrl?.replace(/\/$/, '') ?? '';
    return { status: 201, body: { photoUrl: `${base}/v1/deliveries/${params.id}/proof` } };
  },
});

const getProof = endpoint({
  method: 'GET',
  path: '/v1/deliveries/:id/proof',
  auth: ['shop:read', 'driver'],
  params: ofDelivery,
  handle: async ({ principal, params }, deps: PhotoDeps) => {
    const holder = principal.kind === 'driver' ? principal.driverId : null;
    const known = await readDelivery(deps, principal.shopId, params.id, holder);
    if (known === null || !(await maySeePhoto(principal, known.delivery, deps))) throw new Problem('not_found');
    return answerPhoto(await readPhoto(deps.objects, { shopId: principal.shopId, deliveryId: params.id }));
  },
});

/**
 * A driver sees their own, not that of whoever tried before, and not for longer than the address. One that nobody noted
 * is not asked for: a bucket whose holder may not list it answers for what it does not have as for what it must not give.
 */
async function maySeePhoto(principal: Principal, row: DeliveryRow, deps: PhotoDeps): Promise<boolean> {
  const takenBy = await photoTakenBy(deps, row.id);
  if (takenBy === undefined) return false;
  return principal.kind !== 'driver' || mayDriverSeePhoto(row, takenBy, principal.driverId, deps.clock.nowMs());
}

/** The recipient may ask for it: it shows their door. The rest of the proof stays. */
const deleteProof = endpoint({
  method: 'DELETE',
  path: '/v1/deliveries/:id/proof',
  auth: ['shop:dispatch'],
  keepsNothing: true,
  params: ofDelivery,
  handle: async ({ principal, params }, deps: PhotoDeps) => {
    const known = await readDelivery(deps, principal.shopId, params.id, null);
    if (known === null) throw new Problem('not_found');
    await forgetPhoto(deps, { shopId: principal.shopId, deliveryId: params.id });
    return { status: 204 };
  },
});

/** The same picture for who was sent the customer's link. */
const getTrackingPhoto = endpoint({
  method: 'GET',
  path: '/v1/track/:token/photo',
  auth: 'none',
  params: v.object({ token: trackingToken }),
  handle: async ({ params }, deps: PhotoDeps) => {
    assertWithin(deps.limits?.spendLink(deps.links.deliveryOf(params.token)) ?? null);
    const tracked = await trackByToken(deps, params.token);
    if (tracked === null) throw new Problem('not_found', 'This link is not valid, or no longer');
    const { view, delivery } = tracked;
    // It may also say that there is one elsewhere.
    if (!view.proof?.hasPhoto || (await photoTakenBy(deps, delivery.id)) === undefined) throw new Problem('not_found');
    return answerPhoto(await readPhoto(deps.objects, { shopId: delivery.shopId, deliveryId: delivery.id }));
  },
});

export const endpoints = [postProof, getProof, deleteProof, getTrackingPhoto, postErasure];
