import { commitKeyRevocation, noteKeyUse, readKey, readOldestKeys } from '#shared/db/statements/api-keys.ts';
import { readBoard, readChanges, readOnDuty } from '#shared/db/statements/changes.ts';
import { eraseTraces, readDriverDeliveries, readDriverEvents } from '#shared/db/statements/driver-data.ts';
import { readGaugeRow } from '#shared/db/statements/gauges.ts';
import { couldBeHeard } from '#shared/db/statements/hearing.ts';
import { selectDecisions, selectDeliveriesNamed } from '#shared/db/statements/read-decisions.ts';
import { readAskedBefore, readOffers, readOffersMade } from '#shared/db/statements/read-offers.ts';
import { readStopsBefore, selectRoute } from '#shared/db/statements/read-route.ts';
import {
  readDrivers,
  readDueShops,
  readFleet,
  readNowMs,
  readOnTheWay,
  readShopsToPlanAnew,
  readWaiting,
} from '#shared/db/statements/read-snapshot.ts';
import { checkSchema, selectDelivery, selectDriver } from '#shared/db/statements/reads.ts';
import { setLimits } from '#shared/db/statements/shop-limits.ts';
import { insertDefaultShop, readShopsBySlug, readTokenVersions, selectShop } from '#shared/db/statements/shops.ts';
import { readFinishedTrips, readStats } from '#shared/db/statements/stats.ts';
import { readTracked } from '#shared/db/statements/tracked.ts';
import { nobody } from '../shop-commands.ts';
import { first, type Statement } from './asking.ts';

export const READS: Readonly<Record<string, Statement>> = {
  selectDriver: (db, { shop, drivers }) => selectDriver(db, shop, first(drivers)),
  selectDelivery: (db, { shop, ended }) => selectDelivery(db, shop, ended, null),
  checkSchema: (db) => checkSchema(db),
  readChanges: (db, { shop, cursor }) => readChanges(db, [{ shopId: shop, after: cursor }]),
  readBoard: (db, { shop }) => readBoard(db, shop),
  readOnDuty: (db, { shop }) => readOnDuty(db, shop),
  readWaiting: (db, { shop }) => readWaiting(db, shop, 'planner'),
  readDrivers: (db, { shop, drivers }) =>
    readDrivers(db, shop, { driverIds: drivers.slice(0, 150), mostBusy: 150, center: [1, 0, 0], countToday: true }),
  readDueShops: (db) => readDueShops(db),
  readOnTheWay: (db, { shop }) => readOnTheWay(db, shop),
  readShopsToPlanAnew: (db) => readShopsToPlanAnew(db),
  readFleet: (db, { shop }) => readFleet(db, shop),
  readNowMs: (db) => readNowMs(db),
  readStats: (db, { shop }) => readStats(db, shop, new Date(Date.now() - 12 * 3_600_000).toISOString()),
  readFinishedTrips: (db, { shop }) => readFinishedTrips(db, shop),
  selectDecisions: (db, { shop, ended }) => selectDecisions(db, shop, ended, { beforeId: null, limit: 20 }),
  selectDeliveriesNamed: (db) => selectDeliveriesNamed(db, { deliveryId: null, orderRef: 'OLD-7', shopId: null }),
  readOffers: (db, { shop, drivers }) => readOffers(db, shop, first(drivers)),
  readOffersMade: (db, { shop, drivers }) => readOffersMade(db, shop, first(drivers), { afterId: null, limit: 500 }),
  readAskedBefore: (db, { waiting }) => readAskedBefore(db, waiting.slice(0, 50)),
  selectRoute: (db, { shop, drivers }) => selectRoute(db, shop, first(drivers)),
  readStopsBefore: (db, { waiting }) => readStopsBefore(db, waiting.slice(0, 50)),
  readTracked: (db, { ended }) => readTracked(db, ended),
  readGaugeRow: (db) => readGaugeRow(db),
  couldBeHeard: (db) => couldBeHeard(db),
  readDriverEvents: (db, { shop, drivers }) =>
    readDriverEvents(db, shop, first(drivers), { afterVersion: 0, limit: 50 }),
  readDriverDeliveries: (db, { shop, drivers }) =>
    readDriverDeliveries(db, shop, first(drivers), { afterId: null, limit: 50 }),
  eraseTraces: (db, { shop, drivers }) => eraseTraces(db, shop, first(drivers)),
  selectShop: (db, { shop }) => selectShop(db, shop),
  readShopsBySlug: (db) => readShopsBySlug(db, ['default']),
  readKey: (db) => readKey(db, 'none'),
  setLimits: (db, { shop }) => setLimits(db, nobody, { shop_id: shop, limits: {} }),
  readOldestKeys: (db) => readOldestKeys(db, 20_000),
  commitKeyRevocation: (db, { shop }) => commitKeyRevocation(db, 'none', shop),
  noteKeyUse: (db) => noteKeyUse(db, ['none']),
  readTokenVersions: (db, { drivers }) => readTokenVersions(db, drivers.slice(0, 100)),
  insertDefaultShop: (db) =>
    insertDefaultShop(db, {
      key: null,
      inbound_secrets: null,
      inbound_static_sha256: null,
      webhook_url: null,
      webhook_secrets: null,
      pickup: null,
    }),
};
