import page from 'page:track';
import * as v from 'valibot';
import type { PageDeps } from '#shared/composition/page-deps.ts';
import { trackingToken } from '#shared/contract/tracking.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { pageFile, renderPage } from '#shared/http/page.ts';
import { isSecure } from '#shared/http/session.ts';

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
  params: v.object({ token: trackingToken }),
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

export const endpoints = [getPage, getAsset];
