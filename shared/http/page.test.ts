import { expect, test } from 'vitest';
import { pageFile, renderPage } from './page.ts';

const page = {
  script: 'main-A.js',
  style: 'main-A.css',
  worker: null,
  icon: null,
  files: { 'main-A.js': { type: 'text/javascript', text: '1' } },
};

test('nothing inline, nothing from outside, unless tiles are configured', () => {
  const plain = renderPage(page, { title: 'A "page" <b>', base: '/x', map: null, secure: false });
  expect(plain.headers?.['content-security-policy']).toContain("img-src 'self' data: blob:;");
  expect(plain.body).toContain('<title>A &quot;page&quot; &lt;b></title>');
  expect(plain.body).toContain('src="/x/assets/main-A.js"');
  expect(String(plain.body)).not.toMatch(/<script(?![^>]*\bsrc=)|\bon\w+=|style="|https?:/);
  const tiles = { tileUrl: 'https://{s}.tiles.example/{z}/{x}/{y}.png', attribution: '© "them"' };
  const mapped = renderPage(page, { title: 'A', base: '/x', map: tiles, secure: true });
  expect(mapped.headers?.['content-security-policy']).toContain(
    "img-src 'self' data: blob: https://a.tiles.example https://b.tiles.example https://c.tiles.example;",
  );
  expect(mapped.body).toContain('content="© &quot;them&quot;"');
  const picture = 'https://pictures.example/a;b.png';
  const pictured = renderPage(page, { title: 'A', base: '/x', map: null, picture, secure: false });
  expect(pictured.headers?.['content-security-policy']).toContain('data: blob: https://pictures.example;');
  expect(plain.headers).not.toHaveProperty('strict-transport-security');
  expect(mapped.headers?.['strict-transport-security']).toBe('max-age=31536000');
});

test('a file is there under its own name only, for ever', () => {
  expect(pageFile(page, 'main-A.js').headers?.['cache-control']).toContain('immutable');
  for (const name of ['main-B.js', '__proto__', 'constructor', undefined]) expect(() => pageFile(page, name)).toThrow();
});
