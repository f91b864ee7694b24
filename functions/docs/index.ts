import { endpoint } from '#shared/http/endpoint.ts';
import document from './openapi.json' with { type: 'json' };
import { type OpenApi, renderPage } from './page.ts';

/* The description of the interface: `npm run openapi` writes the file, a test keeps it fresh; the server alone serves it. */

const CACHE = { 'cache-control': 'public, max-age=300' };
/** Made once, as bytes: however many are being sent them, and read or not, they are in memory once. */
let documentBytes: Buffer | undefined;
let page: { bytes: Buffer; styleHash: string } | undefined;

const getDocument = endpoint({
  method: 'GET',
  path: '/openapi.json',
  auth: 'none',
  sparesPostgres: true,
  handle: (_input, _deps: object) => {
    documentBytes ??= Buffer.from(JSON.stringify(document));
    const headers = { ...CACHE, 'content-type': 'application/json', 'access-control-allow-origin': '*' };
    return { status: 200, body: documentBytes, headers };
  },
});

/** The document as one page without scripts: nothing in it can ask anybody for anything. */
const getPage = endpoint({
  method: 'GET',
  path: '/docs',
  auth: 'none',
  sparesPostgres: true,
  handle: (_input, _deps: object) => {
    page ??= pageBytes();
    const { bytes, styleHash } = page;
    const policy = `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
    return {
      status: 200,
      body: bytes,
      headers: { ...CACHE, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    };
  },
});

function pageBytes() {
  const { html, styleHash } = renderPage(document as unknown as OpenApi);
  return { bytes: Buffer.from(html), styleHash };
}

export const endpoints = [getDocument, getPage];
