import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Db } from '#shared/db/open-db.ts';
import { commitAcceptance, commitDecline } from '#shared/db/statements/answer-offer.ts';
import {
  commitKeyRevocation,
  createKey,
  noteKeyUse,
  readKey,
  readOldestKeys,
  selectKeys,
} from '#shared/db/statements/api-keys.ts';
import { commitRoute } from '#shared/db/statements/arrange-route.ts';
import { assignDelivery } from '#shared/db/statements/assign-delivery.ts';
import { buryOrder } from '#shared/db/statements/bury-order.ts';
import { commitDeliveryChange } from '#shared/db/statements/change-delivery.ts';
import {
  commitDriverChange,
  commitDuty,
  commitRetirement,
  commitTokenGrant,
  createDriver,
} from '#shared/db/statements/change-driver.ts';
import { readBoard, readChanges, readOnDuty } from '#shared/db/statements/changes.ts';
import { commitPlan, type PlanInput } from '#shared/db/statements/commit-plan.ts';
import { deleteSession, insertSession, readSession } from '#shared/db/statements/console-session.ts';
import { createDeliveries, createDelivery } from '#shared/db/statements/create-delivery.ts';
import { createPairing, deleteDevice, selectDevices, usePairing } from '#shared/db/statements/devices.ts';
import { endLease } from '#shared/db/statements/dispatch-lease.ts';
import {
  commitDriverErasure,
  eraseTraces,
  readDriverDeliveries,
  readDriverEvents,
} from '#shared/db/statements/driver-data.ts';
import { erasePeople, findByPhone, findOne } from '#shared/db/statements/erasure.ts';
import { exhaustDeliveries } from '#shared/db/statements/exhaust-deliveries.ts';
import { readGaugeRow } from '#shared/db/statements/gauges.ts';
import { couldBeHeard } from '#shared/db/statements/hearing.ts';
import { commitHold, commitRelease, releaseDue } from '#shared/db/statements/hold-delivery.ts';
import { findNearest, readLocations, saveContacts } from '#shared/db/statements/locations.ts';
import { useTicket } from '#shared/db/statements/login-ticket.ts';
import { makeOffers } from '#shared/db/statements/make-offers.ts';
import { commitMove, type Move } from '#shared/db/statements/move-delivery.ts';
import { readFinishedTrips, readNumbers } from '#shared/db/statements/numbers.ts';
import { claimEvents, renewLeases, settleEvents } from '#shared/db/statements/outbox.ts';
import { dropPhotos, notePhoto, readOldPhotos, readPhotoNote } from '#shared/db/statements/photos.ts';
import { clearDirty, readDirty, readProjected, scanProjected } from '#shared/db/statements/projection.ts';
import { selectDecisions, selectDeliveriesNamed } from '#shared/db/statements/read-decisions.ts';
import { readAskedBefore, readOffers } from '#shared/db/statements/read-offers.ts';
import { readStopsBefore, selectRoute } from '#shared/db/statements/read-route.ts';
import {
  readDrivers,
  readDueShops,
  readLargestCapacity,
  readNowMs,
  readOnTheWay,
  readShopsOnTheWay,
  readWaiting,
} from '#shared/db/statements/read-snapshot.ts';
import {
  checkSchema,
  type DeliveryFilter,
  selectDeliveries,
  selectDelivery,
  selectDriver,
  selectDrivers,
} from '#shared/db/statements/reads.ts';
import { commitRedelivery } from '#shared/db/statements/redeliver-delivery.ts';
import {
  forgetDeliveries,
  forgetDriverEvents,
  forgetKeys,
  forgetOutbox,
  forgetPositions,
} from '#shared/db/statements/retention.ts';
import { commitPincode } from '#shared/db/statements/set-pincode.ts';
import { settleOffers } from '#shared/db/statements/settle-offers.ts';
import { setLimits } from '#shared/db/statements/shop-limits.ts';
import {
  commitWebhook,
  createShop,
  insertDefaultShop,
  readShopsBySlug,
  readTokenVersions,
  selectShop,
  selectShops,
  setDispatch,
} from '#shared/db/statements/shops.ts';
import { readUnsealed, replaceSecrets } from '#shared/db/statements/stored-secrets.ts';
import {
  listShopsOfSilent,
  listStranded,
  markUnreachable,
  sweepSilentDrivers,
} from '#shared/db/statements/sweep-drivers.ts';
import { readTracked } from '#shared/db/statements/tracked.ts';
import { replayEvents, selectFailures } from '#shared/db/statements/webhook-failures.ts';
import { commitWithdrawal } from '#shared/db/statements/withdraw-everything.ts';
import { HERE, newOrder } from './builders.ts';
import { nobody } from './shop-commands.ts';

