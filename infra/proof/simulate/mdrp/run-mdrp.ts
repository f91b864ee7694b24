import path from 'node:path';
import type { PolicyName } from '#shared/planning/settings.ts';
import { openCpuClock } from '../cpu.ts';
import { type Decisions, decisionsOf, meanOfEach } from '../figures.ts';
import type { MdrpOptions } from '../options.ts';
import { type Measure, renderTable } from '../table.ts';
import { type MealFigures, measureDay } from './measure-day.ts';
import { openPolicy } from './policies.ts';
import { findDays, readDay } from './read-day.ts';
import { runDay } from './run-day.ts';
import { writeSolution } from './solution-files.ts';

export interface MdrpReport {
  bench: 'mdrp';
  instances: readonly string[];
  policies: Record<string, { mean: MealFigures; cpu: Decisions; instances: Record<string, MealFigures> }>;
}

type Column = MealFigures & Decisions;

const MEASURES: readonly Measure<Column>[] = [
  { label: 'penalised click-to-door, min', digits: 2, of: (one) => one.penalised },
  { label: 'click-to-door of those delivered, min', digits: 2, of: (one) => one.clickToDoor },
  { label: '… p90', digits: 1, of: (one) => one.clickToDoorP90 },
  { label: '… longest', digits: 1, of: (one) => one.clickToDoorMax },
  { label: '… beyond the target', digits: 2, of: (one) => one.overage },
  { label: '… beyond what nobody can beat', digits: 2, of: (one) => one.excess },
  { label: 'ready to pickup, min', digits: 2, of: (one) => one.readyToPickup },
  { label: 'ready to door, min', digits: 2, of: (one) => one.readyToDoor },
  { label: 'placed to told, min', digits: 2, of: (one) => one.placedToTold },
  { label: 'not delivered, %', digits: 2, of: (one) => 100 * (1 - one.delivered / one.orders) },
  { label: 'orders per trip', digits: 3, of: (one) => one.ordersPerTrip },
  { label: 'km per order', digits: 2, of: (one) => one.kmPerOrder },
  { label: 'orders per courier-hour', digits: 2, of: (one) => one.ordersPerCourierHour },
  { label: 'share of the shift at work', digits: 2, of: (one) => one.utilisation },
  { label: 'spread among couriers, Gini', digits: 2, of: (one) => one.spread },
  { label: 'pay of couriers', digits: 0, of: (one) => one.cost },
  { label: 'decisions', digits: 0, of: (one) => one.decisions },
  { label: 'CPU ms per decision, mean', digits: 1, of: (one) => one.msMean },
  { label: '… p99', digits: 1, of: (one) => one.msP99 },
];

/**
 * Drives each policy through each day.
 * @param say a line as soon as a day is done
 * @throws SimulateError for a folder or an instance that is not there or cannot be read
 */
export function runMdrp(options: MdrpOptions, say: (line: string) => void): MdrpReport {
  const names = findDays(options.folder, options.instances);
  const runs = options.policies.map((policy) => ({
    policy,
    days: new Map<string, MealFigures>(),
    clock: openCpuClock(),
  }));
  const width = Math.max(...names.map((name) => name.length));
  say(`${names.length} days in ${options.folder}: penalised click-to-door, minutes`);
  for (const [index, name] of names.entries()) {
    const day = readDay(options.folder, name);
    const cells = runs.map(({ policy, days, clock }) => {
      const decide = openPolicy(policy, day, options.search);
      const trips = runDay(day, (view) => clock.time(() => decide(view)));
      const figures = measureDay(day, trips);
      days.set(name, figures);
      if (options.solutions) writeSolution(path.join(options.solutions, policy, name), day, trips);
      return `${policy} ${figures.penalised.toFixed(2)}`;
    });
    const place = `${String(index + 1).padStart(String(names.length).length)}/${names.length}`;
    say(`${place}  ${name.padEnd(width)}  ${String(day.orders.length).padStart(5)} orders   ${cells.join('   ')}`);
  }
  const entries = runs.map(({ policy, days, clock }) => [policy, summary(days, clock.ms)] as const);
  return { bench: 'mdrp', instances: names, policies: Object.fromEntries(entries) };
}

function summary(days: ReadonlyMap<string, MealFigures>, ms: readonly number[]): MdrpReport['policies'][PolicyName] {
  return { mean: meanOfEach([...days.values()]), cpu: decisionsOf(ms), instances: Object.fromEntries(days) };
}

export function renderMdrp({ instances, policies }: MdrpReport): string {
  const columns = Object.entries(policies).map(([name, { mean, cpu }]) => [name, { ...mean, ...cpu }] as const);
  const bound = columns[0]?.[1].bound.toFixed(2);
  const table = renderTable(`mean of ${instances.length} days`, MEASURES, new Map(columns));
  return `${table}\nNobody can be better than ${bound} min: each order with a courier of its own at the restaurant.`;
}
