import page from 'page:drive';
import type { PageDeps } from '#shared/composition/page-deps.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { pageFile, renderPage } from '#shared/http/page.ts';
import { isSecure } from '#shared/http/session.ts';

const getPage = endpoint({
  method: 'GET',
  path: '/drive',
  auth: 'none',
  sparesPostgres: true,
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
  sparesPostgres: true,
  handle: ({ params }) => pageFile(page, params.file),
});

/** Under a name that stays, since a browser asks it for its successor. */
const getWorker = endpoint({
  method: 'GET',
  path: '/drive/worker.js',
  auth: 'none',
  sparesPostgres: true,
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
  sparesPostgres: true,
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

export const endpoints = [getPage, getAsset, getWorker, getManifest];
