import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { keepRawBody } from './raw-body';

type Request = IncomingMessage & { rawBody?: Buffer };

/** What becomes of a request: the status that is answered, or `next`. */
function handled(request: Request): Promise<number | 'next'> {
  return new Promise((resolve) => {
    let answered = 0;
    const response = {
      writeHead: (status: number) => {
        answered = status;
      },
      end: () => resolve(answered),
    };
    keepRawBody(request, response as unknown as ServerResponse, () => resolve('next'));
  });
}
const requestOf = (...chunks: Buffer[]) => Readable.from(chunks, { objectMode: false }) as Request;

it('keeps the bytes as they came', async () => {
  const request = requestOf(Buffer.from('{ "a": "Grü'), Buffer.from('ße" }'));
  expect(await handled(request)).toBe('next');
  expect(request.rawBody?.toString()).toBe('{ "a": "Grüße" }');
});

it('refuses what is larger than anything the service says', async () => {
  expect(await handled(requestOf(Buffer.alloc(65_537)))).toBe(413);
});

it('does not wait for a body that somebody has read before', async () => {
  const request = requestOf(Buffer.from('{}'));
  await once(request.resume(), 'end');
  expect(await handled(request)).toBe(500);
});
