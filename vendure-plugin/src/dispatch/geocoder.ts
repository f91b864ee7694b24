import type { OrderAddress } from '@vendure/common/lib/generated-types';
import type { InjectableStrategy, RequestContext, StockLocation } from '@vendure/core';
import { type Position, positionOf } from './geo';

/**
 * Finds the coordinates of an address. Return undefined where there are none: the delivery then waits at the service
 * until somebody sets them. It runs inside the transaction that makes the fulfillment, so it should answer at once,
 * or from what was looked up when the address was entered. An error counts as "unknown".
 */
export interface AddressGeocoder extends InjectableStrategy {
  locateAddress(ctx: RequestContext, address: OrderAddress): Promise<Position | undefined> | Position | undefined;
  locateStock?(ctx: RequestContext, location: StockLocation): Promise<Position | undefined> | Position | undefined;
}

/** Reads the custom fields `latitude` and `longitude`. No map service is called. */
export class CustomFieldGeocoder implements AddressGeocoder {
  locateAddress(_ctx: RequestContext, address: OrderAddress): Position | undefined {
    return fieldsOf(address);
  }
  locateStock(_ctx: RequestContext, location: StockLocation): Position | undefined {
    return fieldsOf(location);
  }
}

function fieldsOf(holder: { customFields?: unknown }): Position | undefined {
  const fields = (holder.customFields ?? {}) as { latitude?: unknown; longitude?: unknown };
  return positionOf(fields.latitude, fields.longitude);
}
