import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import { command, deliveryWith, driverWith, event } from './command.ts';
import { runCommand } from './run-command.ts';

/** Offers closed in one statement. */
const AT_ONCE = 200;

const SEARCHED_AGAIN = deliveryWith('x.d', {
  dispatch: `'searching'`,
  version: '(x.d).version + 1',
  next_dispatch_at: 'now()',
  offered_at: 'NULL',
  planned_pickup_at: 'NULL',
  planned_dropoff_at: 'NULL',
});

/**
 * Closes what is over: its time has come, a delivery of it has moved on, or the driver takes nothing any more. What nobody
 * thinks about after that is searched for again, also where the last two said no in one moment, and neither saw the other. Nothing waits for this to be right: the accepting statement judges for
 * itself, and whatever this misses because somebody was faster is there the next time.
 */
const SETTLE_OFFERS = command('shop_id uuid, withdrawn uuid', {
  steps: `due AS MATERIALIZED (SELECT o.id, o.driver_id, o.delivery_ids, o.exclusive FROM fresh f JOIN dispatch.offer o ON o.shop_id = f.shop_id
    AND o.state = 'open' JOIN dispatch.driver w ON w.id = o.driver_id
  WHERE o.expires_at <= now() OR w.duty <> 'AVAILABLE' OR NOT w.active OR f.withdrawn = ANY (o.delivery_ids)
    OR EXISTS (SELECT 1 FROM unnest(o.delivery_ids) u(id) LEFT JOIN dispatch.delivery x ON x.id = u.id
      WHERE x.dispatch IS DISTINCT FROM 'offered' OR x.offered_at <> o.created_at)
  ORDER BY o.expires_at, o.id LIMIT ${AT_ONCE}),
alone AS MATERIALIZED (SELECT x.id FROM fresh f JOIN dispatch.delivery x ON x.shop_id = f.shop_id AND x.dispatch = 'offered'
  WHERE NOT EXISTS (SELECT 1 FROM dispatch.offer o WHERE o.delivery_ids @> array[x.id] AND o.state = 'open') LIMIT ${AT_ONCE}),
delivery_now AS MATERIALIZED (SELECT x.id, x AS d FROM dispatch.delivery x WHERE x.id = ANY (ARRAY(
    SELECT unnest(delivery_ids) FROM due UNION SELECT id FROM alone)) ORDER BY x.id FOR NO KEY UPDATE OF x),
locked AS MATERIALIZED (SELECT w.id, w AS r FROM dispatch.driver w WHERE w.id = ANY (ARRAY(SELECT driver_id FROM due WHERE exclusive))
  AND (SELECT count(*) FROM delivery_now) >= 0 ORDER BY w.id FOR NO KEY UPDATE OF w),
offer_now AS MATERIALIZED (SELECT o.* FROM dispatch.offer o WHERE o.id = ANY (ARRAY(SELECT id FROM due))
  AND (SELECT count(*) FROM locked) >= 0 ORDER BY o.id FOR NO KEY UPDATE OF o),
closed AS MATERIALIZED (SELECT o.*, CASE WHEN c.good AND o.expires_at <= now() THEN 'expired' ELSE 'withdrawn' END AS becomes,
    CASE WHEN NOT c.good THEN 'delivery' WHEN o.expires_at <= now() THEN NULL
      WHEN f.withdrawn = ANY (o.delivery_ids) THEN 'by_hand' ELSE 'driver' END AS because
  FROM fresh f, offer_now o CROSS JOIN LATERAL (SELECT count(*) = cardinality(o.delivery_ids) AS good FROM delivery_now x
    WHERE x.id = ANY (o.delivery_ids) AND (x.d).dispatch = 'offered' AND (x.d).offered_at = o.created_at) c
  WHERE o.state = 'open'),
put_offer AS (UPDATE dispatch.offer o SET state = c.becomes, reason = c.because, ended_at = now() FROM closed c
  WHERE o.id = c.id AND o.id = ANY (ARRAY(SELECT id FROM due))),
again AS MATERIALIZED (SELECT f.n, e.drivers, ${SEARCHED_AGAIN} AS d FROM fresh f, delivery_now x
  CROSS JOIN LATERAL (SELECT json_agg(c.driver_id ORDER BY c.driver_id) AS drivers FROM closed c
    WHERE c.becomes = 'expired' AND x.id = ANY (c.delivery_ids)) e
  WHERE (x.d).dispatch = 'offered' AND NOT EXISTS (SELECT 1 FROM dispatch.offer o WHERE o.delivery_ids @> array[x.id] AND o.state = 'open'
    AND o.created_at = (x.d).offered_at AND o.expires_at > now() AND o.id <> ALL (ARRAY(SELECT id FROM closed)))),
freed AS MATERIALIZED (SELECT driver_id, sum(size)::int AS size FROM closed WHERE exclusive GROUP BY driver_id)`,
  deliveries: 'SELECT n, d FROM again',
  drivers: `SELECT f.n, ${driverWith('k.r', { reserved: '(k.r).reserved - u.size' })} AS r, 'OFFER_ENDED' AS type,
    NULL::uuid AS delivery_id, NULL::json AS route FROM fresh f, freed u JOIN locked k ON k.id = u.driver_id`,
  events: [
    event({
      from: 'again',
      d: 'd',
      type: `CASE WHEN drivers IS NULL THEN 'SEARCHING' ELSE 'OFFER_EXPIRED' END`,
      data: `CASE WHEN drivers IS NOT NULL THEN json_build_object('drivers', drivers) END`,
    }),
  ],
  answer: `SELECT f.n, json_build_object('closed', (SELECT count(*) FROM closed), 'again', (SELECT count(*) FROM again)) AS result,
    false AS keep FROM fresh f`,
});

/**
 * Ends the offers of a shop that are over, and looks for a driver again for what they were about.
 * @param withdrawn a delivery whose offers end whatever they say: a person gives it to somebody
 * @returns how many offers ended, and how many deliveries wait again
 */
export function settleOffers(
  db: Db,
  who: Requester,
  shopId: string,
  withdrawn: string | null = null,
): Promise<CommandResult<{ closed: number; again: number }>> {
  return runCommand<{ closed: number; again: number }>(db, SETTLE_OFFERS, who, { shop_id: shopId, withdrawn });
}
