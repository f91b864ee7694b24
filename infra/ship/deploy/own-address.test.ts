import { expect, test } from 'vitest';
import { ownHost, ownUrl } from './own-address.ts';

test.each([
  [undefined, 'http://127.0.0.1:3001'],
  ['', 'http://127.0.0.1:3001'],
  ['0.0.0.0', 'http://127.0.0.1:3001'],
  ['10.0.0.7', 'http://10.0.0.7:3001'],
  ['dispatch.internal', 'http://dispatch.internal:3001'],
  ['::', 'http://[::1]:3001'],
  ['fd00::7', 'http://[fd00::7]:3001'],
])('who listens on %s is asked at %s', (host, url) => {
  expect(ownUrl(host, 3001)).toBe(url);
});

test('a candidate listens where the service will, but on no address that is all of them', () => {
  expect(['0.0.0.0', '::', '10.0.0.7'].map(ownHost)).toEqual(['127.0.0.1', '::1', '10.0.0.7']);
});
