import { type Injector, ShippingCalculator } from '@vendure/core';
import { adminText } from '../admin-texts';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import { distanceM, travelMinutes } from '../dispatch/geo';
import type { ResolvedOptions } from '../options';
import { NearbyDrivers } from './nearby-drivers';

let nearby: NearbyDrivers;
let options: ResolvedOptions;
const money = { component: 'currency-form-input' } as const;

/** How far the look-up for the time of arrival goes; a price never depends on it. */
const ETA_RADIUS_M = 20_000;

/** A base price and so much per kilometre in a straight line from the stock location that will ship; in the metadata the distance and a time of arrival. */
export const basePlusPerKmCalculator = new ShippingCalculator({
  code: 'base-plus-per-km',
  description: adminText('Base + per km', 'Grundpreis + je km'),
  args: {
    base: { type: 'int', defaultValue: 500, ui: money, label: adminText('Base price', 'Grundpreis') },
    perKm: { type: 'int', defaultValue: 100, ui: money, label: adminText('Price per km', 'Preis je km') },
    maximum: {
      type: 'int',
      defaultValue: 0,
      ui: money,
      label: adminText('At most (0: no limit)', 'Höchstens (0: keine Grenze)'),
    },
    priceIncludesTax: {
      type: 'boolean',
      defaultValue: true,
      label: adminText('Prices include tax', 'Preise enthalten Steuer'),
    },
    taxRate: {
      type: 'int',
      defaultValue: 0,
      ui: { component: 'number-form-input', suffix: '%' },
      label: adminText('Tax rate', 'Steuersatz'),
    },
    windows: {
      type: 'string',
      required: false,
      defaultValue: '',
      label: adminText(
        'Windows to choose from, such as 10-12, 14-16 (empty: as soon as it can be)',
        'Zeitfenster zur Wahl, etwa 10-12, 14-16 (leer: so bald wie möglich)',
      ),
    },
    windowDays: {
      type: 'int',
      required: false,
      defaultValue: 2,
      label: adminText('Days to choose from, today included', 'Tage zur Wahl, heute eingeschlossen'),
    },
    windowCapacity: {
      type: 'int',
      required: false,
      defaultValue: 0,
      label: adminText('Orders for each window (0: no limit)', 'Bestellungen je Zeitfenster (0: keine Grenze)'),
    },
  },
  init(injector: Injector) {
    nearby = injector.get(NearbyDrivers);
    options = injector.get<ResolvedOptions>(DRIVER_DISPATCH_OPTIONS);
  },
  async calculate(ctx, order, args) {
    const dropoff = await nearby.dropoff(ctx, order);
    const pickup = await nearby.pickup(ctx, order, dropoff);
    const tripM = dropoff === null || pickup === null ? null : Math.round(distanceM(pickup, dropoff));
    const full = Math.round(args.base + (args.perKm * (tripM ?? 0)) / 1000);
    return {
      price: args.maximum > 0 ? Math.min(args.maximum, full) : full,
      priceIncludesTax: args.priceIncludesTax,
      taxRate: args.taxRate,
      metadata: {
        distanceM: tripM,
        etaMinutes: tripM === null || pickup === null ? null : await minutesTo(pickup, tripM),
      },
    };
  },
});

/** Null where no driver is free or the service is away: no promise is better than a wrong one. */
async function minutesTo(pickup: { lat: number; lon: number }, tripM: number): Promise<number | null> {
  const nearest = await nearby.nearest(pickup, ETA_RADIUS_M);
  if (nearest === 'none' || nearest === 'away') return null;
  return Math.round(travelMinutes(nearest.distanceM, options.travel) + travelMinutes(tripM, options.travel));
}
