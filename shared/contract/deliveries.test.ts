import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { faultsOf } from '#shared/testing/faults-of.ts';
import { assignment, deliveryChange, deliveryMove, newDelivery } from './deliveries.ts';

const DRIVER = '01a205a1-8b18-7352-8761-b07d38212328';
const order = { pickup: { lat: 52.5, lon: 13.4 }, dropoff: { lat: 52.6, lon: 13.4 } };
const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 14, minute)).toISOString();

test('an order as it was sent before there were windows, sizes and tags is parsed to the same as then', () => {
  const sent = { ...order, sellerOrderId: 'o1', notes: 'ring twice' };
  expect(v.parse(newDelivery, sent)).toEqual(sent);
});

test('everything that can be said of a delivery is kept', () => {
  const sent = {
    pickup: { ...order.pickup, readyAt: at(0), after: at(0), before: at(30), serviceS: 0 },
    dropoff: { ...order.dropoff, after: at(20), before: at(20), serviceS: 600 },
    hardWindows: true,
    size: 100,
    requires: ['cold', 'two hands'],
    priority: -5,
    excludedDriverIds: [DRIVER],
  };
  expect(v.parse(newDelivery, sent)).toEqual(sent);
  expect(v.parse(deliveryChange, sent)).toEqual(sent);
});

describe.each([
  ['a new delivery', newDelivery],
  ['a change', deliveryChange],
])('%s', (_, schema) => {
  const long = (count: number) => Array.from({ length: count }, () => 0);
  test.each([
    ['a window that ends before it begins', { pickup: { after: at(1), before: at(0) } }, ['/pickup/before']],
    ['the same at the door', { dropoff: { ...order.dropoff, after: at(1), before: at(0) } }, ['/dropoff/before']],
    ['a time that is none', { pickup: { after: 'noon' } }, ['/pickup/after']],
    ['an endless visit', { pickup: { serviceS: 14_401 } }, ['/pickup/serviceS']],
    ['no size', { size: 0 }, ['/size']],
    ['half a unit', { size: 1.5 }, ['/size']],
    ['more than fits anybody', { size: 101 }, ['/size']],
    ['priority 6', { priority: 6 }, ['/priority']],
    ['a text for yes', { hardWindows: 'yes' }, ['/hardWindows']],
    ['a tag of 41 letters', { requires: ['cold', 'x'.repeat(41)] }, ['/requires/1']],
    ['21 things that are no tags: one fault, not 21', { requires: long(21) }, ['/requires']],
    ['a driver that is none', { excludedDriverIds: ['x'] }, ['/excludedDriverIds/0']],
    ['101 of them: one fault, not 101', { excludedDriverIds: long(101) }, ['/excludedDriverIds']],
  ])('%s', (_name, body, pointers) => {
    expect(Object.keys(faultsOf(schema, { ...order, ...body }))).toEqual(pointers);
  });

  test('null says nothing', () => {
    const nothing = { size: null, requires: null, priority: null, hardWindows: null, excludedDriverIds: null };
    const times = { readyAt: null, after: null, before: null, serviceS: null };
    expect(faultsOf(schema, { pickup: times, dropoff: {}, ...nothing })).toEqual({});
  });
});

test('a change must change something that there is', () => {
  expect(faultsOf(deliveryChange, { colour: 'red' })[''] ?? '').toMatch(
    /one of pickup, dropoff, size, .*pincode, proofRequired$/,
  );
});

test('overrides and a pin are for a driver who is named', () => {
  expect(v.parse(assignment, {})).toEqual({});
  const named = { driverId: DRIVER, override: ['silent', 'off_shift'], pinned: true };
  expect(v.parse(assignment, named)).toEqual(named);
  expect(Object.keys(faultsOf(assignment, { override: ['silent'], pinned: false }))).toEqual(['/override', '/pinned']);
  expect(faultsOf(assignment, { driverId: DRIVER, override: ['capacity'] })).toEqual({
    '/override/0': 'must be one of silent, radius, on_break, off_shift, excluded',
  });
});

test('a signature is strokes of whole numbers, and nothing that a page could take for more', () => {
  const isTaken = (signature: string) =>
    v.safeParse(deliveryMove, { status: 'DELIVERED', proof: { signature } }).success;
  expect(isTaken('M10 20L30 40M1 2L3 4')).toBe(true);
  for (const other of ['M10 20', 'M1 2L3 4"/><script>', 'M1.5 2L3 4', 'm1 2l3 4', `M1 2${'L3 4'.repeat(2_000)}`])
    expect(isTaken(other), other).toBe(false);
});

test('a proof’s photograph is anywhere on the web, or kept here', () => {
  const withPhoto = (photoUrl: string) =>
    v.safeParse(deliveryMove, { status: 'DELIVERED', proof: { photoUrl } }).success;
  expect(withPhoto('https://photos.example/1.jpg')).toBe(true);
  expect(withPhoto('/v1/deliveries/01a205a1-8b18-7352-8761-b07d38212328/proof')).toBe(true);
  for (const other of ['/v1/drivers', '//evil.example/proof', 'javascript:1']) expect(withPhoto(other)).toBe(false);
});
