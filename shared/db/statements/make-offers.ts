import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import { command, deliveryWith, driverWith, event } from './command.ts';
import type { PlanDecision } from './commit-plan.ts';
import { HEARD } from './eligible.ts';
import { runCommand } from './run-command.ts';

/** Deliveries that one driver would bring together, and who is asked to. */
export interface OfferedTrip {
  trip: number;
  /** true: one driver is asked, and their places are kept. false: several are asked, and the first to accept has it. */
  exclusive: boolean;
  wave: number;
}

export interface OffersInput {
  shop_id: string;
  trips: readonly OfferedTrip[];
  /** Of each trip, with the version that the plan was made for. */
  parts: readonly {
    trip: number;
    delivery: string;
    version: number;
    pickup_at: string | null;
    dropoff_at: string | null;
  }[];
  /** Who is asked. `version`: what the plan was made for, where the trip is exclusive. */
  askings: readonly { trip: number; driver: string; version: number | null }[];
  /** Offered as often as the shop wants: it is told, and nobody is asked any more. */
  spent: readonly { delivery: string; version: number }[];
  /** Seconds to answer. */
  answer_s: number;
  decisions: readonly (Omit<PlanDecision, 'outcome'> & { outcome: 'offered' })[];
}

export interface OffersResult {
  /** The trips that somebody was asked to make; what is left out had moved on. */
  trips: readonly number[];
  spent: number;
}

/** Who is asked, and how much of a driver the trip takes; deliveries that wait as the plan saw them. */
const STEPS = `trip AS MATERIALIZED (SELECT t.* FROM fresh f, json_to_recordset(f.trips) AS t(trip int, exclusive boolean, wave int)),
part AS MATERIALIZED (SELECT t.* FROM fresh f, json_to_recordset(f.parts)
  AS t(trip int, delivery uuid, version int, pickup_at timestamptz, dropoff_at timestamptz)),
asking AS MATERIALIZED (SELECT t.*, trip.exclusive FROM fresh f, json_to_recordset(f.askings) AS t(trip int, driver uuid, version bigint)
  JOIN trip ON trip.trip = t.trip),
given_up AS MATERIALIZED (SELECT t.* FROM fresh f, json_to_recordset(f.spent) AS t(delivery uuid, version int)),
delivery_now AS MATERIALIZED (SELECT x.id, x AS d FROM dispatch.delivery x
  WHERE x.id = ANY (ARRAY(SELECT delivery FROM part UNION SELECT delivery FROM given_up)) ORDER BY x.id FOR NO KEY UPDATE OF x),
waits AS MATERIALIZED (SELECT x.id, x.d FROM delivery_now x, fresh f WHERE (x.d).shop_id = f.shop_id
  AND (x.d).dispatch IN ('searching','held','scheduled','exhausted')),
locked AS MATERIALIZED (SELECT w.id, w AS r FROM dispatch.driver w WHERE w.id = ANY (ARRAY(SELECT driver FROM asking WHERE exclusive))
  AND (SELECT count(*) FROM delivery_now) >= 0 ORDER BY w.id FOR NO KEY UPDATE OF w),
whole AS MATERIALIZED (SELECT p.trip, array_agg(p.delivery ORDER BY p.delivery) AS ids, sum((x.d).size)::int AS size
  FROM part p LEFT JOIN waits x ON x.id = p.delivery AND (x.d).version = p.version GROUP BY p.trip HAVING bool_and(x.id IS NOT NULL)),
able AS MATERIALIZED (SELECT a.trip, a.driver, a.exclusive, k.r, h.ids, h.size FROM asking a JOIN whole h ON h.trip = a.trip
  CROSS JOIN fresh f LEFT JOIN locked k ON k.id = a.driver JOIN LATERAL (SELECT w.* FROM dispatch.driver w WHERE w.id = a.driver
    AND k.id IS NULL UNION ALL SELECT (k.r).* WHERE k.id IS NOT NULL) w ON w.shop_id = f.shop_id AND w.active AND w.duty = 'AVAILABLE'
    AND (a.version IS NULL OR w.version = a.version) AND w.load + w.reserved + h.size <= w.capacity
  JOIN LATERAL (SELECT seen_at FROM dispatch.driver_location WHERE driver_id = a.driver LIMIT 1) l ON ${HEARD}),
made AS (INSERT INTO dispatch.offer (shop_id, driver_id, delivery_ids, size, exclusive, wave, expires_at)
  SELECT f.shop_id, a.driver, a.ids, a.size, a.exclusive, t.wave, now() + f.answer_s * interval '1 s'
  FROM able a JOIN trip t ON t.trip = a.trip CROSS JOIN fresh f RETURNING id)`;

