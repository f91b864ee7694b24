import type { Availability } from '../availability/availability.ts';
import type { Db } from '../db/open-db.ts';
import { type GaugeRow, readGaugeRow } from '../db/statements/gauges.ts';
import { DISPATCH_STATES } from '../domain/delivery.ts';
import { DRIVER_STATUSES } from '../domain/driver.ts';
import type { Reading } from '../runtime/meter.ts';

/** The numbers of this moment. Without Postgres: those of this process, and that Postgres is away. Never throws. */
export async function readGauges(deps: {
  db: Db;
  availability: Pick<Availability, 'breakerState'> | null;
}): Promise<Reading[]> {
  const own = [...ofBreaker(deps.availability), ...ofPool(deps.db)];
  try {
    return [{ name: 'dispatch_postgres_up', value: 1 }, ...own, ...ofRow(await readGaugeRow(deps.db))];
  } catch {
    return [{ name: 'dispatch_postgres_up', value: 0 }, ...own];
  }
}

function ofRow(row: GaugeRow): Reading[] {
  const [p50, p95, max] = row.contact_age_s ?? [];
  const ages = Object.entries({ '0.5': p50, '0.95': p95, '1': max });
  return [
    ...DRIVER_STATUSES.map(
      (status): Reading => ({ name: 'dispatch_drivers', value: row.drivers?.[status] ?? 0, labels: { status } }),
    ),
    ...ages.flatMap(([quantile, value]): Reading[] =>
      value === undefined ? [] : [{ name: 'dispatch_position_age_seconds', value, labels: { quantile } }],
    ),
    ...DISPATCH_STATES.filter((state) => state !== 'settled').map(
      (dispatch): Reading => ({
        name: 'dispatch_deliveries_waiting',
        value: row.waiting?.[dispatch] ?? 0,
        labels: { dispatch },
      }),
    ),
    { name: 'dispatch_delivery_wait_seconds', value: row.longest_wait_s ?? 0 },
    ...Object.entries(row.outbox).map(
      ([state, value]): Reading => ({ name: 'dispatch_outbox_pending', value, labels: { state } }),
    ),
    { name: 'dispatch_outbox_lag_seconds', value: row.outbox_lag_s ?? 0 },
    { name: 'dispatch_projection_dirty', value: row.dirty },
    { name: 'dispatch_projection_lag_seconds', value: row.dirty_age_s ?? 0 },
  ];
}

function ofBreaker(availability: Pick<Availability, 'breakerState'> | null): Reading[] {
  if (availability === null) return [];
  const present = availability.breakerState();
  return ['closed', 'open', 'half-open'].map((state) => ({
    name: 'dispatch_redis_breaker',
    value: state === present ? 1 : 0,
    labels: { state },
  }));
}

function ofPool({ usage }: Db): Reading[] {
  return Object.entries(usage?.() ?? {}).map(([state, value]) => ({
    name: 'dispatch_postgres_connections',
    value,
    labels: { state },
  }));
}
