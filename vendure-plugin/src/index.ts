import './custom-fields';

export { manageDeliveries } from './api/permission';
export { HANDLER_CODE } from './constants';
export * from './deliveries/events';
export { type Reconciled, Reconciler } from './deliveries/reconciler';
export type { Position } from './dispatch/geo';
export { type AddressGeocoder, CustomFieldGeocoder } from './dispatch/geocoder';
export type { DriverDispatchOptions, TravelAssumptions } from './options';
export { driverDeliveryHandler } from './orders/fulfillment-handler';
export { DriverDispatchPlugin } from './plugin';
export { basePlusPerKmCalculator } from './shipping/base-plus-per-km';
export { driverInRangeChecker } from './shipping/driver-in-range';
