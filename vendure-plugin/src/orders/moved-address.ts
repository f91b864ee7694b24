import type { UpdateOrderAddressInput } from '@vendure/common/lib/generated-types';
import type { OrderEvent } from '@vendure/core';

type Address = UpdateOrderAddressInput & { customFields?: { latitude?: unknown; longitude?: unknown } | null };

/** Of the house itself, and not of who lives there. */
const OF_THE_HOUSE = ['streetLine1', 'postalCode', 'city', 'countryCode'] as const;

/**
 * Whether an administrator has corrected where an order goes, and said nothing of its coordinates: Vendure puts what was
 * corrected over the old address, so that the coordinates of that one would stay, and a driver go there.
 */
export function leavesOldPosition(input: OrderEvent['input']): boolean {
  if (input === undefined || !('updateShippingAddress' in input)) return false;
  const address: Address = input.updateShippingAddress ?? {};
  const { latitude, longitude } = address.customFields ?? {};
  const isLocated = typeof latitude === 'number' && typeof longitude === 'number';
  return !isLocated && OF_THE_HOUSE.some((name) => typeof address[name] === 'string');
}