/** What the statements are asked about. */
export interface Asking {
  shop: string;
  /** The first one has had many deliveries. */
  drivers: readonly string[];
  /** Deliveries that wait, in order of id. */
  waiting: readonly string[];
  /** One that has ended. */
  ended: string;
  plan: PlanInput;
  /** A cursor of the change feed. */
  cursor: string;
}

type Statement = (db: Db, asking: Asking) => Promise<unknown>;

const somebody = { actor: 'test', idempotency: { scope: 'shop:a', key: 'a', requestSha256: 'a' } };
const first = (ids: readonly string[]) => ids[0] ?? '';

const move = (shop_id: string, which: Pick<Move, 'delivery_id' | 'order_ref'>): Move => ({
  ...which,
  shop_id,
  driver_id: null,
  to_status: 'CANCELLED',
  from_statuses: ['PENDING'],
  occurred_at: null,
  lat: null,
  lon: null,
  proof: null,
  pincode: null,
  skip_pincode: false,
  failure_code: null,
  note: null,
  exclude: false,
});

const COMMANDS: Readonly<Record<string, Statement>> = {
  createDelivery: (db, { shop, drivers }) =>
    createDelivery(db, somebody, newOrder(shop, 'A-1', drivers.slice(0, 8), { if_calm: true })),
  createDeliveries: (db, { shop, drivers }) =>
    createDeliveries(
      db,
      [1, 2].map((n) => ({ who: nobody, input: newOrder(shop, `A-${n}`, drivers.slice(0, 8)) })),
    ),
  commitPlan: (db, { plan }) => commitPlan(db, nobody, plan),
  commitMove: (db, { shop, waiting }) =>
    commitMove(db, somebody, move(shop, { delivery_id: first(waiting), order_ref: null })),
  'moveDelivery by its order': (db, { shop }) =>
    commitMove(db, nobody, move(shop, { delivery_id: null, order_ref: 'WAITS-1' })),
  assignDelivery: (db, { shop, drivers, waiting }) =>
    assignDelivery(db, nobody, {
      shop_id: shop,
      delivery_id: first(waiting),
      driver_id: first(drivers),
      overrides: [],
      pinned: false,
      by_hand: true,
    }),
  commitDeliveryChange: (db, { shop }) =>
    commitDeliveryChange(db, nobody, { shop_id: shop, delivery_id: null, order_ref: 'WAITS-2' }, { notes: 'ring' }),
  commitPincode: (db, { shop, waiting }) =>
    commitPincode(db, nobody, { shop_id: shop, delivery_id: first(waiting), pincode: '4711' }),
  commitRedelivery: (db, { shop }) =>
    commitRedelivery(db, nobody, { shop_id: shop, delivery_id: null, order_ref: 'WAITS-2' }, { notes: 'ring' }),
  commitRoute: (db, { shop, drivers }) =>
    commitRoute(db, nobody, { shop_id: shop, driver_id: first(drivers), version: 1, fixed_stops: 0, stops: [] }),
  buryOrder: (db, { shop }) => buryOrder(db, nobody, { shop_id: shop, order_ref: 'NEVER-CAME' }),
  makeOffers: (db, { shop, drivers, waiting }) =>
    makeOffers(db, nobody, {
      shop_id: shop,
      trips: [{ trip: 0, exclusive: true, wave: 1 }],
      parts: [{ trip: 0, delivery: first(waiting), version: 1, pickup_at: null, dropoff_at: null }],
      askings: [{ trip: 0, driver: first(drivers), version: 1 }],
      spent: [],
      answer_s: 45,
      decisions: [],
    }),
  commitAcceptance: (db, { shop, drivers }) =>
    commitAcceptance(db, nobody, { shop_id: shop, offer_id: first(drivers), driver_id: first(drivers) }),
  commitDecline: (db, { shop, drivers }) =>
    commitDecline(db, nobody, { shop_id: shop, offer_id: first(drivers), driver_id: null, reason: 'too_far' }),
  settleOffers: (db, { shop }) => settleOffers(db, nobody, shop),
  commitHold: (db, { shop, waiting }) =>
    commitHold(db, nobody, { shop_id: shop, delivery_id: first(waiting), until: null, note: null }),
  commitRelease: (db, { shop, waiting }) => commitRelease(db, nobody, { shop_id: shop, delivery_id: first(waiting) }),
  releaseDue: (db) => releaseDue(db),
  exhaustDeliveries: (db) => exhaustDeliveries(db),
  sweepSilentDrivers: (db) => sweepSilentDrivers(db),
  markUnreachable: (db) => markUnreachable(db),
  createDriver: (db, { shop }) =>
    createDriver(db, nobody, {
      shop_id: shop,
      external_ref: 'new',
      name: 'New',
      phone: null,
      vehicle: null,
      capacity: 1,
      tags: [],
      shift_ends_at: null,
    }),
  commitDuty: (db, { shop, drivers }) =>
    commitDuty(db, nobody, { shop_id: shop, driver_id: first(drivers), duty: 'BUSY', contact: true }),
  commitDriverChange: (db, { shop, drivers }) =>
    commitDriverChange(db, nobody, { shop_id: shop, driver_id: first(drivers) }, { name: 'Other' }),
  commitRetirement: (db, { shop, drivers }) =>
    commitRetirement(db, nobody, { shop_id: shop, driver_id: first(drivers) }),
  commitTokenGrant: (db, { shop, drivers }) =>
    commitTokenGrant(db, nobody, { shop_id: shop, driver_id: first(drivers), revoke: false }),
  commitDriverErasure: (db, { shop, drivers }) =>
    commitDriverErasure(db, nobody, { shop_id: shop, driver_id: first(drivers) }),
  replayEvents: (db, { shop }) => replayEvents(db, nobody, { shop_id: shop, event_ids: null }),
  createShop: (db) =>
    createShop(db, nobody, {
      slug: 'new',
      name: 'New',
      policy: 'planned',
      max_radius_m: 1_000,
      dispatch: {},
      pickup_lat: null,
      pickup_lon: null,
      pickup_address: null,
      inbound_secrets: [],
      inbound_static_sha256: null,
    }),
  commitWebhook: (db, { shop }) =>
    commitWebhook(db, nobody, {
      shop_id: shop,
      webhook_url: 'http://127.0.0.1:9/other',
      webhook_secrets: [],
      webhook_static_secret: null,
      webhook_in_transit: true,
      webhook_eta_changed: true,
      webhook_offers: true,
    }),
  setDispatch: (db, { shop }) =>
    setDispatch(db, nobody, { shop_id: shop, policy: null, max_radius_m: null, dispatch: {} }),
  createKey: (db, { shop }) =>
    createKey(db, nobody, {
      shop_id: shop,
      key_id: 'new',
      name: 'New',
      secret_sha256: 'x',
      sealed: 'x',
      scopes: ['read'],
      expires_in_s: null,
    }),
};

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

