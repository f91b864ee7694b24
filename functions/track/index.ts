import page from 'page:track';
import * as v from 'valibot';
import type { PageDeps } from '#shared/composition/page-deps.ts';
import { trackingToken } from '#shared/contract/tracking.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { shopOfLink } from '#shared/flows/tracking.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { escaped, pageFile, renderPage } from '#shared/http/page.ts';
import { isSecure } from '#shared/http/session.ts';

type Shop = Awaited<ReturnType<typeof shopOfLink>>;

/** What a messenger shows under the link that it was sent: whose shop it is, and nothing of whose delivery. */
function previewOf(shop: Shop): string {
  const said = {
    'og:type': 'website',
    'og:title': titleOf(shop),
    'og:description': 'See where your order is, and when it arrives.',
    ...(shop && { 'og:site_name': shop.name }),
    ...(shop?.logoUrl && { 'og:image': shop.logoUrl }),
  };
  return Object.entries(said)
    .map(([property, content]) => `<meta property="${property}" content="${escaped(content)}">`)
    .concat('<meta name="robots" content="noindex">', `<meta name="theme-color" content="${shop?.color ?? '#0b6e4f'}">`)
    .join('');
}

const titleOf = (shop: Shop) => (shop === null ? 'Your delivery' : `Your delivery · ${shop.name}`);

/** Without its database the page comes all the same, and says itself that it cannot go on. */
async function shopIfKnown(token: string, deps: PageDeps): Promise<Shop> {
  try {
    return await shopOfLink(deps, token);
  } catch (error) {
    if (error instanceof DependencyAway) return null;
    throw error;
  }
}

/** The same page for every token, good or not, but for the shop's name and picture: what it shows comes from `/v1/track`. */
const getPage = endpoint({
  method: 'GET',
  path: '/track/:token',
  auth: 'none',
  sparesPostgres: true,
  params: v.object({ token: trackingToken }),
  handle: async ({ headers, params }, deps: PageDeps) => {
    const shop = await shopIfKnown(params.token, deps);
    return renderPage(page, {
      secure: isSecure(headers, deps.publicUrl),
      title: titleOf(shop),
      base: '/track',
      map: deps.map,
      head: previewOf(shop),
      picture: shop?.logoUrl ?? null,
    });
  },
});

const getAsset = endpoint({
  method: 'GET',
  path: '/track/assets/:file',
  auth: 'none',
  sparesPostgres: true,
  handle: ({ params }) => pageFile(page, params.file),
});

export const endpoints = [getPage, getAsset];
