import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openBucket } from '#shared/testing/bucket.ts';
import { DependencyAway } from '../domain/away.ts';
import { openS3 } from './open-s3.ts';
import { signS3 } from './sign-s3.ts';

const credentials = {
  region: 'us-east-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: null,
};

test('signs as in the example of the Amazon S3 API Reference: GET Object', () => {
  const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt');
  const request = { method: 'GET', url, body: new Uint8Array(), headers: { range: 'bytes=0-9' } } as const;
  expect(signS3(request, credentials, Date.parse('2013-05-24T00:00:00Z')).authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,' +
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

test('puts, gets and removes; what is not there is null; a store that refuses or is gone is away', async () => {
  const { url, kept, tokens, close } = await openBucket();
  const store = openS3({ url, credentials: { ...credentials, sessionToken: 'temporary' } });
  expect(await store.get('shop/a')).toBeNull();
  await store.put('shop/a', Buffer.from([1, 2, 255]));
  expect([...(await store.get('shop/a'))!]).toEqual([1, 2, 255]);
  expect([...kept.keys()]).toEqual(['/bucket/proofs/shop/a']);
  expect([...tokens]).toEqual(['temporary']);
  await store.remove('shop/a');
  await store.remove('shop/a');
  expect([...kept.keys()]).toEqual([]);
  for (const refused of [() => store.put('shop/forbidden', Buffer.from('x')), () => store.remove('shop/forbidden')])
    await expect(refused()).rejects.toBeInstanceOf(DependencyAway);
  await close();
  for (const gone of [() => store.get('shop/a'), () => store.remove('shop/a')])
    await expect(gone()).rejects.toBeInstanceOf(DependencyAway);
});

test('a store that goes away in the middle of its answer is away', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('abc', () => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store = openS3({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket`, credentials });
  await expect(store.get('shop/a')).rejects.toBeInstanceOf(DependencyAway);
  server.close();
  await once(server, 'close');
});