const LISTS: Readonly<Record<string, Statement>> = {
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

const READS: Readonly<Record<string, Statement>> = {
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
  readShopsOnTheWay: (db) => readShopsOnTheWay(db),
  readLargestCapacity: (db, { shop }) => readLargestCapacity(db, shop),
  readNowMs: (db) => readNowMs(db),
  readNumbers: (db, { shop }) => readNumbers(db, shop, new Date(Date.now() - 12 * 3_600_000).toISOString()),
  readFinishedTrips: (db, { shop }) => readFinishedTrips(db, shop),
  selectDecisions: (db, { shop, ended }) => selectDecisions(db, shop, ended, { beforeId: null, limit: 20 }),
  selectDeliveriesNamed: (db) => selectDeliveriesNamed(db, { deliveryId: null, orderRef: 'OLD-7', shopId: null }),
  readOffers: (db, { shop, drivers }) => readOffers(db, shop, first(drivers)),
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

const UPKEEP: Readonly<Record<string, Statement>> = {
  claimEvents: (db) => claimEvents(db, { relay: 'relay', limit: 256, perShop: 16, underWay: {} }),
  renewLeases: (db, { waiting }) => renewLeases(db, 'relay', waiting.slice(0, 50)),
  settleEvents: (db, { shop, waiting }) =>
    settleEvents(
      db,
      'relay',
      waiting.slice(0, 50).map((id) => ({
        event: { id, shop_id: shop, delivery_id: id, seq: 1 },
        as: { outcome: 'sent' },
      })),
    ),
  saveContacts: (db, { shop, drivers }) =>
    saveContacts(
      db,
      shop,
      drivers.slice(0, 100).map((driver_id) => ({
        driver_id,
        ...HERE,
        recorded_at_ms: null,
        heard_at_ms: performance.now(),
      })),
    ),
  findNearest: (db, { shop }) => findNearest(db, shop, { center: HERE, radiusM: 5_000, limit: 10 }),
  readLocations: (db, { shop, drivers }) => readLocations(db, shop, drivers.slice(0, 100)),
  readProjected: (db, { shop, drivers }) => readProjected(db, shop, drivers.slice(0, 100)),
  scanProjected: (db, { shop }) => scanProjected(db, shop, null, 500),
  readDirty: (db) => readDirty(db, 500),
  clearDirty: (db, { drivers }) =>
    clearDirty(
      db,
      drivers.slice(0, 100).map((id) => ({ id, version: 1 })),
    ),
  endLease: (db, { shop }) => endLease(db, shop, 'planner'),
  insertSession: (db) => insertSession(db, 'a', 3_600),
  deleteSession: (db, { shop }) => deleteSession(db, shop),
  readSession: (db, { shop }) => readSession(db, shop),
  createPairing: (db, { shop, drivers }) =>
    createPairing(db, {
      finder: 'ABCD',
      proof: 'x',
      shop_id: shop,
      driver_id: first(drivers),
      token_ttl_s: 60,
      life_s: 60,
    }),
  usePairing: (db) => usePairing(db, { finder: 'ABCD', proofs: ['x'] }, 'Phone'),
  selectDevices: (db, { shop, drivers }) => selectDevices(db, shop, first(drivers)),
  deleteDevice: (db, { shop, drivers }) =>
    deleteDevice(db, { shop_id: shop, driver_id: first(drivers), device_id: shop }),
  findByPhone: (db, { shop }) => findByPhone(db, shop, '+49 30 901820', null),
  findOne: (db, { shop }) => findOne(db, shop, { deliveryId: null, orderRef: 'OLD-7' }),
  erasePeople: (db, { shop, ended }) => erasePeople(db, shop, [ended]),
  commitWithdrawal: (db, { shop }) => commitWithdrawal(db, shop),
  readUnsealed: (db) => readUnsealed(db, 'sealed.', null),
  replaceSecrets: (db, { shop }) => {
    const none = { id: shop, inbound_secrets: [], webhook_secrets: [], webhook_static_secret: null };
    return replaceSecrets(db, none, none);
  },
  useTicket: (db) => useTicket(db, 'ticket'),
  notePhoto: (db, { shop, ended }) => notePhoto(db, { shop_id: shop, delivery_id: ended, driver_id: null }),
  readPhotoNote: (db, { ended }) => readPhotoNote(db, ended),
  readOldPhotos: (db) => readOldPhotos(db, 100, 50),
  dropPhotos: (db, { ended }) => dropPhotos(db, [ended]),
  forgetPositions: (db) => forgetPositions(db, 30),
  forgetDeliveries: (db) => forgetDeliveries(db, 100),
  forgetDriverEvents: (db) => forgetDriverEvents(db, 100),
  forgetOutbox: (db) => forgetOutbox(db, 30),
  forgetKeys: (db) => forgetKeys(db, { keys: 1, inbox: 8 }),
};

/** Every statement that the service sends to Postgres, by the function that sends it, and what it is asked for. */
export const EVERY_STATEMENT: Readonly<Record<string, Statement>> = { ...COMMANDS, ...LISTS, ...READS, ...UPKEEP };

const FOLDER = path.join(import.meta.dirname, '..', 'db', 'statements');
/** Sends the texts of others. */
const RUNS_OTHERS = 'run-command.ts';

/** The functions that send statements, as the files in shared/db/statements have them. */
export function functionsThatSend(): readonly string[] {
  const files = readdirSync(FOLDER).filter((file) => !file.includes('.test.') && file !== RUNS_OTHERS);
  return files.flatMap((file) => {
    const exported = readFileSync(path.join(FOLDER, file), 'utf8').split(/^export /m);
    const sending = exported.filter((each) => each.includes('db: Db') && each.includes('Promise<'));
    return sending.flatMap((each) => /^(?:async )?function (\w+)/.exec(each)?.[1] ?? []);
  });
}
