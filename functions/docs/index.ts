import { endpoint } from '#shared/http/endpoint.ts';
import document from './openapi.json' with { type: 'json' };
import { type OpenApi, renderPage } from './page.ts';

/* The description of the interface: `npm run openapi` writes the file, a test keeps it fresh; the server alone serves it. */

const CACHE = { 'cache-control': 'public, max-age=300' };
let page: ReturnType<typeof renderPage> | undefined;

const getDocument = endpoint({
  method: 'GET',
  path: '/openapi.json',
  auth: 'none',
  sparesPostgres: true,
  handle: (_input, _deps: object) => ({
    status: 200,
    body: document,
    headers: { ...CACHE, 'access-control-allow-origin': '*' },
  }),
});

/** The document as one page without scripts: nothing in it can ask anybody for anything. */
const getPage = endpoint({
  method: 'GET',
  path: '/docs',
  auth: 'none',
  sparesPostgres: true,
  handle: (_input, _deps: object) => {
    page ??= renderPage(document as unknown as OpenApi);
    const { html, styleHash } = page;
    const policy = `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
    return {
      status: 200,
      body: html,
      headers: { ...CACHE, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    };
  },
});

export const endpoints = [getDocument, getPage];