const OFFERED = deliveryWith('x.d', {
  dispatch: `'offered'`,
  version: '(x.d).version + 1',
  offered_at: 'now()',
  next_dispatch_at: `now() + f.answer_s * interval '1 s'`,
  due_at: `CASE WHEN (x.d).dispatch = 'scheduled' THEN now() ELSE (x.d).due_at END`,
  held_until: 'NULL',
  held_reason: 'NULL',
  planned_pickup_at: 'p.pickup_at',
  planned_dropoff_at: 'p.dropoff_at',
});
const GIVEN_UP = deliveryWith('x.d', {
  dispatch: `'exhausted'`,
  version: '(x.d).version + 1',
  next_dispatch_at: 'NULL',
  held_until: 'NULL',
  held_reason: 'NULL',
});

/**
 * Asks drivers, and makes the deliveries wait for what they say: a trip whole or not at all. Of an exclusive one the
 * driver's places are kept. Who is asked of the others is not locked: what matters is how they stand when they say yes.
 */
const MAKE_OFFERS = command(
  'shop_id uuid, trips json, parts json, askings json, spent json, answer_s int, decisions json',
  {
    steps: `${STEPS},
offered AS MATERIALIZED (SELECT f.n, p.trip, ${OFFERED} AS d FROM fresh f, part p JOIN waits x ON x.id = p.delivery
  WHERE p.trip IN (SELECT trip FROM able)),
exhausted AS MATERIALIZED (SELECT f.n, ${GIVEN_UP} AS d FROM fresh f, given_up g JOIN waits x ON x.id = g.delivery
  AND (x.d).version = g.version WHERE (x.d).dispatch <> 'exhausted')`,
    deliveries: 'SELECT n, d FROM offered UNION ALL SELECT n, d FROM exhausted',
    drivers: `SELECT f.n, ${driverWith('a.r', { reserved: '(a.r).reserved + a.size' })} AS r, 'OFFERED' AS type,
    NULL::uuid AS delivery_id, NULL::json AS route FROM fresh f, able a WHERE a.exclusive`,
    events: [
      event({
        from: 'offered o',
        d: 'd',
        type: `'OFFERED'`,
        data: `(SELECT json_build_object('drivers', json_agg(a.driver ORDER BY a.driver), 'wave', (SELECT t.wave FROM trip t WHERE t.trip = o.trip),
        'expiresAt', (o.d).next_dispatch_at) FROM able a WHERE a.trip = o.trip)`,
      }),
      event({ from: 'exhausted', d: 'd', type: `'EXHAUSTED'` }),
    ],
    decisions: `SELECT c.delivery, f.shop_id, c.plan_id, c.outcome, c.driver, c.reason, c.policy, c.cost_s, c.data
  FROM fresh f, json_to_recordset(f.decisions) AS c(delivery uuid, plan_id uuid, outcome text, driver uuid, reason text,
    policy text, cost_s int, data json)
  WHERE c.delivery IN (SELECT (d).id FROM offered)`,
    answer: `SELECT f.n, json_build_object('trips', (SELECT coalesce(json_agg(DISTINCT trip), '[]') FROM offered),
    'spent', (SELECT count(*) FROM exhausted)) AS result, false AS keep FROM fresh f`,
  },
);

/** Offers what a plan would have given. @returns the trips that were offered; the others are planned again */
export function makeOffers(db: Db, who: Requester, input: OffersInput): Promise<CommandResult<OffersResult>> {
  return runCommand<OffersResult>(db, MAKE_OFFERS, who, { ...input });
}
