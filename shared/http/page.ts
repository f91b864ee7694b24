import { TILE_SUBDOMAINS } from '../domain/tiles.ts';
import type { Answer } from './endpoint.ts';
import { Problem } from './problem.ts';

/** A page, bundled: file names carry the hash of what is in them. */
export interface Page {
  script: string;
  style: string;
  worker: string | null;
  icon: string | null;
  files: Readonly<Record<string, { type: string; text: string }>>;
}

export interface MapSettings {
  tileUrl: string;
  attribution: string;
}

const YEAR_S = 31_536_000;

/**
 * The document around a page. Its script and style are files of this origin; nothing is inline, and the browser is told
 * to fetch nothing from anywhere else, except map tiles where they are configured.
 * @param options.base where the page's assets are: `<base>/assets/<file>`
 * @param options.facts told to the script in `<meta>` elements
 */
export function renderPage(
  page: Page,
  options: {
    title: string;
    base: string;
    map: MapSettings | null;
    facts?: Readonly<Record<string, string>>;
    head?: string;
    /** Whence the page shows a picture, besides tiles. */
    picture?: string | null;
    /** The browser came by https: from now on it comes by nothing else. */
    secure: boolean;
  },
): Answer {
  const { title, base, map, facts = {}, head = '', picture = null, secure } = options;
  const told = { ...facts, ...(map && { 'map-tiles': map.tileUrl, 'map-attribution': map.attribution }) };
  const metas = Object.entries(told).map(([name, content]) => `<meta name="${name}" content="${escaped(content)}">`);
  const icon = page.icon ? `<link rel="icon" href="${base}/assets/${page.icon}" type="image/svg+xml">` : '';
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">${metas.join('')}${icon}${head}
<link rel="stylesheet" href="${base}/assets/${page.style}">
<script type="module" src="${base}/assets/${page.script}"></script>
</head><body><div id="app"></div><noscript>This page needs JavaScript.</noscript></body></html>`;
  return {
    status: 200,
    body,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': policy(map, picture),
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      ...(secure && { 'strict-transport-security': `max-age=${YEAR_S}` }),
      'permissions-policy': 'geolocation=(self), camera=(self), microphone=()',
    },
  };
}

/** One file of a page; it may be kept for ever, since another content has another name. */
export function pageFile(page: Page, name: string | undefined): Answer {
  const file = name !== undefined && Object.hasOwn(page.files, name) ? page.files[name] : undefined;
  if (file === undefined) throw new Problem('not_found');
  return {
    status: 200,
    body: file.text,
    headers: { 'content-type': file.type, 'cache-control': `public, max-age=${YEAR_S}, immutable` },
  };
}

function policy(map: MapSettings | null, picture: string | null): string {
  const images = ["'self'", 'data:', 'blob:', ...(map === null ? [] : originsOf(map.tileUrl))];
  if (picture !== null) images.push(new URL(picture).origin);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src ${images.join(' ')}`,
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** `https://{s}.tiles.example/…` comes from a.tiles.example and its neighbours. */
function originsOf(tileUrl: string): string[] {
  const origin = /^https?:\/\/[^/]+/.exec(tileUrl)![0];
  return origin.includes('{s}') ? TILE_SUBDOMAINS.map((name) => origin.replaceAll('{s}', name)) : [origin];
}

/** Text in an attribute or an element. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
