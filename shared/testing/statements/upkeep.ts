import { deleteSession, insertSession, readSession } from '#shared/db/statements/console-session.ts';
import { createPairing, deleteDevice, selectDevices, usePairing } from '#shared/db/statements/devices.ts';
import { endLease } from '#shared/db/statements/dispatch-lease.ts';
import { erasePeople, findOne, readEnded, readNumbersNamed } from '#shared/db/statements/erasure.ts';
import { findNearest, readLocations, saveContacts } from '#shared/db/statements/locations.ts';
import { useTicket } from '#shared/db/statements/login-ticket.ts';
import { claimEvents, renewLeases, settleEvents } from '#shared/db/statements/outbox.ts';
import { dropPhotos, notePhoto, readOldPhotos, readPhotoNote } from '#shared/db/statements/photos.ts';
import { clearDirty, readDirty, readProjected, scanProjected } from '#shared/db/statements/projection.ts';
import { keepPushKey, readPushKey, resealPushKey } from '#shared/db/statements/push-key.ts';
import { dropSubscription, keepSubscription, selectSubscriptions } from '#shared/db/statements/push-subscriptions.ts';
import {
  forgetDeliveries,
  forgetDriverEvents,
  forgetKeys,
  forgetOutbox,
  forgetPositions,
} from '#shared/db/statements/retention.ts';
import { readUnsealed, replaceSecrets } from '#shared/db/statements/stored-secrets.ts';
import { claimPushes, settlePush } from '#shared/db/statements/tell-phones.ts';
import { commitWithdrawal } from '#shared/db/statements/withdraw-everything.ts';
import { HERE } from '../builders.ts';
import { first, type Statement } from './asking.ts';

export const UPKEEP: Readonly<Record<string, Statement>> = {
  claimEvents: (db) => claimEvents(db, { relay: 'relay', limit: 256, perShop: 16, underWay: {} }),
  renewLeases: (db, { waiting }) => renewLeases(db, 'relay', waiting.slice(0, 50)),
  settleEvents: (db, { shop, waiting }) =>
    settleEvents(
      db,
      'relay',
      waiting.slice(0, 50).map((id) => ({
        event: { id, shop_id: shop, delivery_id: id, seq: 1, url: 'https://shop.example/hooks' },
        as: { outcome: 'sent' },
      })),
    ),
  claimPushes: (db, { drivers }) => claimPushes(db, { relay: first(drivers), limit: 64, perShop: 16, underWay: {} }),
  settlePush: (db, { shop, drivers }) =>
    settlePush(
      db,
      shop,
      {
        id: shop,
        shop_id: shop,
        driver_id: first(drivers),
        endpoint: 'https://push.example/a',
        p256dh: 'a',
        auth: 'a',
        kind: 'route',
        ttl_s: 60,
        attempts: 1,
        version: 1,
        offers: [],
        changes_until: new Date().toISOString(),
        asked_after: null,
      },
      { outcome: 'told' },
    ),
  keepSubscription: (db, { shop, drivers }) =>
    keepSubscription(db, {
      shop_id: shop,
      driver_id: first(drivers),
      device_id: null,
      endpoint: 'https://push.example/a',
      p256dh: 'a',
      auth: 'a',
    }),
  dropSubscription: (db, { shop, drivers }) =>
    dropSubscription(db, { shop_id: shop, driver_id: first(drivers), endpoint: 'https://push.example/a' }),
  selectSubscriptions: (db, { shop, drivers }) => selectSubscriptions(db, shop, first(drivers)),
  keepPushKey: (db) => keepPushKey(db, { public_key: 'a', private_key: 'b' }),
  readPushKey: (db) => readPushKey(db),
  resealPushKey: (db) => resealPushKey(db, { public_key: 'a', private_key: 'b' }, 'c'),
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
  endLease: (db, { shop }) => endLease(db, shop, 'planner', 0),
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
  readNumbersNamed: (db, { shop }) => readNumbersNamed(db, shop, '0142', null),
  findOne: (db, { shop }) => findOne(db, shop, { deliveryId: null, orderRef: 'OLD-7' }),
  readEnded: (db, { shop, ended }) => readEnded(db, shop, [ended]),
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
