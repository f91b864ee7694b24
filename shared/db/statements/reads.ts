import { type DeliveryStatus, isActive } from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryEventRow, DeliveryRow, DriverRow } from '../schema.ts';
import { HIGHEST_ID, LOWEST_ID } from './ids.ts';

/** Rows come as `row_to_json`, so that a row read and a row returned by a command are the same to the byte. */
async function rowsOf<Row>(db: Db, text: string, parameters: readonly unknown[]): Promise<readonly Row[]> {
  const rows = await db.run<{ row: Row }>(text, parameters);
  return rows.map((each) => each.row);
}

export async function selectDriver(db: Db, shopId: string, driverId: string): Promise<DriverRow | null> {
  const [row] = await rowsOf<DriverRow>(
    db,
    'SELECT row_to_json(d) AS row FROM dispatch.driver d WHERE d.id = $2 AND d.shop_id = $1',
    [shopId, driverId],
  );
  return row ?? null;
}

/** A page in order of id; retired drivers only where asked for. */
export function selectDrivers(
  db: Db,
  shopId: string,
  filter: { status: string | null; retired: boolean; afterId: string | null; limit: number },
): Promise<readonly DriverRow[]> {
  const ofStatus = filter.status === null ? '' : 'AND d.status = $5';
  return rowsOf(
    db,
    `SELECT row_to_json(d) AS row FROM dispatch.driver d WHERE d.shop_id = $1 AND d.id > coalesce($2::uuid, ${LOWEST_ID})
      AND d.active <> $4::boolean ${ofStatus} ORDER BY d.id LIMIT $3`,
    [shopId, filter.afterId, filter.limit, filter.retired, ...(filter.status === null ? [] : [filter.status])],
  );
}

/** @param driverId only if this driver holds it (a driver's own request), or null for anyone of the shop */
export async function selectDelivery(
  db: Db,
  shopId: string,
  deliveryId: string,
  driverId: string | null,
): Promise<{ delivery: DeliveryRow; events: readonly DeliveryEventRow[] } | null> {
  const [row] = await rowsOf<{ delivery: DeliveryRow; events: DeliveryEventRow[] }>(
    db,
    `SELECT json_build_object('delivery', row_to_json(x), 'events', (SELECT coalesce(json_agg(row_to_json(e) ORDER BY e.seq), '[]')
       FROM dispatch.delivery_event e WHERE e.delivery_id = x.id)) AS row
     FROM dispatch.delivery x WHERE x.id = $2 AND x.shop_id = $1 AND ($3::uuid IS NULL OR x.driver_id = $3)`,
    [shopId, deliveryId, driverId],
  );
  return row ?? null;
}

export interface DeliveryFilter {
  status: DeliveryStatus | null;
  dispatch: string | null;
  driverId: string | null;
  orderRef: string | null;
  /** Newest first; the id of the last one of the page before. */
  beforeId: string | null;
  limit: number;
}

/**
 * A page of a shop's deliveries, newest first. The text has only the conditions that are asked for: beside one that may be
 * null Postgres makes a plan for all, which reads the shop's history. What is going on and what went wrong have indexes
 * of their own (schema: delivery_open, delivery_missed), named here by the conditions they were made with.
 */
export function selectDeliveries(db: Db, shopId: string, filter: DeliveryFilter): Promise<readonly DeliveryRow[]> {
  const { status, dispatch, driverId, orderRef, beforeId, limit } = filter;
  const parameters: unknown[] = [shopId, beforeId, limit];
  const given = (value: unknown) => `$${parameters.push(value)}`;
  const conditions = [
    `${isOfAll(filter) ? 'x.shop_id BETWEEN $1 AND $1' : 'x.shop_id = $1'} AND x.id < coalesce($2::uuid, ${HIGHEST_ID})`,
    orderRef !== null && `x.order_ref = ${given(orderRef)}`,
    driverId !== null && `x.driver_id = ${given(driverId)}`,
    status !== null && hasStatus(status, given(status)),
    dispatch !== null && `x.dispatch = ${given(dispatch)}${dispatch === 'settled' ? '' : ' AND x.ended_at IS NULL'}`,
    // What a driver has in hand, among all they ever had.
    driverId !== null && status !== null && isActive(status) && 'x.dropoff_rank IS NOT NULL',
  ];
  return rowsOf(
    db,
    `SELECT row_to_json(x) AS row FROM dispatch.delivery x WHERE ${conditions.filter(Boolean).join(' AND ')}
     ORDER BY x.shop_id DESC, x.id DESC LIMIT $3`,
    parameters,
  );
}

/**
 * Nothing of it is rare, so the shop's newest are walked. Not said by `=`, since Postgres would then take the primary key,
 * which has the order too, for as good as the shop's index, and walk past whatever the other shops had since.
 */
const isOfAll = ({ status, dispatch, driverId, orderRef }: DeliveryFilter) =>
  driverId === null &&
  orderRef === null &&
  (status === null || status === 'DELIVERED') &&
  (dispatch === null || dispatch === 'settled');

function hasStatus(status: DeliveryStatus, given: string): string {
  if (status === 'PENDING' || isActive(status)) return `x.status = ${given} AND x.ended_at IS NULL`;
  if (status === 'DELIVERED') return `x.status = ${given}`;
  return `x.ended_as = ${given} AND x.ended_as <> 'DELIVERED'`;
}

/** Postgres answers and holds our tables. */
export async function checkSchema(db: Db): Promise<void> {
  await db.run('SELECT 1 FROM dispatch.shop LIMIT 1');
}
