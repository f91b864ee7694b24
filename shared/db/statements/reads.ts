import type { Db } from '../open-db.ts';
import type { DeliveryEventRow, DeliveryRow, DriverRow } from '../schema.ts';

/** Rows come as `row_to_json`, so that a row read and a row returned by a command are the same to the byte. */
async function rowsOf<Row>(db: Db, text: string, parameters: readonly unknown[]): Promise<readonly Row[]> {
  const rows = await db.run<{ row: Row }>(text, parameters);
  return rows.map((each) => each.row);
}

export async function readDriver(db: Db, shopId: string, driverId: string): Promise<DriverRow | null> {
  const [row] = await rowsOf<DriverRow>(
    db,
    'SELECT row_to_json(d) AS row FROM dispatch.driver d WHERE d.id = $2 AND d.shop_id = $1',
    [shopId, driverId],
  );
  return row ?? null;
}

/** A page in order of id; retired drivers only where asked for. */
export function listDrivers(
  db: Db,
  shopId: string,
  filter: { status: string | null; retired: boolean; afterId: string | null; limit: number },
): Promise<readonly DriverRow[]> {
  return rowsOf(
    db,
    `SELECT row_to_json(d) AS row FROM dispatch.driver d WHERE d.shop_id = $1 AND ($2::uuid IS NULL OR d.id > $2)
      AND ($3::text IS NULL OR d.status = $3) AND d.active <> $4::boolean ORDER BY d.id LIMIT $5`,
    [shopId, filter.afterId, filter.status, filter.retired, filter.limit],
  );
}

/** @param driverId only if this driver holds it (a driver's own request), or null for anyone of the shop */
export async function readDelivery(
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
  status: string | null;
  dispatch: string | null;
  driverId: string | null;
  orderRef: string | null;
  /** Newest first; the id of the last one of the page before. */
  beforeId: string | null;
  limit: number;
}

export function listDeliveries(db: Db, shopId: string, filter: DeliveryFilter): Promise<readonly DeliveryRow[]> {
  return rowsOf(
    db,
    `SELECT row_to_json(x) AS row FROM dispatch.delivery x WHERE x.shop_id = $1 AND ($2::uuid IS NULL OR x.id < $2)
      AND ($3::text IS NULL OR x.status = $3) AND ($4::text IS NULL OR x.dispatch = $4)
      AND ($5::uuid IS NULL OR x.driver_id = $5) AND ($6::text IS NULL OR x.order_ref = $6)
     ORDER BY x.id DESC LIMIT $7`,
    [shopId, filter.beforeId, filter.status, filter.dispatch, filter.driverId, filter.orderRef, filter.limit],
  );
}

/** Postgres answers and holds our tables. */
export async function checkSchema(db: Db): Promise<void> {
  await db.run('SELECT 1 FROM dispatch.shop LIMIT 1');
}
