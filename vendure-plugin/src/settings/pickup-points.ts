import { Injectable } from '@nestjs/common';
import { type ID, type RequestContext, type StockLocation, StockLocationService, UserInputError } from '@vendure/core';
import { positionOf } from '../dispatch/geo';

export interface PickupPoint {
  stockLocationId: ID;
  latitude: number | null;
  longitude: number | null;
  address: string | null;
  phone: string | null;
}
export type PickupPointChange = Pick<PickupPoint, 'stockLocationId'> & Partial<PickupPoint>;

/** Where drivers collect: custom fields of the channel's stock locations. */
@Injectable()
export class PickupPoints {
  constructor(private readonly locations: StockLocationService) {}

  async read(ctx: RequestContext): Promise<(PickupPoint & { name: string })[]> {
    const { items } = await this.locations.findAll(ctx);
    return items.map(({ id, name, customFields }) => ({
      stockLocationId: id,
      name,
      latitude: customFields.latitude,
      longitude: customFields.longitude,
      address: customFields.pickupAddress,
      phone: customFields.pickupPhone,
    }));
  }

  /** What is named is changed, the rest stays. @throws UserInputError where a position is none */
  async change(ctx: RequestContext, { stockLocationId, ...change }: PickupPointChange): Promise<void> {
    const location = await this.locations.findOne(ctx, stockLocationId);
    if (location === undefined) throw new UserInputError(`There is no stock location ${stockLocationId}`);
    const customFields = fieldsOf(change, location.customFields);
    const { latitude, longitude } = customFields;
    const isNone = latitude === null && longitude === null;
    if (!isNone && positionOf(latitude, longitude) === undefined)
      throw new UserInputError(`The pickup point of ${location.name} needs a latitude and a longitude in degrees`);
    await this.locations.update(ctx, { id: location.id, customFields });
  }
}

function fieldsOf(
  { latitude, longitude, address, phone }: Partial<PickupPoint>,
  known: StockLocation['customFields'],
): Pick<StockLocation['customFields'], 'latitude' | 'longitude' | 'pickupAddress' | 'pickupPhone'> {
  return {
    latitude: latitude === undefined ? known.latitude : latitude,
    longitude: longitude === undefined ? known.longitude : longitude,
    pickupAddress: address === undefined ? known.pickupAddress : address,
    pickupPhone: phone === undefined ? known.pickupPhone : phone,
  };
}
