import type { OrderEvent } from '@vendure/core';
import { expect, it } from 'vitest';
import { leavesOldPosition } from './moved-address';

const corrected = (updateShippingAddress: unknown) =>
  leavesOldPosition({ dryRun: false, orderId: 1, updateShippingAddress } as OrderEvent['input']);
const at = { latitude: 52.5, longitude: 13.4 };

it('is so for another house without coordinates', () => {
  expect(corrected({ streetLine1: 'Elsewhere 9' })).toBe(true);
  expect(corrected({ postalCode: '10115', customFields: { deliveryNotes: 'Ring twice' } })).toBe(true);
  expect(corrected({ city: 'Potsdam', customFields: { ...at, longitude: null } })).toBe(true);
  expect(corrected({ countryCode: 'AT', customFields: null })).toBe(true);
});

it('is not so where they are said too, or somebody else lives there, or it is about other things', () => {
  expect(corrected({ streetLine1: 'Elsewhere 9', customFields: at })).toBe(false);
  expect(corrected({ fullName: 'Ada', phoneNumber: '+49 30 99', streetLine2: 'Back yard' })).toBe(false);
  expect(corrected({ customFields: { deliveryNotes: 'Ring twice' } })).toBe(false);
  expect(corrected(null)).toBe(false);
  expect(leavesOldPosition({ customFields: {} })).toBe(false);
  expect(leavesOldPosition(undefined)).toBe(false);
});
