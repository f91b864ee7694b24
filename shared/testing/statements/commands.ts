import { commitAcceptance, commitDecline } from '#shared/db/statements/answer-offer.ts';
import { createKey } from '#shared/db/statements/api-keys.ts';
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
import { commitPlan } from '#shared/db/statements/commit-plan.ts';
import { createDeliveries, createDelivery } from '#shared/db/statements/create-delivery.ts';
import { commitDriverErasure } from '#shared/db/statements/driver-data.ts';
import { endBreaks } from '#shared/db/statements/end-breaks.ts';
import { exhaustDeliveries } from '#shared/db/statements/exhaust-deliveries.ts';
import { commitHold, commitRelease, releaseDue } from '#shared/db/statements/hold-delivery.ts';
import { makeOffers } from '#shared/db/statements/make-offers.ts';
import { commitMove, type Move } from '#shared/db/statements/move-delivery.ts';
import { commitRating } from '#shared/db/statements/rate-delivery.ts';
import { commitRedelivery } from '#shared/db/statements/redeliver-delivery.ts';
import { commitPincode } from '#shared/db/statements/set-pincode.ts';
import { settleOffers } from '#shared/db/statements/settle-offers.ts';
import { commitShopChange, commitWebhook, createShop } from '#shared/db/statements/shops.ts';
import { markUnreachable, sweepSilentDrivers } from '#shared/db/statements/sweep-drivers.ts';
import { replayEvents } from '#shared/db/statements/webhook-failures.ts';
import { newOrder } from '../builders.ts';
import { nobody } from '../shop-commands.ts';
import { first, type Statement } from './asking.ts';

const somebody = { actor: 'test', idempotency: { scope: 'shop:a', key: 'a', requestSha256: 'a' } };

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
  by_shop: false,
  failure_code: null,
  note: null,
  parcel: null,
  exclude: false,
});

export const COMMANDS: Readonly<Record<string, Statement>> = {
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
  commitRating: (db, { shop, waiting }) =>
    commitRating(db, nobody, { shop_id: shop, delivery_id: first(waiting), stars: 5, note: null }),
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
  endBreaks: (db) => endBreaks(db, null, 'relay'),
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
      proof_required: [],
      failure_proof_required: [],
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
      webhook_ratings: true,
    }),
  commitShopChange: (db, { shop }) =>
    commitShopChange(db, nobody, { shop_id: shop, proof_required: [], customer_page: { color: '#0b6e4f' } }),
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
