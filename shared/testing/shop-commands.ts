import { type Db, openDb } from '#shared/db/open-db.ts';
import type { DeliveryRow } from '#shared/db/schema.ts';
import { type AssignResult, assignDelivery } from '#shared/db/statements/assign-delivery.ts';
import { createDelivery, type NewDelivery } from '#shared/db/statements/create-delivery.ts';
import type { Move } from '#shared/db/statements/move-delivery.ts';
import type { CommandResult, Requester } from '#shared/domain/command.ts';
import { allowedFrom, type DeliveryStatus } from '#shared/domain/delivery.ts';
import { buildShop, newOrder } from './builders.ts';
import { testDatabase } from './stores.ts';

/** Somebody without an idempotency key. */
export const nobody = { actor: 'test', idempotency: null };

/** What a test of the statements that change state works with: a database of its own, and one shop in it. */
export interface ShopCommands {
  db: Db;
  /** Of the database, for connections besides `db`. */
  url: string;
  shop: string;
  withKey(key: string, requestSha256?: string): Requester;
  order(order_ref: string | null, candidates?: readonly string[], rest?: Partial<NewDelivery>): NewDelivery;
  /** @throws Error when the order was lost or refused */
  created(...order: Parameters<ShopCommands['order']>): Promise<DeliveryRow>;
  /** By hand. */
  assign(delivery_id: string, driver_id: string): Promise<CommandResult<AssignResult>>;
  move(delivery_id: string, to_status: DeliveryStatus, rest?: Partial<Move>): Move;
  close(): Promise<void>;
}

export async function openShopCommands(): Promise<ShopCommands> {
  const { url, drop } = await testDatabase();
  const db = openDb({ url, pool: 20, prepare: true, sessionTimeouts: true });
  const shop = await buildShop(db);
  const order: ShopCommands['order'] = (order_ref, candidates, rest) => newOrder(shop, order_ref, candidates, rest);
  return {
    db,
    url,
    shop,
    order,
    withKey: (key, requestSha256 = 'same') => ({
      actor: 'test',
      idempotency: { scope: `shop:${shop}`, key, requestSha256 },
    }),
    async created(...parameters) {
      const ran = await createDelivery(db, nobody, order(...parameters));
      if (ran.kind !== 'done' || ran.result.outcome === 'lost') throw new Error(JSON.stringify(ran));
      return ran.result.delivery;
    },
    assign: (delivery_id, driver_id) =>
      assignDelivery(db, nobody, {
        shop_id: shop,
        delivery_id,
        driver_id,
        overrides: [],
        pinned: false,
        by_hand: true,
      }),
    move: (delivery_id, to_status, rest = {}) => ({
      shop_id: shop,
      delivery_id,
      order_ref: null,
      driver_id: null,
      to_status,
      from_statuses: allowedFrom(to_status),
      occurred_at: null,
      lat: null,
      lon: null,
      proof: null,
      pincode: null,
      by_shop: false,
      failure_code: to_status === 'FAILED' ? 'DAMAGED' : null,
      note: null,
      parcel: null,
      exclude: false,
      ...rest,
    }),
    async close() {
      await db.close();
      await drop();
    },
  };
}
