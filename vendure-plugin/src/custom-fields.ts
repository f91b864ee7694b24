import { type CustomFieldConfig, type CustomFields, LanguageCode } from '@vendure/core';

declare module '@vendure/core/dist/entity/custom-entity-fields' {
  interface CustomAddressFields {
    latitude: number | null;
    longitude: number | null;
    deliveryNotes: string | null;
  }
  interface CustomStockLocationFields {
    latitude: number | null;
    longitude: number | null;
    pickupAddress: string | null;
    pickupPhone: string | null;
  }
  interface CustomOrderFields {
    /** The window the customer has chosen. */
    deliveryAfter: Date | null;
    deliveryBefore: Date | null;
    /** When the window began that the customer had chosen, where it was not free any more when they paid. */
    deliveryWished: Date | null;
  }
  interface CustomFulfillmentFields {
    /** What the service knows this fulfillment as: its `sellerOrderId`. */
    deliveryRef: string | null;
    deliveryId: string | null;
    deliveryStatus: string | null;
    /** The newest event that was applied; older ones change nothing. */
    deliverySequence: number | null;
    driverName: string | null;
    driverPhone: string | null;
    eta: Date | null;
    trackingUrl: string | null;
    /** JSON: what the driver left as proof. */
    proof: string | null;
    /** Why the last attempt failed: the service's code, and what the driver wrote. */
    failureCode: string | null;
    failureNote: string | null;
    /** Why the service refused, in words for an administrator. */
    deliveryError: string | null;
    /** From pickup to dropoff in a straight line, metres. */
    tripM: number | null;
    /** What was last sent of dropoff and contents; an edit that changes it is sent again. Null: the last one was refused. */
    dropoffHash: string | null;
  }
}

const label = (value: string, description?: string) => ({
  label: [{ languageCode: LanguageCode.en, value }],
  ...(description && { description: [{ languageCode: LanguageCode.en, value: description }] }),
});
const degrees = (name: string, limit: number, text: string): CustomFieldConfig => ({
  name,
  type: 'float',
  nullable: true,
  min: -limit,
  max: limit,
  ...label(text, 'Degrees, WGS 84'),
});
const position = [degrees('latitude', 85.05112878, 'Latitude'), degrees('longitude', 180, 'Longitude')];

/**
 * Written by the plugin alone. Those of a fulfillment are in no API: customers and administrators see them as
 * `Fulfillment.delivery`, the latter in a block of its own and not as a dozen raw fields on the fulfillment's card.
 */
const shown = (name: string, type: 'datetime', text: string): CustomFieldConfig =>
  ({ name, type, nullable: true, readonly: true, ...label(text) }) as CustomFieldConfig;
const hidden = (
  name: string,
  type: 'string' | 'int' | 'text' | 'datetime',
  text: string,
  unique = false,
): CustomFieldConfig =>
  ({
    name,
    type,
    nullable: true,
    internal: true,
    ...(unique && { unique }),
    ...label(text),
  }) as CustomFieldConfig;

export const customFields: CustomFields = {
  Address: [...position, { name: 'deliveryNotes', type: 'text', nullable: true, ...label('Notes for the driver') }],
  StockLocation: [
    ...position,
    { name: 'pickupAddress', type: 'string', length: 500, nullable: true, ...label('Pickup address') },
    { name: 'pickupPhone', type: 'string', nullable: true, ...label('Pickup phone') },
  ],
  Order: [
    shown('deliveryAfter', 'datetime', 'Deliver after'),
    shown('deliveryBefore', 'datetime', 'Deliver before'),
    shown('deliveryWished', 'datetime', 'Window lost, wished from'),
  ],
  Fulfillment: [
    hidden('deliveryStatus', 'string', 'Delivery status'),
    hidden('driverName', 'string', 'Driver'),
    hidden('eta', 'datetime', 'Expected at'),
    hidden('trackingUrl', 'string', 'Tracking page'),
    // Unique: two fulfillments made at the same moment can never stand for the same delivery.
    hidden('deliveryRef', 'string', 'Reference at the service', true),
    hidden('deliveryId', 'string', 'Delivery id'),
    hidden('deliverySequence', 'int', 'Last event'),
    hidden('driverPhone', 'string', 'Driver phone'),
    hidden('proof', 'text', 'Proof of delivery'),
    hidden('failureCode', 'string', 'Failed because'),
    hidden('failureNote', 'text', 'What the driver wrote'),
    hidden('deliveryError', 'text', 'Refused because'),
    hidden('tripM', 'int', 'Trip (m)'),
    hidden('dropoffHash', 'string', 'Dropoff sent'),
  ],
};
