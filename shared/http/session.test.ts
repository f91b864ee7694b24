import { expect, test } from 'vitest';
import { openSeal } from '../secrets/seal.ts';
import { openSessions } from './session.ts';

const NOW = 1_700_000_000_000;
const seal = openSeal({ secret: 'a secret for the tests, long enough', previousSecret: null });
const sessions = openSessions(seal, () => NOW, null);
const WHO = { id: 'session-1', shopId: 'shop-1', keyId: 'key-1' };
const HTTPS = { 'x-forwarded-proto': 'https' };
const cookie = sessions.cookieOf(WHO, {}).split(';')[0]!;

test('the cookie is out of reach of scripts and other sites, and kept to https where there is https', () => {
  expect(sessions.cookieOf(WHO, {})).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  expect(sessions.cookieOf(WHO, HTTPS)).toMatch(/^__Host-dispatch_session=.*; Path=\/; .*; Secure$/);
});

test('only a page of our own may use it', () => {
  const read = (headers: Record<string, string>) =>
    sessions.read({ cookie: `a=b; ${cookie}`, host: 'us.example', ...headers });
  expect(read({ 'sec-fetch-site': 'same-origin' })).toEqual(WHO);
  expect(read({ origin: 'http://us.example' })).toEqual(WHO);
  expect(read({ 'x-requested-by': 'console' })).toEqual(WHO);
  expect(read({})).toBeNull();
  expect(read({ 'sec-fetch-site': 'same-site', 'x-requested-by': 'console' })).toBeNull();
  expect(read({ 'sec-fetch-site': 'cross-site', origin: 'http://us.example' })).toBeNull();
  expect(read({ 'sec-fetch-site': 'none' })).toBeNull();
  expect(read({ origin: 'http://evil.example', 'x-requested-by': 'console' })).toBeNull();
  expect(read({ origin: 'null' })).toBeNull();
});

test('a forged, foreign or expired one is nobody', () => {
  const ours = { 'sec-fetch-site': 'same-origin' };
  const last = cookie.at(-2) === 'A' ? 'B' : 'A';
  expect(sessions.read({ ...ours, cookie: `${cookie.slice(0, -2)}${last}${cookie.at(-1)}` })).toBeNull();
  expect(
    sessions.read({ ...ours, cookie: `dispatch_session=${seal.close('ticket', { ...WHO }, NOW + 1)}` }),
  ).toBeNull();
  expect(openSessions(seal, () => NOW + 12 * 3_600_000, null).read({ ...ours, cookie })).toBeNull();
  const rotated = openSeal({
    secret: 'another secret for the tests, 32+',
    previousSecret: 'a secret for the tests, long enough',
  });
  expect(openSessions(rotated, () => NOW, null).read({ ...ours, cookie })).toEqual(WHO);
  const strange = openSeal({ secret: 'another secret for the tests, 32+', previousSecret: null });
  expect(openSessions(strange, () => NOW, null).read({ ...ours, cookie })).toBeNull();
});

test('behind https only the cookie that no other host can have set counts', () => {
  const ours = { 'sec-fetch-site': 'same-origin' };
  const secure = sessions.cookieOf(WHO, HTTPS).split(';')[0]!;
  expect(sessions.read({ ...ours, ...HTTPS, cookie: secure })).toEqual(WHO);
  expect(sessions.read({ ...ours, ...HTTPS, cookie })).toBeNull();
  expect(openSessions(seal, () => NOW, 'https://us.example').read({ ...ours, cookie })).toBeNull();
  expect(openSessions(seal, () => NOW, 'https://us.example').read({ ...ours, cookie: secure })).toEqual(WHO);
});

test('of two cookies of one name none counts', () => {
  const ours = { 'sec-fetch-site': 'same-origin' };
  expect(sessions.read({ ...ours, cookie: `${cookie}; ${cookie}` })).toBeNull();
  expect(sessions.read({ ...ours, cookie: `dispatch_session=x; ${cookie}` })).toBeNull();
});
