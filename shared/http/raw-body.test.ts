import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openBodies, readBody, sizeOf } from './raw-body.ts';

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

test('how much was read of a body that does not come to its end is told', async () => {
  const message = incoming({ 'transfer-encoding': 'chunked' });
  const body = readBody(message, 10, 20);
  message.push(Buffer.from('abc'));
  await expect(body).rejects.toMatchObject({ type: 'timeout', bytesRead: 3 });
});

test('a body is as large as it says, or else as it may be; never larger than it may be', () => {
  expect(sizeOf(incoming({ 'content-length': '4' }), 10)).toBe(4);
  expect(sizeOf(incoming({ 'transfer-encoding': 'chunked' }), 10)).toBe(10);
  expect(sizeOf(incoming({ 'content-length': '11' }), 10)).toBe(10);
});

const KIB = 1024;
const PHOTO = 2 * KIB * KIB;

/** Begins so many bodies, one after the other, that never come to their end. @returns how many are on their way */
function begin(bodies: ReturnType<typeof openBodies>, count: number, bytes: number, sender: (n: number) => string) {
  let begun = 0;
  for (let n = 0; n < count; n += 1) {
    const reading = () => {
      begun += 1;
      return new Promise<never>(() => {});
    };
    bodies.read(sender(n), bytes, reading).catch(() => {});
  }
  return begun;
}

test('what one sender may have on its way is bounded by its size: few of the largest, all of the usual', () => {
  const phone = () => 'driver d';
  expect(begin(openBodies(), 40, PHOTO, phone)).toBe(16);
  expect(begin(openBodies(), 300, 64 * KIB, phone)).toBe(256);
  // As a phone sends a day without a network: with their lengths.
  expect(begin(openBodies(), 60, 400 * KIB, phone)).toBe(60);
});

test('so is what all have on their way; strangers leave half of it to who has shown a proof', () => {
  const bodies = openBodies();
  expect(begin(bodies, 100, PHOTO, (n) => `address ${n}`)).toBe(24);
  expect(begin(bodies, 100, PHOTO, (n) => `driver ${n}`)).toBe(24);
  expect(begin(openBodies(), 2_000, 40 * KIB, (n) => `driver ${n}`)).toBe(2_000);
});

test('room that was taken is given back, however the reading ends', async () => {
  const bodies = openBodies();
  const read = (reading: () => Promise<unknown>) => bodies.read('driver d', 32 * KIB * KIB, reading);
  await expect(read(() => Promise.reject(new Error('broken off')))).rejects.toThrow('broken off');
  expect(await read(async () => 'read')).toBe('read');
  expect(await read(async () => 'again')).toBe('again');
});
