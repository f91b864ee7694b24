import type { Db } from '../open-db.ts';
import { LEASE_S } from './dispatch-lease.ts';
import { BREAK_IS_OVER } from './end-breaks.ts';

/** What a plan asks about a delivery. Times in ms since 1970. */
export interface DeliveryFacts {
  id: string;
  version: number;
  status: string;
  dispatch: string;
  /** Null only for what a person gave to a driver without. */
  pickup_lat: number | null;
  pickup_lon: number | null;
  dropoff_lat: number | null;
  dropoff_lon: number | null;
  ready_at: number | null;
  pickup_after: number | null;
  pickup_before: number | null;
  pickup_service_s: number | null;
  dropoff_after: number | null;
  dropoff_before: number | null;
  dropoff_service_s: number | null;
  size: number;
  requires: readonly string[];
  priority: number;
  hard_windows: boolean;
  excluded_driver_ids: readonly string[];
  pinned: boolean;
  placed_at: number;
  due_at: number;
  picked_up_at: number | null;
  pickup_rank: number | null;
  dropoff_rank: number | null;
  planned_pickup_at: number | null;
  planned_dropoff_at: number | null;
  held_until: number | null;
  held_reason: string | null;
  dispatch_attempts: number;
  /** The engine was to look at it by now. */
  is_due: boolean;
}

/** One whose places are known: what waits to be planned always is. */
export type LocatedDelivery = DeliveryFacts & {
  pickup_lat: number;
  pickup_lon: number;
  dropoff_lat: number;
  dropoff_lon: number;
};

export function isLocated(delivery: DeliveryFacts): delivery is LocatedDelivery {
  return delivery.pickup_lat !== null && delivery.dropoff_lat !== null;
}

/** What a plan asks about a driver, with all they have in hand. */
export interface DriverFacts {
  id: string;
  version: number;
  capacity: number;
  load: number;
  reserved: number;
  duty: string;
  /** When the break ends that they are on, or that was their last. */
  break_until: number | null;
  tags: readonly string[];
  vehicle: string | null;
  shift_ends_at: number | null;
  fixed_rank: number;
  idle_since: number;
  lat: number | null;
  lon: number | null;
  seen_age_s: number | null;
  delivered_today: number;
  stops: readonly DeliveryFacts[];
}

const ms = (time: string) => `floor(extract(epoch FROM ${time}) * 1000)::float8`;

const FACTS = `json_build_object('id', x.id, 'version', x.version, 'status', x.status, 'dispatch', x.dispatch,
  'pickup_lat', x.pickup_lat, 'pickup_lon', x.pickup_lon, 'dropoff_lat', x.dropoff_lat, 'dropoff_lon', x.dropoff_lon,
  'ready_at', ${ms('x.pickup_ready_at')}, 'pickup_after', ${ms('x.pickup_after')}, 'pickup_before', ${ms('x.pickup_before')},
  'pickup_service_s', x.pickup_service_s, 'dropoff_after', ${ms('x.dropoff_after')}, 'dropoff_before', ${ms('x.dropoff_before')},
  'dropoff_service_s', x.dropoff_service_s, 'size', x.size, 'requires', x.requires, 'priority', x.priority,
  'hard_windows', x.hard_windows, 'excluded_driver_ids', x.excluded_driver_ids, 'pinned', x.pinned,
  'placed_at', ${ms('x.created_at')}, 'due_at', ${ms('x.due_at')}, 'picked_up_at', ${ms('x.picked_up_at')},
  'pickup_rank', x.pickup_rank, 'dropoff_rank', x.dropoff_rank, 'planned_pickup_at', ${ms('x.planned_pickup_at')},
  'planned_dropoff_at', ${ms('x.planned_dropoff_at')}, 'held_until', ${ms('x.held_until')}, 'held_reason', x.held_reason,
  'dispatch_attempts', x.dispatch_attempts, 'is_due', coalesce(x.next_dispatch_at <= now(), false))`;

/** Deliveries in one plan: the most urgent of those that wait. */
export const MOST_WAITING = 300;

// As their partial indexes have them: joined by OR, the finished deliveries would all be read for each plan.
const SOUGHT = `dispatch IN ('searching','held','exhausted')`;
const COME_DUE = `(status = 'PENDING' AND dispatch = 'scheduled' AND next_dispatch_at <= now())`;

