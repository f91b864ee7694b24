import { expect, it } from 'vitest';
import { cashOf, changeTo, type DispatchMessage, dropoffOf, hashOf, shortText } from './messages';

const address = { fullName: 'Ada', streetLine1: 'Torstraße 1', city: 'Berlin', postalCode: '10119', countryCode: 'DE' };

it('leaves out what is missing, rather than sending empty texts', () => {
  expect(dropoffOf({ fullName: '  ', streetLine1: '' }, undefined)).toEqual({});
  expect(dropoffOf(address, { lat: 0, lon: 0 })).toEqual({
    lat: 0,
    lon: 0,
    name: 'Ada',
    address: 'Torstraße 1, 10119 Berlin, DE',
    countryCode: 'DE',
  });
  expect(dropoffOf({ streetLine1: 'A 1', countryCode: 'Germany' }, undefined)).not.toHaveProperty('countryCode');
});

it('names the customer where the address names nobody, and says first what is to be paid', () => {
  const cash = { amount: 730, currency: 'EUR' };
  const person = { name: 'Ada Guest', phone: '+49 30 99', cash };
  const notes = { customFields: { deliveryNotes: 'Ring twice' } };
  expect(dropoffOf({ streetLine1: 'A 1', fullName: ' ', ...notes }, undefined, person)).toEqual({
    address: 'A 1',
    name: 'Ada Guest',
    phone: '+49 30 99',
    notes: 'Collect 7.30 EUR at the door. Ring twice',
    cash,
  });
  expect(dropoffOf({ fullName: 'Bea', phoneNumber: '1' }, undefined, person)).toMatchObject({
    name: 'Bea',
    phone: '1',
  });
});

it('says what is to be paid in the smallest unit of its currency, however many decimal places the shop keeps', () => {
  expect(cashOf(730, 2, 'EUR')).toEqual({ amount: 730, currency: 'EUR' });
  expect(cashOf(7_305, 3, 'EUR')).toEqual({ amount: 731, currency: 'EUR' });
  expect(cashOf(73_000, 2, 'JPY')).toEqual({ amount: 730, currency: 'JPY' });
  expect(dropoffOf({}, undefined, { cash: cashOf(73_000, 2, 'JPY') }).notes).toBe('Collect 730 JPY at the door.');
  expect(cashOf(0, 2, 'EUR')).toBeUndefined();
  expect(cashOf(730, 2, 'points')).toBeUndefined();
});

it('takes back what is not so any more: paid meanwhile, and nothing else to say at the door', () => {
  expect(changeTo({ dropoff: { name: 'Ada' }, notes: '1 x Bread' })).toEqual({
    dropoff: { name: 'Ada', notes: 'No notes.', cash: null },
    notes: '1 x Bread',
  });
});

it('keeps control characters and lone surrogates out: the service would refuse the whole message', () => {
  expect(dropoffOf({ streetLine1: 'A\u0000B\ud800' }, undefined)).toEqual({ address: 'A B' });
});

it('stays below 2 KB, whatever a customer writes', () => {
  const long = 'x'.repeat(10_000);
  const dropoff = dropoffOf(
    { fullName: long, streetLine1: long, phoneNumber: long, customFields: { deliveryNotes: long } },
    { lat: 1, lon: 2 },
  );
  const notes = shortText(long, 500);
  const message: DispatchMessage = { type: 'delivery.requested', sellerOrderId: 'ABCDEFGHIJKLMNOP', dropoff, notes };
  expect(JSON.stringify(message).length).toBeLessThan(2_000);
});

it('tells a changed dropoff from the same one', () => {
  const hash = (dropoff: object, notes = '1 x Bread') => hashOf({ dropoff, notes });
  expect(hash({ lat: 1, lon: 2, name: 'A' })).toBe(hash({ name: 'A', lon: 2, lat: 1 }));
  expect(hash({ lat: 1, lon: 2 })).not.toBe(hash({ lat: 1, lon: 2.0001 }));
  expect(hash({}, '2 x Bread')).not.toBe(hash({}));
  expect(hash({ name: 'A', countryCode: 'DE', cash: { amount: 1, currency: 'EUR' } })).toBe(hash({ name: 'A' }));
});
