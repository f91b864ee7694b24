import { selectKeys } from '#shared/db/statements/api-keys.ts';
import { type DeliveryFilter, selectDeliveries, selectDrivers } from '#shared/db/statements/reads.ts';
import { selectShops } from '#shared/db/statements/shops.ts';
import { listShopsOfSilent, listStranded } from '#shared/db/statements/sweep-drivers.ts';
import { selectFailures } from '#shared/db/statements/webhook-failures.ts';
import { first, type Statement } from './asking.ts';

const listed =
  (filter: Partial<DeliveryFilter>): Statement =>
  (db, { shop }) =>
    selectDeliveries(db, shop, {
      status: null,
      dispatch: null,
      driverId: null,
      orderRef: null,
      beforeId: null,
      limit: 51,
      ...filter,
    });
const listedBy =
  (filter: Partial<DeliveryFilter>): Statement =>
  (db, asking) =>
    listed({ driverId: first(asking.drivers), ...filter })(db, asking);

export const LISTS: Readonly<Record<string, Statement>> = {
  selectDeliveries: listed({}),
  'listDeliveries, a later page': (db, asking) => listed({ beforeId: asking.ended })(db, asking),
  'listDeliveries by order': listed({ orderRef: 'OLD-7' }),
  'listDeliveries PENDING': listed({ status: 'PENDING' }),
  'listDeliveries IN_TRANSIT': listed({ status: 'IN_TRANSIT' }),
  'listDeliveries DELIVERED': listed({ status: 'DELIVERED' }),
  'listDeliveries FAILED': listed({ status: 'FAILED' }),
  'listDeliveries RETURNED': listed({ status: 'RETURNED' }),
  'listDeliveries searching': listed({ dispatch: 'searching' }),
  'listDeliveries settled': listed({ dispatch: 'settled' }),
  'listDeliveries of a driver': listedBy({}),
  'listDeliveries of a driver, ASSIGNED': listedBy({ status: 'ASSIGNED' }),
  'listDeliveries of a driver, FAILED': listedBy({ status: 'FAILED' }),
  'listDeliveries of a driver, RETURNED': listedBy({ status: 'RETURNED' }),
  'listDeliveries of a driver, DELIVERED': listedBy({ status: 'DELIVERED' }),
  selectDrivers: (db, { shop }) => selectDrivers(db, shop, { status: null, retired: false, afterId: null, limit: 51 }),
  'listDrivers AVAILABLE': (db, { shop, drivers }) =>
    selectDrivers(db, shop, { status: 'AVAILABLE', retired: false, afterId: first(drivers), limit: 51 }),
  selectFailures: (db, { shop }) => selectFailures(db, shop, { afterId: null, limit: 51 }),
  selectShops: (db) => selectShops(db, null, 50),
  selectKeys: (db, { shop }) => selectKeys(db, shop),
  listStranded: (db) => listStranded(db),
  listShopsOfSilent: (db) => listShopsOfSilent(db),
};