const KINDS_OF_WAITING = [
  `dispatch.delivery WHERE shop_id = $1 AND ${SOUGHT}`,
  `dispatch.delivery WHERE shop_id = $1 AND ${COME_DUE}`,
  `dispatch.delivery WHERE shop_id = $1 AND id = $4 AND status = 'PENDING'
     AND pickup_lat IS NOT NULL AND dropoff_lat IS NOT NULL AND NOT (${SOUGHT}) AND NOT coalesce(${COME_DUE}, false)`,
];
const WAITS = `(${KINDS_OF_WAITING.map((kind) => `EXISTS (SELECT 1 FROM ${kind})`).join(' OR ')})`;

const URGENCY = `x.id IS NOT DISTINCT FROM $4::uuid DESC, coalesce(x.next_dispatch_at <= now(), false) DESC, x.priority DESC, x.due_at, x.id`;

/** What waits in a shop, and whether this planner has the shop to itself. */
export interface Waiting {
  leased: boolean;
  waits: boolean;
  now_ms: number;
  /** Empty for a planner that asked for the lease and does not have it: of many that ask again, only one needs them. */
  waiting: readonly LocatedDelivery[];
  /** Drivers are being asked, or were: some of it may be over. */
  offers: boolean;
  /** Breaks of drivers are over that have not been ended. */
  breaks: boolean;
}

/**
 * The shop's waiting deliveries, the most urgent first: those the engine was to look at by now, then the longest due; and its lease, in
 * the same round trip, where there is anything to plan.
 * @param holder names the planner; null: the lease is not asked for
 * @param options.always also where nothing waits: the routes in hand are planned anew
 * @param options.deliveryId this one too, whatever it waits for, if its places are known
 */
export async function readWaiting(
  db: Db,
  shopId: string,
  holder: string | null,
  options: { always?: boolean; deliveryId?: string } = {},
): Promise<Waiting> {
  const [row] = await db.run<Waiting>(
    `WITH lease AS (INSERT INTO dispatch.dispatch_lease AS l (shop_id, holder, until)
       SELECT $1, $2::text, now() + interval '${LEASE_S} s' WHERE $2::text IS NOT NULL AND ($3::boolean OR ${WAITS})
       ON CONFLICT (shop_id) DO UPDATE SET holder = excluded.holder, until = excluded.until
       WHERE (l.until < now() OR l.holder = excluded.holder) AND coalesce(l.rests_until <= now(), true) RETURNING 1),
     waiting AS MATERIALIZED (SELECT x.*, row_number() OVER (ORDER BY ${URGENCY}) AS turn FROM (${KINDS_OF_WAITING.map((kind) => `SELECT * FROM ${kind}`).join(' UNION ALL ')}) x
       ORDER BY turn LIMIT ${MOST_WAITING})
     SELECT EXISTS (SELECT 1 FROM lease) AS leased, ${WAITS} AS waits, ${ms('now()')} AS now_ms,
       CASE WHEN $2::text IS NULL OR EXISTS (SELECT 1 FROM lease)
         THEN (SELECT coalesce(json_agg(${FACTS} ORDER BY x.turn), '[]') FROM waiting x) ELSE '[]' END AS waiting,
       EXISTS (SELECT 1 FROM dispatch.offer o WHERE o.shop_id = $1 AND o.state = 'open') OR EXISTS (SELECT 1 FROM dispatch.delivery x
         WHERE x.shop_id = $1 AND x.dispatch = 'offered') AS offers,
       EXISTS (SELECT 1 FROM dispatch.driver w WHERE w.shop_id = $1 AND ${BREAK_IS_OVER}) AS breaks`,
    [shopId, holder, options.always ?? false, options.deliveryId ?? null],
  );
  if (row === undefined) throw new Error('a SELECT without FROM answers one row');
  return row;
}

/**
 * The drivers named, and those of the shop who have something in hand (Redis knows no position of a BUSY driver), the
 * nearest to `center` first, `mostBusy` at most.
 * @param question.center unit vector of the middle of what waits (domain/geo.ts); null: in order of id
 * @param question.busyAfter of those who have something in hand only who comes behind this one by id; absent: all
 */
