/**
 * Every number the service tells about itself; what stands here is what a dashboard or an alarm may refer to. Names
 * after the Prometheus conventions: base units, `_total` for counters. No label has a value per driver, delivery or shop.
 */
export const METRICS = {
  dispatch_http_request_seconds: {
    kind: 'histogram',
    help: 'Time to answer, by route pattern and status',
    labels: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3],
  },
  dispatch_order_assigned_seconds: {
    kind: 'histogram',
    help: 'From when a delivery began to wait until a driver had it',
    labels: [],
    buckets: [0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
  },
  dispatch_plan_seconds: {
    kind: 'histogram',
    help: 'Time to make one plan for a shop',
    labels: [],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25],
  },
  dispatch_plan_rows_lost_total: {
    kind: 'counter',
    help: 'Drivers of plans whose state had changed meanwhile, by what changed; they are planned again at once',
    labels: ['why'],
  },
  dispatch_webhooks_total: { kind: 'counter', help: 'Tries to send an event to a shop', labels: ['outcome'] },
  dispatch_pushes_total: {
    kind: 'counter',
    help: "Tries to wake a driver's phone, by what it was to be told and how that went",
    labels: ['kind', 'outcome'],
  },
  dispatch_projection_repaired_total: {
    kind: 'counter',
    help: 'Differences between Postgres and Redis that the repair found and mended',
    labels: ['kind'],
  },
  dispatch_relay_failures_total: { kind: 'counter', help: 'Duties of the relay that failed', labels: ['duty'] },
  dispatch_drivers: { kind: 'gauge', help: 'Drivers in service, by status', labels: ['status'] },
  dispatch_position_age_seconds: {
    kind: 'gauge',
    help: 'Time since the last contact of drivers on duty, by quantile',
    labels: ['quantile'],
  },
  dispatch_deliveries_waiting: { kind: 'gauge', help: 'Deliveries without a driver', labels: ['dispatch'] },
  dispatch_delivery_wait_seconds: {
    kind: 'gauge',
    help: 'How long the longest-waiting searched-for delivery has waited',
    labels: [],
  },
  dispatch_outbox_pending: { kind: 'gauge', help: 'Deliveries with events not yet accepted', labels: ['state'] },
  dispatch_outbox_lag_seconds: {
    kind: 'gauge',
    help: 'How long the oldest event that is due has been due',
    labels: [],
  },
  dispatch_projection_dirty: { kind: 'gauge', help: 'Drivers whose projection may be behind', labels: [] },
  dispatch_projection_lag_seconds: { kind: 'gauge', help: 'Age of the oldest such mark', labels: [] },
  dispatch_redis_breaker: { kind: 'gauge', help: '1 for the present state of the breaker', labels: ['state'] },
  dispatch_postgres_connections: { kind: 'gauge', help: 'Pool use of this process', labels: ['state'] },
  dispatch_postgres_up: { kind: 'gauge', help: '1: Postgres answered the question behind these gauges', labels: [] },
} as const satisfies Record<string, Metric>;

interface Metric {
  kind: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: readonly string[];
  buckets?: readonly number[];
}
export type MetricName = keyof typeof METRICS;
type NamesOf<Kind extends Metric['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
export type CounterName = NamesOf<'counter'>;
export type HistogramName = NamesOf<'histogram'>;
export type GaugeName = NamesOf<'gauge'>;
