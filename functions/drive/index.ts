import page from 'page:drive';
import * as v from 'valibot';
import type { PageDeps } from '#shared/composition/page-deps.ts';
import { FIXES_MAX, fix } from '#shared/contract/locations.ts';
import { deliveryId, driverId, sparingList } from '#shared/contract/nouns.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { type DeliveryStatus, isActive } from '#shared/domain/delivery.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { forgetPhoto, keepPhoto, photoTakenBy, readPhoto } from '#shared/flows/proofs.ts';
import { reportFixes, reportOf } from '#shared/flows/report-fixes.ts';
import { type DeliveryRow, mayDriverSeePhoto } from '#shared/flows/seen-by-driver.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { pageFile, renderPage } from '#shared/http/page.ts';
import type { Principal } from '#shared/http/principal.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply } from '#shared/http/reply.ts';
import { isSecure } from '#shared/http/session.ts';
import { postErasure } from './erasures.ts';

const PHOTO_LIMIT = 2 * 1024 * 1024;

const ofDelivery = v.object({ id: deliveryId });

const getPage = endpoint({
  method: 'GET',
  path: '/drive',
  auth: 'none',
  handle: async ({ headers }, deps: PageDeps) =>
    renderPage(page, {
      secure: isSecure(headers, deps.publicUrl),
      title: 'Drive',
      base: '/drive',
      map: deps.map,
      head: `<link rel="manifest" href="/drive/manifest.webmanifest"><meta name="theme-color" content="#0b6e4f">${await pushKeyOf(deps)}`,
    }),
});

/** The page opens also where Postgres is away; then its browser cannot be registered. */
async function pushKeyOf({ pushKey }: PageDeps): Promise<string> {
  try {
    return `<meta name="push-key" content="${await pushKey.publicKey()}">`;
  } catch (error) {
    if (!(error instanceof DependencyAway)) throw error;
    return '';
  }
}

const getAsset = endpoint({
  method: 'GET',
  path: '/drive/assets/:file',
  auth: 'none',
  handle: ({ params }) => pageFile(page, params.file),
});

/** Under a name that stays, since a browser asks it for its successor. */
const getWorker = endpoint({
  method: 'GET',
  path: '/drive/worker.js',
  auth: 'none',
  handle: () => {
    const { body, status } = pageFile(page, page.worker ?? undefined);
    const headers = {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      'service-worker-allowed': '/drive',
    };
    return { status, body, headers };
  },
});

const getManifest = endpoint({
  method: 'GET',
  path: '/drive/manifest.webmanifest',
  auth: 'none',
  handle: () => ({
    status: 200,
    headers: { 'content-type': 'application/manifest+json', 'cache-control': 'no-cache' },
    body: JSON.stringify({
      name: 'Drive',
      short_name: 'Drive',
      id: '/drive',
      start_url: '/drive',
      scope: '/drive',
      display: 'standalone',
      background_color: '#10201b',
      theme_color: '#0b6e4f',
      icons: [{ src: `/drive/assets/${page.icon}`, sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
    }),
  }),
});

/** What a phone has kept while it was offline, oldest first or not: the newest counts. */
const postLocations = endpoint({
  method: 'POST',
  path: '/v1/drivers/:id/locations',
  auth: ['driver'],
  params: v.object({ id: driverId }),
  body: v.object({ fixes: sparingList(fix, { min: 1, max: FIXES_MAX }) }),
  bodyLimit: 256 * 1024,
  handle: async (input, deps: PageDeps) => {
    const { principal, params, body, receivedAtMs } = input;
    if (principal.driverId !== params.id) throw new Problem('not_found');
    const caller = callerOf(input);
    const clocks = { receivedAtMs, nowMs: deps.clock.nowMs() };
    const said = body.fixes.filter((each) => each !== null);
    const reports = said.map((each) => reportOf(params.id, each, clocks));
    const outcomes = await reportFixes(deps, caller, principal.shopId, reports);
    if (outcomes.includes('unknown')) throw new Problem('not_found');
    const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
    return reply(caller, 200, {
      accepted,
      outdated: outcomes.length - accepted,
      invalid: body.fixes.length - said.length,
    });
  },
});

/** A photograph, kept before the parcel counts as delivered; the answer's `photoUrl` goes into the proof. */
const postProof = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/proof',
  auth: ['driver', 'shop:dispatch'],
  params: ofDelivery,
  bodyLimit: PHOTO_LIMIT,
  handle: async ({ principal, params, rawBody }, deps: PageDeps) => {
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
  handle: async ({ principal, params }, deps: PageDeps) => {
    const holder = principal.kind === 'driver' ? principal.driverId : null;
    const known = await readDelivery(deps, principal.shopId, params.id, holder);
    if (known === null || !(await maySeePhoto(principal, known.delivery, deps))) throw new Problem('not_found');
    const photo = await readPhoto(deps.objects, { shopId: principal.shopId, deliveryId: params.id });
    if (photo === null) throw new Problem('not_found');
    return {
      status: 200,
      body: photo.bytes,
      headers: { 'content-type': photo.type, 'cache-control': 'private, no-store' },
    };
  },
});

/** A driver sees their own, not that of whoever tried before, and not for longer than the address. */
async function maySeePhoto(principal: Principal, row: DeliveryRow, deps: PageDeps): Promise<boolean> {
  if (principal.kind !== 'driver') return true;
  const takenBy = (await photoTakenBy(deps, row.id)) ?? null;
  return mayDriverSeePhoto(row, takenBy, principal.driverId, deps.clock.nowMs());
}

/** The recipient may ask for it: it shows their door. The rest of the proof stays. */
const deleteProof = endpoint({
  method: 'DELETE',
  path: '/v1/deliveries/:id/proof',
  auth: ['shop:dispatch'],
  params: ofDelivery,
  handle: async ({ principal, params }, deps: PageDeps) => {
    const known = await readDelivery(deps, principal.shopId, params.id, null);
    if (known === null) throw new Problem('not_found');
    await forgetPhoto(deps, { shopId: principal.shopId, deliveryId: params.id });
    return { status: 204 };
  },
});

export const endpoints = [
  getPage,
  getAsset,
  getWorker,
  getManifest,
  postLocations,
  postProof,
  getProof,
  deleteProof,
  postErasure,
];
