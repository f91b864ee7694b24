import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { dispatch } from '#shared/http/dispatch.ts';
import { openRouter } from '#shared/http/router.ts';
import { openLog } from '#shared/runtime/log.ts';
import { endpoints } from './index.ts';

const route = openRouter(endpoints);
async function get(path: string) {
  const deps = { authenticate: async () => null, log: openLog({ level: 'silent' }), clock: { nowMs: Date.now } };
  const response = await dispatch(
    route('GET', path),
    { method: 'GET', path, rawQuery: '', headers: {}, readBody: async () => new Uint8Array() },
    deps,
  );
  return { ...response, body: Buffer.from(response.bytes ?? []).toString() };
}

test('the document is served as it was made', async () => {
  const { status, headers, body } = await get('/openapi.json');
  expect([status, headers['content-type'], JSON.parse(body).openapi]).toEqual([200, 'application/json', '3.1.1']);
});

test('whoever asks is sent the same bytes: made once, in memory once', async () => {
  for (const path of ['/openapi.json', '/docs']) {
    const [first, second] = [await get(path), await get(path)];
    expect(first.bytes).toBeInstanceOf(Uint8Array);
    expect(second.bytes).toBe(first.bytes);
  }
});

test('the page shows every operation and every schema, runs nothing and loads nothing', async () => {
  const { headers, body } = await get('/docs');
  const document = JSON.parse((await get('/openapi.json')).body);
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods as Record<string, { operationId: string }>).map(({ operationId }) => operationId),
  );
  expect(ids.length).toBeGreaterThan(30);
  for (const id of ids) expect(body.includes(`id="${id}"`), id).toBe(true);
  for (const name of Object.keys(document.components.schemas))
    expect(body.includes(`id="schema-${name}"`), name).toBe(true);
  expect(body).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|javascript:|src=|https?:\/\/[^\s<]*\.(js|css)/i);
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(body) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
});
