import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { readBody } from './raw-body.ts';

function incoming(headers: Record<string, string>): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.headers = headers;
  return message;
}

test('without a length there is no body to wait for', async () => {
  expect(await readBody(incoming({}), 10, 1_000)).toHaveLength(0);
  expect(await readBody(incoming({ 'content-length': '0' }), 10, 1_000)).toHaveLength(0);
});

test('chunks are put together, up to the very limit', async () => {
  const message = incoming({ 'content-length': '4' });
  const body = readBody(message, 4, 1_000);
  message.push(Buffer.from('ab'));
  message.push(Buffer.from('cd'));
  message.push(null);
  expect(Buffer.from(await body).toString()).toBe('abcd');
});

test('a sender who left before the reading began is not waited for', async () => {
  const message = incoming({ 'content-length': '4' });
  message.destroy();
  await expect(readBody(message, 4, 60_000)).rejects.toMatchObject({ type: 'timeout' });
});

test('an announced length past the limit is refused before a byte is taken', async () => {
  await expect(readBody(incoming({ 'content-length': '5' }), 4, 1_000)).rejects.toMatchObject({ type: 'too_large' });
});
