import type { Db } from '../open-db.ts';

/** Numbers of the whole installation at this moment. Ages in seconds by Postgres' clock; null: there is none. */
export interface GaugeRow {
  drivers: Record<string, number> | null;
  contact_age_s: readonly [p50: number, p95: number, max: number] | null;
  waiting: Record<string, number> | null;
  /** Of what is searched for now, since it was due: scheduled, held and paused deliveries wait on purpose. */
  longest_wait_s: number | null;
  /** Deliveries with events to be sent, by how the first of them stands. */
  outbox: { retrying: number; parked: number; fresh: number };
  outbox_lag_s: number | null;
  dirty: number;
  dirty_age_s: number | null;
}

/** Reads small indexes only: who is on duty, what waits, what is unsent, what is dirty; drivers are counted in full. */
export async function readGaugeRow(db: Db): Promise<GaugeRow> {
  const [found] = await db.run<{ row: GaugeRow }>(
    `SELECT json_build_object(
      'drivers', (SELECT json_object_agg(status, n) FROM
        (SELECT status, count(*) AS n FROM dispatch.driver WHERE active GROUP BY status) d),
      'contact_age_s', (SELECT percentile_cont(array[0.5, 0.95, 1.0]) WITHIN GROUP (ORDER BY extract(epoch from now() - l.seen_at))
        FROM dispatch.driver d JOIN dispatch.driver_location l ON l.driver_id = d.id WHERE d.duty <> 'OFFLINE' OR d.load > 0),
      'waiting', (SELECT json_object_agg(dispatch, n) FROM
        (SELECT dispatch, count(*) AS n FROM dispatch.delivery WHERE ended_at IS NULL AND status = 'PENDING' GROUP BY dispatch) w),
      'longest_wait_s', (SELECT extract(epoch from now() - min(due_at)) FROM dispatch.delivery
        WHERE dispatch = 'searching'),
      'outbox', (SELECT json_build_object('parked', count(*) FILTER (WHERE parked_at IS NOT NULL),
          'retrying', count(*) FILTER (WHERE parked_at IS NULL AND last_error IS NOT NULL),
          'fresh', count(*) FILTER (WHERE parked_at IS NULL AND last_error IS NULL))
        FROM dispatch.outbox_lane),
      'outbox_lag_s', (SELECT extract(epoch from now() - min(l.due_at)) FROM dispatch.shop s CROSS JOIN LATERAL (
          SELECT due_at FROM dispatch.outbox_lane WHERE shop_id = s.id AND due_at <= now() ORDER BY due_at LIMIT 1) l
        WHERE s.webhook_url IS NOT NULL AND s.webhook_disabled_at IS NULL),
      'dirty', (SELECT count(*) FROM dispatch.projection_dirty),
      'dirty_age_s', (SELECT extract(epoch from now() - min(marked_at)) FROM dispatch.projection_dirty)) AS row`,
  );
  if (found === undefined) throw new Error('a SELECT without FROM answers one row');
  return found.row;
}
