import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { resolveOptions } from '../options';
import { DispatchClient } from './dispatch-client';
import type { DispatchMessage } from './messages';
import { verifySigned } from './signing';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const DELIVERY = '0199f0a0-0000-7000-8000-000000000001';
const MESSAGE: DispatchMessage = { type: 'delivery.cancelled', sellerOrderId: 'T7QX2M9P', note: 'Grüße' };
type Reply = { status: number; type?: string; body?: string; headers?: Record<string, string> };

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A service that gives one answer, or none, to everything. */
async function serviceThatSays(reply: Reply | null) {
  const seen: { url: string; headers: IncomingHttpHeaders; body: Buffer }[] = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
    if (reply === null) return;
    const { status, type = 'application/problem+json', body = '', headers = {} } = reply;
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const serviceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = resolveOptions({
    serviceUrl,
    apiKey: 'dk_test_0123456789abcdef',
    signingSecret: SECRET,
    timeoutMs: 60_000,
    lookupTimeoutMs: 50,
  });
  return { seen, client: new DispatchClient(options) };
}
const problem = (type: string, status: number) =>
  JSON.stringify({ type: `urn:problem:${type}`, title: 'No', status, detail: 'why', instance: 'urn:request:1' });

it('signs the very bytes it sends, and shows the key to nobody who asked for a signature', async () => {
  const body = '{"status":"CANCELLED","deliveryId":null,"message":"m"}';
  const { seen, client } = await serviceThatSays({ status: 202, type: 'application/json', body });
  expect(await client.postMessage('msg_1', MESSAGE)).toMatchObject({ status: 202, body: { status: 'CANCELLED' } });
  const [sent] = seen;
  expect(sent!.url).toBe('/v1/webhooks/vendure/default');
  expect(sent!.body.toString()).toBe(JSON.stringify(MESSAGE));
  expect(sent!.headers.authorization).toBeUndefined();
  const signed = { headers: sent!.headers, body: sent!.body, secrets: [SECRET], nowMs: Date.now() };
  expect(verifySigned(signed)).toBe('msg_1');
});

it.each([
  ['conflict_state', 409],
  ['unauthorized', 401],
  ['not_found', 404],
  ['unavailable', 503],
])('answers %s as the service says it, once', async (type, status) => {
  const headers = { 'retry-after': '7' };
  const { seen, client } = await serviceThatSays({ status, body: problem(type, status), headers });
  const answer = { status, body: null, problem: type, detail: 'why', retryAfterMs: 7_000 };
  expect(await client.postMessage('msg_1', MESSAGE)).toEqual(answer);
  expect(await client.delivery(DELIVERY)).toEqual(answer);
  expect(seen.map(({ headers: sent }) => sent.authorization)).toEqual([undefined, 'Bearer dk_test_0123456789abcdef']);
});

it('names what the service found wrong', async () => {
  const errors = [{ pointer: '/dispatch/offerS', detail: 'must be at least 5' }];
  const body = JSON.stringify({ type: 'urn:problem:invalid', title: 'Invalid', status: 422, errors });
  const { client } = await serviceThatSays({ status: 422, body });
  expect(await client.delivery(DELIVERY)).toMatchObject({ status: 422, detail: 'offerS must be at least 5' });
});

it('takes what a gateway says for no answer of the service: a status, and no problem', async () => {
  const { client } = await serviceThatSays({ status: 404, type: 'application/json', body: '{"message":"Not Found"}' });
  expect(await client.delivery(DELIVERY)).toMatchObject({ status: 404, body: null, problem: null, detail: null });
});

it('follows nobody elsewhere', async () => {
  const { seen, client } = await serviceThatSays({ status: 307, headers: { location: '/elsewhere' } });
  expect(await client.postMessage('msg_1', MESSAGE)).toMatchObject({ status: 0, body: null });
  expect(seen).toHaveLength(1);
});

it('gives up a look-up early', async () => {
  const { seen, client } = await serviceThatSays(null);
  const answer = await client.nearest({ lat: 52.5, lon: 13.4 }, 1_000, 1);
  expect(answer).toEqual({ status: 0, body: null, problem: null, detail: 'no answer in time', retryAfterMs: null });
  expect(seen.map(({ url }) => url)).toEqual(['/v1/drivers/nearest?lat=52.5&lon=13.4&radiusM=1000&limit=1']);
});
