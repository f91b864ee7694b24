import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 40_000;
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** By path, what a tile server was told of where its tiles are shown. */
const asked = new Map<string, string | undefined>();
const tiles = http.createServer((request, response) => {
  asked.set(request.url ?? '', request.headers.referer);
  response.writeHead(200, { 'content-type': 'image/png' }).end(PIXEL);
});
let stage: Stage;
let browser: TestBrowser;

beforeAll(async () => {
  await once(tiles.listen(0, '127.0.0.1'), 'listening');
  const { port } = tiles.address() as AddressInfo;
  stage = await openStage({ MAP_TILE_URL: `http://127.0.0.1:${port}/{z}/{x}/{y}.png`, MAP_ATTRIBUTION: 'Tiles' });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
  tiles.closeAllConnections();
  tiles.close();
});

test(
  'a tile server is told whose page shows its tiles, which OpenStreetMap asks for, and not which page',
  async () => {
    await browser.visit(await stage.loginLink());
    await expect.poll(() => asked.size, { timeout: 10_000 }).toBeGreaterThan(3);
    expect(new Set(asked.values())).toEqual(new Set([`${stage.url}/`]));
    expect([...asked.keys()].filter((each) => !/^\/\d+\/\d+\/\d+\.png$/.test(each))).toEqual([]);
    // Nothing else goes to another host, and the policy of the page lets the tiles in.
    const faults = browser.faults().filter((fault) => !fault.startsWith('asked 127.0.0.1:'));
    expect(faults).toEqual([]);
  },
  SLOW_MS,
);
