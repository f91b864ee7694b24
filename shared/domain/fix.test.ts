import { expect, test } from 'vitest';
import { placeOfFix, timeOfFix } from './fix.ts';

test.each([
  ['a place', { lat: 52, lon: 13 }, true],
  ['on the equator', { lat: 0, lon: 13 }, true],
  ['exactly nowhere', { lat: 0, lon: 0 }, false],
  ['to a metre', { lat: 52, lon: 13, accuracyM: 1 }, true],
  ['to a kilometre', { lat: 52, lon: 13, accuracyM: 1_000 }, true],
  ['worse', { lat: 52, lon: 13, accuracyM: 1_001 }, false],
  ['not known', { lat: 52, lon: 13, accuracyM: -1 }, false],
  ['not known to another phone', { lat: 52, lon: 13, accuracyM: null }, false],
])('%s', (_, { lat, lon, ...rest }, isPlace) => {
  expect(placeOfFix({ lat, lon, ...rest })).toEqual(isPlace ? { lat, lon } : null);
});

test('a time that no phone can have kept is none', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  expect(timeOfFix(now - 3_600_000, now)).toBe(now - 3_600_000);
  expect(timeOfFix(now + 3_600_000, now)).toBe(now + 3_600_000);
  // Seconds since 2001, taken for milliseconds since 1970.
  expect(timeOfFix(now / 1_000 - 978_307_200, now)).toBeNull();
  expect(timeOfFix(null, now)).toBeNull();
});
