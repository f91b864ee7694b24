import * as v from 'valibot';
import { expect, test } from 'vitest';
import { lat, list, position, queryNumber, sparingList, text, time } from './nouns.ts';

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

test('a list that is too long is refused by its length, whatever is in it', () => {
  const three = list(text(5), { min: 1, max: 3 });
  const messages = (value: unknown) => v.safeParse(three, value).issues?.map(({ message }) => message);
  expect(v.parse(three, ['a', ' b '])).toEqual(['a', 'b']);
  expect(messages([0, 1, 2, 3])).toEqual(['must have at most 3']);
  expect(messages([0, 1])).toEqual(['must be a text', 'must be a text']);
  expect(messages([])).toEqual(['must have at least 1']);
  expect(messages({ length: 9 })).toEqual(['must be a list']);
});

test.each([
  ['2026-11-22T15:00:00+01:00', '2026-11-22T14:00:00.000Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ['2026-11-22t14:00:00z', '2026-11-22T14:00:00.000Z'],
  ['2026-11-22T14:00:00.123456789Z', '2026-11-22T14:00:00.123Z'],
  ['2026-11-22T00:30:00+05:30', '2026-11-21T19:00:00.000Z'],
  ['2028-02-29T12:00:00Z', '2028-02-29T12:00:00.000Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
])('%s is %s', (sent, read) => {
  expect(v.parse(time, sent)).toBe(read);
});

test.each([
  '9999-12-31T23:59:59-01:00',
  '0000-06-01T00:00:00Z',
  '2026-02-30T12:00:00Z',
  '2027-02-29T12:00:00Z',
  '2026-04-31T12:00:00+02:00',
  '0'.repeat(300),
  '2026-11-22T24:00:00Z',
  '2026-11-22T23:59:60Z',
  '2026-13-45T99:00:00Z',
  '2026-11-22',
  '2026-11-22T14:00',
])('%s is no time that Postgres could keep', (sent) => {
  expect(v.safeParse(time, sent).success).toBe(false);
});

test('a sparing list has null for what is wrong; a list of nothing else says what is', () => {
  const positions = sparingList(position, { min: 1, max: 3 });
  const [good, bad] = [
    { lat: 1, lon: 2 },
    { lat: 91, lon: 2 },
  ];
  expect(v.parse(positions, [good, bad, 'x'])).toEqual([good, null, null]);
  expect(v.safeParse(positions, [bad]).issues?.map((issue) => v.getDotPath(issue))).toEqual(['0.lat']);
  for (const wrong of [[], [good, good, good, good], 'x', undefined])
    expect(v.safeParse(positions, wrong).success).toBe(false);
});