export function readDrivers(
  db: Db,
  shopId: string,
  question: {
    driverIds: readonly string[];
    mostBusy: number;
    busyAfter?: string | null;
    center: readonly [number, number, number] | null;
    countToday: boolean;
  },
): Promise<readonly DriverFacts[]> {
  return db.run(
    `WITH busy AS (SELECT d.id FROM dispatch.driver d LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id
       WHERE d.shop_id = $1 AND d.load > 0 AND ($6::uuid IS NULL OR d.id > $6) ORDER BY l.sphere <-> $4::text::cube, d.id LIMIT $3),
     today AS MATERIALIZED (SELECT x.driver_id, count(*) AS n FROM dispatch.delivery x WHERE $5::boolean AND x.shop_id = $1
       AND x.ended_at > now() - interval '12 h' AND x.status = 'DELIVERED' GROUP BY x.driver_id)
     SELECT d.id, d.version::float8 AS version, d.capacity, d.load, d.reserved, d.duty, ${ms('d.break_until')} AS break_until,
       to_json(d.tags) AS tags, d.vehicle, ${ms('d.shift_ends_at')} AS shift_ends_at, d.fixed_rank, ${ms('d.idle_since')} AS idle_since, l.lat, l.lon,
       extract(epoch FROM now() - l.seen_at)::float8 AS seen_age_s,
       coalesce((SELECT today.n FROM today WHERE today.driver_id = d.id), 0)::float8 AS delivered_today,
       (SELECT coalesce(json_agg(${FACTS} ORDER BY x.id), '[]') FROM dispatch.delivery x
         WHERE x.driver_id = d.id AND x.dropoff_rank IS NOT NULL) AS stops
     FROM dispatch.driver d LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id
     WHERE d.shop_id = $1 AND d.active AND d.id = ANY (ARRAY(SELECT unnest($2::uuid[]) UNION SELECT id FROM busy)) ORDER BY d.id`,
    [
      shopId,
      `{${question.driverIds.join(',')}}`,
      question.mostBusy,
      question.center === null ? null : `(${question.center.join(',')})`,
      question.countToday,
      question.busyAfter ?? null,
    ],
  );
}

/** As many as one search passes over. */
const MOST_ON_THE_WAY = 1_000;

/** Drivers who have something in hand, and room for more: a search finds them like idle ones. */
export async function readOnTheWay(db: Db, shopId: string): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(
    `SELECT id FROM dispatch.driver WHERE shop_id = $1 AND load > 0 AND status = 'AVAILABLE' LIMIT ${MOST_ON_THE_WAY}`,
    [shopId],
  );
  return rows.map(({ id }) => id);
}

/** Shops in which the engine was to look at something by now. */
export async function readDueShops(db: Db): Promise<readonly string[]> {
  const rows = await db.run<{ shop_id: string }>(
    `SELECT DISTINCT shop_id FROM (SELECT shop_id FROM dispatch.delivery
       WHERE status = 'PENDING' AND dispatch <> 'paused' AND next_dispatch_at <= now() ORDER BY next_dispatch_at LIMIT 2000) due`,
  );
  return rows.map((row) => row.shop_id);
}

/**
 * Shops to be looked at again and again: whose drivers have stops to make, since their planned times follow where they
 * are; and where somebody was searched for in vain, since a driver may have come near, of which nothing is written down.
 * `busy`: how many drivers have stops to make.
 */
export function readShopsToPlanAnew(db: Db): Promise<readonly { shop_id: string; busy: number }[]> {
  return db.run(
    `SELECT shop_id, max(busy)::int AS busy FROM (SELECT shop_id, count(*) AS busy FROM dispatch.driver WHERE load > 0 GROUP BY shop_id
     UNION ALL SELECT shop_id, 0 FROM dispatch.delivery WHERE dispatch IN ('searching','held','exhausted') AND dispatch = 'exhausted') s
     GROUP BY shop_id`,
  );
}

/** The drivers of a shop who are in service. */
export interface Fleet {
  /** The largest capacity; 1 where there is nobody. */
  most: number;
  /** The vehicle that most have, and by driver that of the others. */
  vehicle: string | null;
  others: Readonly<Record<string, string | null>>;
}

export async function readFleet(db: Db, shopId: string): Promise<Fleet> {
  const [row] = await db.run<Fleet>(
    `WITH d AS MATERIALIZED (SELECT id, capacity, coalesce(vehicle, '') AS vehicle FROM dispatch.driver WHERE shop_id = $1 AND active),
     usual AS (SELECT mode() WITHIN GROUP (ORDER BY vehicle) AS vehicle FROM d)
     SELECT coalesce(max(d.capacity), 1)::int AS most, nullif(usual.vehicle, '') AS vehicle,
       coalesce(json_object_agg(d.id, nullif(d.vehicle, '')) FILTER (WHERE d.vehicle <> usual.vehicle), '{}') AS others
     FROM usual LEFT JOIN d ON true GROUP BY usual.vehicle`,
    [shopId],
  );
  if (row === undefined) throw new Error('an aggregate is always one row');
  return row;
}

/** By Postgres' clock, ms since 1970. */
export async function readNowMs(db: Db): Promise<number> {
  const [row] = await db.run<{ now_ms: number }>(`SELECT ${ms('clock_timestamp()')} AS now_ms`);
  if (row === undefined) throw new Error('a SELECT without FROM answers one row');
  return row.now_ms;
}
