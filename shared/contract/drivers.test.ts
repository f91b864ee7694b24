import * as v from 'valibot';
import { expect, test } from 'vitest';
import { faultsOf } from '#shared/testing/faults-of.ts';
import { driverChange, newDriver } from './drivers.ts';

test('a driver without tags and shift has none, and no end is known', () => {
  expect(v.parse(newDriver, { name: 'Asha' })).toMatchObject({ capacity: 1, tags: [], shiftEndsAt: null });
});

test('a change says only what it names; null takes the end of the shift away', () => {
  expect(v.parse(driverChange, { tags: [] })).toEqual({ tags: [] });
  expect(v.parse(driverChange, { shiftEndsAt: null })).toEqual({ shiftEndsAt: null });
  expect(faultsOf(driverChange, {})['']).toBe(
    'must change at least one of name, phone, vehicle, capacity, tags, shiftEndsAt, externalRef',
  );
});

test.each([
  ['21 tags', { tags: Array.from({ length: 21 }, () => 1) }, ['/tags']],
  ['an empty tag', { tags: [' '] }, ['/tags/0']],
  ['no list', { tags: 'cold' }, ['/tags']],
  ['a shift that ends never', { shiftEndsAt: 'never' }, ['/shiftEndsAt']],
])('%s', (_, body, pointers) => {
  expect(Object.keys(faultsOf(newDriver, { name: 'Asha', ...body }))).toEqual(pointers);
  expect(Object.keys(faultsOf(driverChange, body))).toEqual(pointers);
});
