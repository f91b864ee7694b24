import type { CustomFieldConfig, CustomFields } from '@vendure/core';
import { adminText } from './admin-texts';

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
    /** What its driver was last told to collect, in the order's smallest unit of money. Null: made by a version before 1.6. */
    toldToCollect: number | null;
    /** Made when pieces of it had been in a fulfillment that was cancelled: those are under way again. Null: it is not. */
    newAttempt: true | null;
  }
}

const degrees = (name: string, limit: number, en: string, de: string): CustomFieldConfig => ({
  name,
  type: 'float',
  nullable: true,
  min: -limit,
  max: limit,
  label: adminText(en, de),
  description: adminText('Degrees, WGS 84', 'Grad, WGS 84'),
});
const position = [
  degrees('latitude', 85.05112878, 'Latitude', 'Breitengrad'),
  degrees('longitude', 180, 'Longitude', 'Längengrad'),
];

/**
 * Written by the plugin alone. Those of a fulfillment are in no API: customers and administrators see them as
 * `Fulfillment.delivery`, the latter in a block of its own and not as a dozen raw fields on the fulfillment's card.
 */
const shown = (name: string, type: 'datetime', en: string, de: string): CustomFieldConfig =>
  ({ name, type, nullable: true, readonly: true, label: adminText(en, de) }) as CustomFieldConfig;
const hidden = (
  name: string,
  type: 'string' | 'int' | 'text' | 'datetime' | 'boolean',
  unique = false,
): CustomFieldConfig =>
  ({ name, type, nullable: true, internal: true, ...(unique && { unique }) }) as CustomFieldConfig;

export const customFields: CustomFields = {
  Address: [
    ...position,
    {
      name: 'deliveryNotes',
      type: 'text',
      nullable: true,
      label: adminText('Notes for the driver', 'Hinweise für den Fahrer'),
    },
  ],
  StockLocation: [
    ...position,
    {
      name: 'pickupAddress',
      type: 'string',
      length: 500,
      nullable: true,
      label: adminText('Pickup address', 'Abholadresse'),
    },
    { name: 'pickupPhone', type: 'string', nullable: true, label: adminText('Pickup phone', 'Telefon am Abholort') },
  ],
  Order: [
    shown('deliveryAfter', 'datetime', 'Deliver after', 'Liefern ab'),
    shown('deliveryBefore', 'datetime', 'Deliver before', 'Liefern bis'),
    shown('deliveryWished', 'datetime', 'Window lost, wished from', 'Zeitfenster verloren, gewünscht ab'),
  ],
  Fulfillment: [
    hidden('deliveryStatus', 'string'),
    hidden('driverName', 'string'),
    hidden('eta', 'datetime'),
    hidden('trackingUrl', 'string'),
    // Unique: two fulfillments made at the same moment can never stand for the same delivery.
    hidden('deliveryRef', 'string', true),
    hidden('deliveryId', 'string'),
    hidden('deliverySequence', 'int'),
    hidden('driverPhone', 'string'),
    hidden('proof', 'text'),
    hidden('failureCode', 'string'),
    hidden('failureNote', 'text'),
    hidden('deliveryError', 'text'),
    hidden('tripM', 'int'),
    hidden('dropoffHash', 'string'),
    hidden('toldToCollect', 'int'),
    hidden('newAttempt', 'boolean'),
  ],
};
