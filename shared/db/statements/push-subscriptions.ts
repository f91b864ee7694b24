import type { Db } from '../open-db.ts';

/** Browsers of one driver; with another one the oldest goes. */
const MOST_SUBSCRIPTIONS = 10;

export interface NewSubscription {
  shop_id: string;
  driver_id: string;
  /** The paired phone it is on; null: a token that is bound to none. */
  device_id: string | null;
  endpoint: string;
  p256dh: string;
  auth: string;
}

/**
 * Keeps a browser of a driver's phone; in a shop it is one driver's, whoever registers it last. What it was told stays,
 * so that a browser that registers again is not told again. @returns false: the shop has no such driver in service
 */
export async function keepSubscription(db: Db, input: NewSubscription): Promise<boolean> {
  const [row] = await db.run<{ found: boolean }>(
    `WITH d AS MATERIALIZED (SELECT * FROM dispatch.driver WHERE id = $2 AND shop_id = $1 AND active),
     oldest AS (DELETE FROM dispatch.push_subscription WHERE id = ANY (ARRAY(SELECT s.id FROM dispatch.push_subscription s
       JOIN d ON d.id = s.driver_id WHERE s.endpoint <> $4 ORDER BY s.id DESC OFFSET ${MOST_SUBSCRIPTIONS - 1}))),
     kept AS (INSERT INTO dispatch.push_subscription AS s
         (shop_id, driver_id, device_id, token_version, endpoint, p256dh, auth, told_version)
       SELECT d.shop_id, d.id, $3, d.token_version, $4, $5, $6, d.version FROM d
       ON CONFLICT (shop_id, endpoint) DO UPDATE SET driver_id = excluded.driver_id, device_id = excluded.device_id,
         token_version = excluded.token_version, p256dh = excluded.p256dh, auth = excluded.auth,
         told_version = ${unlessNew('told_version')}, told_offers = ${unlessNew('told_offers')},
         told_changes_until = ${unlessNew('told_changes_until')}, asked_after = ${unlessNew('asked_after')},
         due_at = ${unlessNew('due_at')}, leased_by = ${unlessNew('leased_by')}, attempts = ${unlessNew('attempts')})
     SELECT EXISTS (SELECT 1 FROM d) AS found`,
    [input.shop_id, input.driver_id, input.device_id, input.endpoint, input.p256dh, input.auth],
  );
  return row?.found ?? false;
}

/** What stays where the same browser registers again for the same driver. */
function unlessNew(column: string): string {
  return `CASE WHEN s.driver_id = excluded.driver_id AND s.p256dh = excluded.p256dh AND s.auth = excluded.auth
    THEN s.${column} ELSE excluded.${column} END`;
}

/** The browsers of a driver's phones. */
export function selectSubscriptions(
  db: Db,
  shopId: string,
  driverId: string,
): Promise<readonly { endpoint: string }[]> {
  return db.run('SELECT endpoint FROM dispatch.push_subscription WHERE shop_id = $1 AND driver_id = $2 ORDER BY id', [
    shopId,
    driverId,
  ]);
}

/** That browser is told nothing more of this driver. */
export async function dropSubscription(
  db: Db,
  which: { shop_id: string; driver_id: string; endpoint: string },
): Promise<void> {
  await db.run(`DELETE FROM dispatch.push_subscription WHERE shop_id = $1 AND endpoint = $3 AND driver_id = $2`, [
    which.shop_id,
    which.driver_id,
    which.endpoint,
  ]);
}
