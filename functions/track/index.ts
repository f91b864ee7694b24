import page from 'page:track';
import * as v from 'valibot';
import type { PageDeps } from '#shared/composition/page-deps.ts';
import { deliveryId } from '#shared/contract/nouns.ts';
import { arrivalOf } from '#shared/flows/arrival.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { readPhoto } from '#shared/flows/proofs.ts';
import { type TrackingFound, trackDelivery } from '#shared/flows/tracking.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { pageFile, renderPage } from '#shared/http/page.ts';
import { Problem } from '#shared/http/problem.ts';
import { isSecure } from '#shared/http/session.ts';

const ofDelivery = v.object({ id: deliveryId });
const byToken = v.object({ token: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)) });

/** What a messenger shows under the link that it was sent: nothing of whose delivery it is, for whoever sees it there. */
const HEAD = Object.entries({
  'og:type': 'website',
  'og:title': 'Your delivery',
  'og:description': 'See where your order is, and when it arrives.',
})
  .map(([property, content]) => `<meta property="${property}" content="${content}">`)
  .concat('<meta name="robots" content="noindex">', '<meta name="theme-color" content="#0b6e4f">')
  .join('');

/** The same page for every token, good or not: what it shows comes from `/v1/track`. */
const getPage = endpoint({
  method: 'GET',
  path: '/track/:token',
  auth: 'none',
  params: byToken,
  handle: ({ headers }, deps: PageDeps) =>
    renderPage(page, {
      secure: isSecure(headers, deps.publicUrl),
      title: 'Your delivery',
      base: '/track',
      map: deps.map,
      head: HEAD,
    }),
});

const getAsset = endpoint({
  method: 'GET',
  path: '/track/assets/:file',
  auth: 'none',
  handle: ({ params }) => pageFile(page, params.file),
});

const getTracking = endpoint({
  method: 'GET',
  path: '/v1/track/:token',
  auth: 'none',
  params: byToken,
  handle: async ({ params }, deps: PageDeps) => ({ status: 200, body: (await found(params.token, deps)).view }),
});

const getTrackingPhoto = endpoint({
  method: 'GET',
  path: '/v1/track/:token/photo',
  auth: 'none',
  params: byToken,
  handle: async ({ params }, deps: PageDeps) => {
    const { view, delivery } = await found(params.token, deps);
    const photo = view.proof?.hasPhoto
      ? await readPhoto(deps.objects, { shopId: delivery.shopId, deliveryId: delivery.id })
      : null;
    if (photo === null) throw new Problem('not_found');
    return {
      status: 200,
      body: photo.bytes,
      headers: { 'content-type': photo.type, 'cache-control': 'private, no-store' },
    };
  },
});

async function found(token: string, deps: PageDeps): Promise<TrackingFound> {
  const id = deps.links.deliveryOf(token);
  const tracked = id && (await trackDelivery(deps, id));
  if (!tracked) throw new Problem('not_found', 'This link is not valid, or no longer');
  return tracked;
}

const getLink = endpoint({
  method: 'GET',
  path: '/v1/deliveries/:id/tracking',
  auth: ['shop:read'],
  params: ofDelivery,
  handle: async ({ principal, params }, deps: PageDeps) => {
    if ((await readDelivery(deps, principal.shopId, params.id, null)) === null) throw new Problem('not_found');
    return { status: 200, body: { path: `/track/${deps.links.tokenOf(params.id)}`, url: deps.links.urlOf(params.id) } };
  },
});

const getEta = endpoint({
  method: 'GET',
  path: '/v1/deliveries/:id/eta',
  auth: ['shop:read', 'driver'],
  params: ofDelivery,
  handle: async ({ principal, params }, deps: PageDeps) => {
    const holder = principal.kind === 'driver' ? principal.driverId : null;
    const delivery = (await readDelivery(deps, principal.shopId, params.id, holder))?.delivery;
    if (delivery === undefined) throw new Problem('not_found');
    const arrival = await arrivalOf(deps, delivery, deps.clock.nowMs());
    return { status: 200, body: arrival ?? { etaS: null, source: null } };
  },
});

export const endpoints = [getPage, getAsset, getTracking, getTrackingPhoto, getLink, getEta];
