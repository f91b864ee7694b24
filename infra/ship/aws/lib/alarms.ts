import {
  aws_cloudwatch_actions as actions,
  aws_cloudwatch as cloudwatch,
  Duration,
  aws_logs as logs,
  aws_sns as sns,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { NAMESPACE } from '../lambda/metrics.ts';
import type { Api } from './api.ts';
import type { DispatchFunction } from './functions.ts';
import type { Settings } from './settings.ts';
import type { Stores } from './stores.ts';

export interface Watched {
  stackName: string;
  api: Api;
  stores: Stores;
  http: readonly DispatchFunction[];
  relay: DispatchFunction;
  measure: DispatchFunction;
}

const MINUTE = Duration.minutes(1);
const FIVE = Duration.minutes(5);

interface Watch {
  metric: cloudwatch.IMetric;
  threshold: number;
  /** Of the last so many periods, in how many it must be past the threshold; one unless given. */
  periods?: number;
  below?: boolean;
  /** No data is bad news. */
  mustReport?: boolean;
  /** What it means, as infra/product/guides/operations.md says it. */
  means: string;
}

/** Each is explained, with what to do, in infra/product/guides/operations.md. */
export function addAlarms(scope: Construct, watched: Watched, settings: Settings): void {
  const holder = new Construct(scope, 'Alarms');
  const topic =
    settings.alarmTopicArn === null ? null : sns.Topic.fromTopicArn(holder, 'Topic', settings.alarmTopicArn);
  for (const [name, watch] of Object.entries({
    ...ofRequests(watched),
    ...ofRelay(holder, watched),
    ...ofStores(watched),
  })) {
    const alarm = new cloudwatch.Alarm(holder, name, {
      alarmDescription: watch.means,
      metric: watch.metric,
      threshold: watch.threshold,
      evaluationPeriods: watch.periods ?? 1,
      comparisonOperator: watch.below
        ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: watch.mustReport
        ? cloudwatch.TreatMissingData.BREACHING
        : cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (topic === null) continue;
    alarm.addAlarmAction(new actions.SnsAction(topic));
    alarm.addOkAction(new actions.SnsAction(topic));
  }
}

/** CloudWatch adds up ten metrics in an alarm at most. */
const METRICS_MAX = 10;

/** Whether functions were refused: one alarm for every ten of them. */
function ofThrottles(http: Watched['http']): Record<string, Watch> {
  const alarms: Record<string, Watch> = {};
  for (let from = 0; from < http.length; from += METRICS_MAX) {
    const some = http.slice(from, from + METRICS_MAX);
    const throttles = some.map(({ lambda }, n) => [`t${n}`, lambda.metricThrottles({ period: FIVE })] as const);
    const usingMetrics = Object.fromEntries(throttles);
    alarms[from === 0 ? 'Throttled' : `Throttled${from / METRICS_MAX + 1}`] = {
      metric: new cloudwatch.MathExpression({ expression: 'SUM(METRICS())', usingMetrics, period: FIVE }),
      threshold: 0,
      means: 'Functions were refused for lack of reserved concurrency',
    };
  }
  return alarms;
}

function ofRequests({ api, http }: Watched): Record<string, Watch> {
  return {
    ServerErrors: {
      metric: api.stage.metricServerError({ period: FIVE, statistic: 'Sum' }),
      threshold: 10,
      means: 'More than 10 answers of 5xx in 5 minutes',
    },
    Latency: {
      metric: api.stage.metricLatency({ period: MINUTE, statistic: 'p99' }),
      threshold: 1_500,
      periods: 5,
      means: 'One request in a hundred takes longer than 1.5 s, for 5 minutes',
    },
    ...ofThrottles(http),
  };
}

function ofRelay(scope: Construct, { stackName, relay, measure }: Watched): Record<string, Watch> {
  const backlog = (metricName: string) =>
    new cloudwatch.Metric({
      namespace: NAMESPACE,
      metricName,
      dimensionsMap: { stack: stackName },
      statistic: 'Maximum',
      period: MINUTE,
    });
  const fromLog = (id: string, pattern: logs.IFilterPattern, metricValue: string) =>
    new logs.MetricFilter(scope, `${id}Filter`, {
      logGroup: relay.log,
      filterPattern: pattern,
      metricNamespace: NAMESPACE,
      metricName: `${stackName}-${id}`,
      metricValue,
    }).metric({ statistic: 'Sum', period: FIVE });
  return {
    OutboxLag: {
      metric: backlog('outboxOldestS'),
      threshold: 300,
      periods: 3,
      means: 'An event has waited for more than 5 minutes to be sent to its shop',
    },
    OutboxParked: { metric: backlog('outboxParked'), threshold: 0, means: 'An event was given up after three days' },
    ProjectionLag: {
      metric: backlog('projectionOldestS'),
      threshold: 30,
      periods: 3,
      means: 'A driver’s change has not reached Valkey for more than 30 s',
    },
    ProjectionDrift: {
      metric: fromLog('mended', logs.FilterPattern.stringValue('$.event', '=', 'projection_repaired'), '$.mended'),
      threshold: 50,
      means: 'More than 50 drivers in 5 minutes differed between Valkey and PostgreSQL and were mended',
    },
    RelayFailed: {
      metric: fromLog('relay_failed', logs.FilterPattern.stringValue('$.event', '=', 'relay_failed'), '1'),
      threshold: 0,
      means: 'One of the relay’s duties failed for a reason other than a store that is away',
    },
    RelayCrashed: {
      metric: relay.lambda.metricErrors({ period: FIVE }),
      threshold: 0,
      means: 'A shift of the relay ended by an error, out of time or out of memory',
    },
    RelayStopped: {
      metric: relay.lambda.metricInvocations({ period: FIVE }),
      threshold: 1,
      below: true,
      mustReport: true,
      means: 'The relay has not been started for 5 minutes',
    },
    MeasureFailed: {
      metric: measure.lambda.metricErrors({ period: FIVE }),
      threshold: 2,
      means: 'The backlog could not be measured: PostgreSQL or its proxy is away',
    },
  };
}

function ofStores({ stores }: Watched): Record<string, Watch> {
  return {
    DatabaseFull: {
      metric: stores.cluster.metric('ACUUtilization', { period: FIVE, statistic: 'Average' }),
      threshold: 90,
      periods: 3,
      means: 'Aurora works at more than 90 % of maxAcu',
    },
    CacheThrottled: {
      metric: new cloudwatch.Metric({
        namespace: 'AWS/ElastiCache',
        metricName: 'ThrottledCmds',
        dimensionsMap: { clusterId: stores.cache.ref },
        statistic: 'Sum',
        period: FIVE,
      }),
      threshold: 0,
      means: 'Valkey refused commands because of cacheMaxEcpuPerSecond',
    },
  };
}
