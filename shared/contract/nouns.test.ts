import * as v from 'valibot';
import { expect, test } from 'vitest';
import { lat, position, queryNumber } from './nouns.ts';

test.each([5e-324, -1e-200, 1e-10, -0])(
  '%s degrees are 0: Postgres cannot square them, and nobody stands so exactly',
  (tiny) => {
    expect(v.parse(position, { lat: tiny, lon: tiny })).toEqual({ lat: 0, lon: 0 });
  },
);

test.each([1e-9, -1e-9, 52.5, -85.05112878])('%s degrees stay as they are', (degrees) => {
  expect(v.parse(lat, degrees)).toBe(degrees);
});

test('a query may write small numbers as JavaScript does', () => {
  expect(v.parse(queryNumber(lat), '1e-7')).toBe(1e-7);
  expect(v.parse(queryNumber(lat), '-1.25E-7')).toBe(-1.25e-7);
  for (const bad of ['1e7', '0x1', '', ' 1', '1e-', 'Infinity', '1e-9999'])
    expect(v.safeParse(queryNumber(lat), bad).success).toBe(false);
});
