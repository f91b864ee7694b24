import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { proofPhoto } from './proof-photo';

const KEY = 'dk_e2e_0123456789abcdef';
let answer = { status: 200, type: 'image/png' };
const asked: (string | undefined)[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers.authorization}`);
  response.writeHead(answer.status, { 'content-type': answer.type }).end('picture');
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

const photo = (photoUrl: unknown) => {
  const serviceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proofPhoto({ serviceUrl, apiKey: KEY, timeoutMs: 1_000 }, 'd1', JSON.stringify({ photoUrl }));
};

it('fetches what the service keeps with the key, wherever the service says it is', async () => {
  const data = `data:image/png;base64,${Buffer.from('picture').toString('base64')}`;
  expect(await photo('/v1/deliveries/d1/proof')).toBe(data);
  expect(await photo('https://elsewhere.example.com/v1/deliveries/d1/proof')).toBe(data);
  expect(asked).toEqual(Array(2).fill(`/v1/deliveries/d1/proof Bearer ${KEY}`));
});

it('leaves a web address as it is, and nothing else', async () => {
  asked.length = 0;
  expect(await photo('https://photos.example.com/1.jpg')).toBe('https://photos.example.com/1.jpg');
  for (const other of ['javascript:alert(1)', '/v1/deliveries/d2/proof', 7, undefined])
    expect(await photo(other)).toBeNull();
  expect(asked).toEqual([]);
});

it('is nothing where the picture is gone, or is none', async () => {
  answer = { status: 404, type: 'image/png' };
  expect(await photo('/v1/deliveries/d1/proof')).toBeNull();
  answer = { status: 200, type: 'text/html' };
  expect(await photo('/v1/deliveries/d1/proof')).toBeNull();
});
