import type { CounterName, GaugeName, HistogramName } from './metrics.ts';

export type Labels = Readonly<Record<string, string>>;

/** Where numbers go. Absent where nobody reads them: a Lambda has none, a server without METRICS_PORT neither. */
export interface Meter {
  count(name: CounterName, labels?: Labels, by?: number): void;
  observe(name: HistogramName, value: number, labels?: Labels): void;
}

/** A number that is asked for when somebody reads, not told when it changes. */
export interface Reading {
  name: GaugeName;
  value: number;
  labels?: Labels;
}
