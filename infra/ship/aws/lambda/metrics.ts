/** What CloudWatch is told each minute, about the whole installation. Ages in seconds; 0 where nothing waits. */
export interface Backlog {
  /** Age of the oldest event that should have been sent and was not; those of shops without a webhook do not count. */
  outboxOldestS: number;
  /** Events given up after three days. */
  outboxParked: number;
  /** Age of the oldest change of a driver that Redis was not shown. */
  projectionOldestS: number;
  /** Deliveries that wait for a driver. */
  deliveriesWaiting: number;
}

export const NAMESPACE = 'DriverDispatch';

/** @param nowMs Unix time */
export function asMetrics(backlog: Backlog, nowMs: number): object {
  const Metrics = [
    { Name: 'outboxOldestS', Unit: 'Seconds' },
    { Name: 'outboxParked', Unit: 'Count' },
    { Name: 'projectionOldestS', Unit: 'Seconds' },
    { Name: 'deliveriesWaiting', Unit: 'Count' },
  ];
  return {
    _aws: { Timestamp: nowMs, CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [['stack']], Metrics }] },
    stack: process.env.STACK ?? 'dispatch',
    event: 'backlog',
    ...backlog,
  };
}
