import type { SimpleGraphQLClient } from '@vendure/testing';
import gql from 'graphql-tag';
import { PICKUP } from './service';

/** Coordinates of the stock location, and the shipping methods: ours, ours with conditions, and the post. */
export async function furnish(admin: SimpleGraphQLClient): Promise<Record<string, string>> {
  const { stockLocations } = await admin.query(gql`{ stockLocations { items { id } } }`);
  const customFields = {
    latitude: PICKUP.lat,
    longitude: PICKUP.lon,
    pickupAddress: 'Alexanderplatz 1, Berlin',
    pickupPhone: '+49 30 1',
  };
  await admin.query(gql`mutation ($input: UpdateStockLocationInput!) { updateStockLocation(input: $input) { id } }`, {
    input: { id: stockLocations.items[0].id, customFields },
  });
  const prices = { base: 300, perKm: 100, maximum: 0, priceIncludesTax: true, taxRate: 0 };
  const calculator = { code: 'base-plus-per-km', arguments: args(prices) };
  const windows = { ...prices, windows: '10-12, 14-16', windowDays: 3, windowCapacity: 1 };
  const ours = (radius: number, whenAway: boolean) => ({
    code: 'driver-in-range',
    arguments: args({
      maxDistanceM: 15000,
      driverRadiusM: radius,
      offerWithoutCoordinates: true,
      offerWhenServiceIsAway: whenAway,
    }),
  });
  return {
    driver: await method(admin, 'driver', 'driver-delivery', ours(0, true), calculator),
    windows: await method(admin, 'windows', 'driver-delivery', ours(0, true), {
      ...calculator,
      arguments: args(windows),
    }),
    inRange: await method(admin, 'in-range', 'driver-delivery', ours(5000, true), calculator),
    strict: await method(admin, 'strict', 'driver-delivery', ours(5000, false), calculator),
    post: await method(
      admin,
      'post',
      'manual-fulfillment',
      { code: 'default-shipping-eligibility-checker', arguments: args({ orderMinimum: 0 }) },
      { code: 'default-shipping-calculator', arguments: args({ rate: 400, includesTax: 'auto', taxRate: 0 }) },
    ),
  };
}

function args(values: Record<string, unknown>): { name: string; value: string }[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

async function method(
  admin: SimpleGraphQLClient,
  code: string,
  fulfillmentHandler: string,
  checker: object,
  calculator: object,
): Promise<string> {
  const { createShippingMethod } = await admin.query(
    gql`mutation ($input: CreateShippingMethodInput!) { createShippingMethod(input: $input) { id } }`,
    {
      input: {
        code,
        fulfillmentHandler,
        checker,
        calculator,
        translations: [{ languageCode: 'en', name: code, description: '' }],
      },
    },
  );
  return createShippingMethod.id;
}
