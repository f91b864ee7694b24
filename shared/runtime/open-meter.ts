import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Labels, Meter, Reading } from './meter.ts';
import { METRICS, type MetricName } from './metrics.ts';

export interface OpenMeter extends Meter {
  /** The Prometheus text format; `readings` are the gauges of this moment. */
  render(readings: readonly Reading[]): Promise<string>;
  contentType: string;
}

type Instrument = Counter | Gauge | Histogram;

/** A registry of its own with every metric of the table, and Node's own (event loop, memory, garbage collection). */
export function openMeter(): OpenMeter {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = new Map<string, Instrument>();
  for (const name of Object.keys(METRICS) as MetricName[]) instruments.set(name, instrumentOf(name, registry));
  const gauges = [...instruments.values()].filter((each) => each instanceof Gauge);
  return {
    count: (name, labels = {}, by = 1) => (instruments.get(name) as Counter).inc(labels as Record<string, string>, by),
    observe: (name, value, labels = {}) =>
      (instruments.get(name) as Histogram).observe(labels as Record<string, string>, value),
    render: (readings) => {
      // What was not read this time is not known now, which is not the same as its last value.
      for (const gauge of gauges) gauge.reset();
      for (const { name, value, labels } of readings)
        (instruments.get(name) as Gauge).set((labels ?? {}) as Labels, value);
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function instrumentOf(name: MetricName, registry: Registry): Instrument {
  const metric = METRICS[name];
  const options = { name, help: metric.help, labelNames: [...metric.labels], registers: [registry] };
  switch (metric.kind) {
    case 'counter':
      return new Counter(options);
    case 'gauge':
      return new Gauge(options);
    case 'histogram':
      return new Histogram({ ...options, buckets: [...metric.buckets] });
  }
}
