import { randomUUID } from 'node:crypto';
import type { DropoffStop, NewDelivery, PickupStop } from '../contract/deliveries.ts';
import type { ShopRow } from '../db/schema.ts';
import type { Ran } from '../db/statements/run-command.ts';
import {
  type CreateResult,
  createDelivery as insert,
  type NewDelivery as NewRow,
} from '../db/statements/create-delivery.ts';
import { nextDispatchDelayMs } from '../domain/dispatch-schedule.ts';
import { type Attempt, assignInRounds } from './assign-in-rounds.ts';
import type { Caller, FlowDeps } from './deps.ts';
import { measureWait } from './measure-assignment.ts';

/**
 * Stores an order as a delivery and gives it to the nearest driver, in one commit. No driver, or no coordinates: it is
 * stored all the same and waits. `exists`: the shop's order is here already, under whatever key it came.
 */
export async function createDelivery(
  deps: FlowDeps,
  caller: Caller,
  shop: ShopRow,
  input: NewDelivery,
): Promise<Ran<Exclude<CreateResult, { outcome: 'lost' }>>> {
  const row = toRow(shop, input);
  const store = (attempt: Attempt) => {
    const order = { ...row, ...attempt };
    return deps.intake ? deps.intake.create(caller, order) : insert(deps.db, caller, order);
  };
  const sinceMs = performance.now();
  const assign = () => searchable(row, deps, caller, shop, store, sinceMs);
  const ran = await (deps.intake ? deps.intake.inTurn(shop.id, assign) : assign());
  measureWait(deps.meter, ran);
  if (ran.kind === 'done' || ran.kind === 'replayed') {
    if (ran.result.outcome !== 'lost') return { ...ran, result: ran.result };
    // Another copy of the order was stored between our look and our insert: now it can be seen.
    return createDelivery(deps, caller, shop, input);
  }
  return ran;
}

function searchable(
  row: StoredRow,
  deps: FlowDeps,
  caller: Caller,
  shop: ShopRow,
  store: (attempt: Attempt) => Promise<Ran<CreateResult>>,
  sinceMs: number,
): Promise<Ran<CreateResult>> {
  const { pickup_lat: lat, pickup_lon: lon } = row;
  if (lat === null || lon === null || row.dropoff_lat === null || row.dropoff_lon === null) {
    return store({ candidates: [], reasons: {}, final: true });
  }
  // It has no id before it is stored; any random text spreads orders over equally near drivers as well.
  const waiting = {
    id: randomUUID(),
    pickup: { lat, lon },
    dropoff: { lat: row.dropoff_lat, lon: row.dropoff_lon },
    waitingSinceMs: 0,
    readyAtMs: row.pickup_ready_at === null ? null : Date.parse(row.pickup_ready_at),
    dropoffBeforeMs: row.dropoff_before === null ? null : Date.parse(row.dropoff_before),
    excludedDriverIds: [],
  };
  return assignInRounds(deps, caller, shop, waiting, store, sinceMs);
}

type StoredRow = Omit<NewRow, keyof Attempt>;

function toRow(shop: ShopRow, input: NewDelivery): StoredRow {
  const pickup = input.pickup ?? shopPickup(shop);
  return {
    shop_id: shop.id,
    order_ref: input.sellerOrderId ?? null,
    channel_id: input.channelId ?? null,
    ...pickupColumns(pickup),
    ...dropoffColumns(input.dropoff),
    notes: input.notes ?? null,
    pincode: input.pincode ?? null,
    retry_in_ms: nextDispatchDelayMs(1),
  };
}

function shopPickup(shop: ShopRow): PickupStop {
  return { lat: shop.pickup_lat, lon: shop.pickup_lon, ...(shop.pickup_address ?? {}) };
}

/** Coordinates and times get columns, since the search and the policy ask them; the rest is kept as it was said. */
export function pickupColumns({ lat, lon, readyAt, ...rest }: PickupStop) {
  return { pickup_lat: lat ?? null, pickup_lon: lon ?? null, pickup_ready_at: readyAt ?? null, pickup: said(rest) };
}
export function dropoffColumns({ lat, lon, before, ...rest }: DropoffStop) {
  return { dropoff_lat: lat ?? null, dropoff_lon: lon ?? null, dropoff_before: before ?? null, dropoff: said(rest) };
}

function said(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}
