import { DELIVERIES } from './operations/deliveries.ts';
import { DRIVERS, POSITIONS } from './operations/drivers.ts';
import { LIVE } from './operations/live.ts';
import { OFFERS } from './operations/offers.ts';
import type { Operation } from './operations/operation.ts';
import { PLANS } from './operations/plans.ts';
import { ROUTES } from './operations/routes.ts';
import { OTHERS, SHOPS } from './operations/shops.ts';
import { TRACKING } from './operations/tracking.ts';

export type { Media, Operation } from './operations/operation.ts';

/** By method and path, as the endpoints have them. A test holds the two lists together. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...DRIVERS,
  ...POSITIONS,
  ...DELIVERIES,
  ...PLANS,
  ...ROUTES,
  ...OFFERS,
  ...TRACKING,
  ...LIVE,
  ...SHOPS,
  ...OTHERS,
};
