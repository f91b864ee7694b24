import type { PolicyName } from '#shared/planning/settings.ts';
import { openCpuClock } from '../cpu.ts';
import { type Decisions, decisionsOf, meanOfEach } from '../figures.ts';
import type { CityRunOptions } from '../options.ts';
import { type Measure, renderTable } from '../table.ts';
import { makeDay } from './make-day.ts';
import { type CityFigures, measureDay } from './measure-day.ts';
import { openPolicy } from './policies.ts';
import { runDay } from './run-day.ts';
import { TROUBLES } from './trouble.ts';

export interface CityReport {
  bench: 'city';
  days: number;
  trouble: string;
  /** By "nearest", or "planned" with its economy. */
  policies: Record<string, { mean: CityFigures; cpu: Decisions; days: readonly CityFigures[] }>;
}

type Column = CityFigures & Decisions;

const MEASURES: readonly Measure<Column>[] = [
  { label: 'on time, %', digits: 1, of: (one) => one.onTime },
  { label: 'late, min, mean of all orders', digits: 2, of: (one) => one.late },
  { label: 'express, placed to door, min', digits: 1, of: (one) => one.express },
  { label: 'not delivered, %', digits: 1, of: (one) => 100 * (1 - one.delivered / one.orders) },
  { label: 'km per order', digits: 2, of: (one) => one.kmPerOrder },
  { label: 'deliveries per driver-hour', digits: 2, of: (one) => one.ordersPerDriverHour },
  { label: 'spread among drivers, Gini', digits: 2, of: (one) => one.spread },
  { label: 'held before anybody was told, %', digits: 1, of: (one) => one.held },
  { label: 'reassigned, per 100 orders', digits: 1, of: (one) => one.reassigned },
  { label: 'decisions', digits: 0, of: (one) => one.decisions },
  { label: 'CPU ms per decision, mean', digits: 1, of: (one) => one.msMean },
  { label: '… p99', digits: 1, of: (one) => one.msP99 },
];

/** @param say a line as soon as a policy is through a day */
export function runCity(options: CityRunOptions, say: (line: string) => void): CityReport {
  const { economies, policies, search, trouble } = options;
  const columns = policies.flatMap((policy) =>
    policy === 'planned'
      ? economies.map((economy) => column(`planned ${economy}`, policy, { ...search, economy }))
      : [column(policy, policy, search)],
  );
  say(`${options.days} days of the shop, trouble: ${trouble}`);
  for (let seed = 1; seed <= options.days; seed += 1) {
    const day = makeDay(seed);
    for (const { name, policy, settings, days, clock } of columns) {
      const decide = openPolicy(policy, day, settings);
      const figures = measureDay(runDay(day, (view) => clock.time(() => decide(view)), TROUBLES[trouble], seed));
      days.push(figures);
      const [onTime, express, km] = [figures.onTime, figures.express, figures.kmPerOrder];
      const line = `${onTime.toFixed(1)} % on time, express ${express.toFixed(1)} min, ${km.toFixed(2)} km per order`;
      say(`day ${seed}  ${name.padEnd(12)}  ${line}`);
    }
  }
  const entries = columns.map(({ name, days, clock }) => {
    return [name, { mean: meanOfEach(days), cpu: decisionsOf(clock.ms), days }] as const;
  });
  return { bench: 'city', days: options.days, trouble, policies: Object.fromEntries(entries) };
}

function column(name: string, policy: PolicyName, settings: Parameters<typeof openPolicy>[2]) {
  const days: CityFigures[] = [];
  return { name, policy, settings, days, clock: openCpuClock() };
}

export function renderCity({ days, trouble, policies }: CityReport): string {
  const columns = Object.entries(policies).map(([name, { mean, cpu }]) => [name, { ...mean, ...cpu }] as const);
  return renderTable(`mean of ${days} days, trouble: ${trouble}`, MEASURES, new Map(columns));
}
