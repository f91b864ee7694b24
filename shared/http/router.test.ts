import { expect, test } from 'vitest';
import { openRouter } from './router.ts';

const match = openRouter([
  { method: 'GET', path: '/v1/drivers' },
  { method: 'GET', path: '/v1/drivers/:id' },
  { method: 'PATCH', path: '/v1/drivers/:driverId' },
  { method: 'GET', path: '/v1/drivers/nearest' },
  { method: 'POST', path: '/v1/drivers/:id/location' },
  { method: 'GET', path: '/:anything/drivers' },
  { method: 'GET', path: '/' },
]);
const found = (method: string, path: string) => {
  const result = match(method, path);
  return result.kind === 'found' ? [result.route.path, { ...result.params }] : result.kind;
};

test.each([
  ['/', ['/', {}]],
  ['/v1/drivers', ['/v1/drivers', {}]],
  ['/v2/drivers', ['/:anything/drivers', { anything: 'v2' }]],
  ['/v1/drivers/7', ['/v1/drivers/:id', { id: '7' }]],
  ['/v1/drivers/a%20%2Fb', ['/v1/drivers/:id', { id: 'a /b' }]],
  ['/v1/drivers/nearest', ['/v1/drivers/nearest', {}]],
  ['/v1/drivers/__proto__', ['/v1/drivers/:id', { id: '__proto__' }]],
])('GET %s', (path, expected) => {
  expect(found('GET', path)).toEqual(expected);
  expect(found('HEAD', path)).toEqual(expected);
});

test.each([
  '',
  'v1/drivers',
  'http://x/v1/drivers',
  '/v1//drivers',
  '/v1/drivers//',
  '/V1/drivers/7',
  '/v1/drivers/%',
  '/v1/drivers/%00',
  '/v1/drivers/%ff',
])('"%s" is unknown', (path) => {
  expect(found('GET', path)).toBe('unknown');
});

test('each method has its own names for the same places', () => {
  expect(found('PATCH', '/v1/drivers/7')).toEqual(['/v1/drivers/:driverId', { driverId: '7' }]);
});

test('another method is told which ones there are', () => {
  expect(match('DELETE', '/v1/drivers/7')).toEqual({ kind: 'wrong_method', allow: 'GET, HEAD, PATCH' });
  expect(match('GET', '/v1/drivers/7/location')).toEqual({ kind: 'wrong_method', allow: 'POST' });
});

test('two endpoints for the same requests do not start', () => {
  const twice = [
    { method: 'GET', path: '/a/:x' },
    { method: 'GET', path: '/a/:y' },
  ];
  expect(() => openRouter(twice)).toThrow('Two endpoints');
});
