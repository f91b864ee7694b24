import { type Injector, idsAreEqual, ShippingEligibilityChecker } from '@vendure/core';
import { adminText } from '../admin-texts';
import { distanceM } from '../dispatch/geo';
import { ShopSettingsStore } from '../settings/shop-settings';
import { NearbyDrivers } from './nearby-drivers';

let nearby: NearbyDrivers;
let settings: ShopSettingsStore;

/** Offers the method where the shop delivers, and while somebody is there to do it. */
export const driverInRangeChecker = new ShippingEligibilityChecker({
  code: 'driver-in-range',
  description: adminText('Driver in range', 'Fahrer in Reichweite'),
  args: {
    maxDistanceM: {
      type: 'int',
      defaultValue: 15_000,
      ui: { component: 'number-form-input', suffix: 'm' },
      label: adminText('Delivers within (from the stock location)', 'Liefert im Umkreis (vom Lagerort)'),
    },
    driverRadiusM: {
      type: 'int',
      defaultValue: 10_000,
      ui: { component: 'number-form-input', suffix: 'm' },
      label: adminText('A driver is free within (0: do not ask)', 'Ein Fahrer ist frei im Umkreis (0: nicht fragen)'),
    },
    offerWithoutCoordinates: {
      type: 'boolean',
      defaultValue: true,
      label: adminText('Offer it to addresses without coordinates', 'Auch für Adressen ohne Koordinaten anbieten'),
    },
    offerWhenServiceIsAway: {
      type: 'boolean',
      defaultValue: true,
      label: adminText(
        'Offer it while the dispatch service does not answer',
        'Auch anbieten, während der Lieferdienst nicht antwortet',
      ),
    },
  },
  init(injector: Injector) {
    nearby = injector.get(NearbyDrivers);
    settings = injector.get(ShopSettingsStore);
  },
  async check(ctx, order, args, method) {
    const dropoff = await nearby.dropoff(ctx, order);
    if (dropoff === null && !args.offerWithoutCoordinates) return false;
    const pickup = await nearby.pickup(ctx, order, dropoff);
    const { deliveryRadiusM } = await settings.read(ctx);
    const radiusM = deliveryRadiusM ?? args.maxDistanceM;
    if (pickup !== null && dropoff !== null && distanceM(pickup, dropoff) > radiusM) return false;
    const center = pickup ?? dropoff;
    if (center === null || args.driverRadiusM <= 0) return true;
    // Vendure asks again at each step up to the payment, and would switch to another method without a word. Who is free
    // now decides what is offered; what was chosen is kept, and planned for whoever is free then.
    if (order.shippingLines?.some((line) => line.shippingMethodId && idsAreEqual(line.shippingMethodId, method.id)))
      return true;
    const nearest = await nearby.nearest(center, Math.min(200_000, args.driverRadiusM));
    return nearest === 'away' ? args.offerWhenServiceIsAway : nearest !== 'none';
  },
});
