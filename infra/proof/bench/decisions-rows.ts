import { openCpuClock } from '#infra/proof/simulate/cpu.ts';
import { plan } from '#shared/planning/plan.ts';
import type { Plan } from '#shared/planning/question.ts';
import { cityQuestion } from '#shared/planning/questions.testing.ts';
import type { PlanSettings } from '#shared/planning/settings.ts';
import { median, percentile, type Row, sample } from './figures.ts';

/** Open deliveries, drivers on duty, plans measured. */
const SIZES = [
  { open: 10, drivers: 5, plans: 400 },
  { open: 30, drivers: 15, plans: 300 },
  { open: 100, drivers: 50, plans: 200 },
  { open: 300, drivers: 150, plans: 200 },
] as const;
/** So many before any is counted: the compiler has seen the inner loops by then. */
const WARM_UP = 20;
const WANTED_MS = 100;
const DEADLINE_MS = 50;

type Size = (typeof SIZES)[number];

/** One decision: `plan` itself, each time on a city it has never seen, in CPU time. */
export function decisionsRows(): Row[] {
  const rows = SIZES.map((size) => rowFor(size, nameOf(size), () => ({})));
  const largest = SIZES.at(-1)!;
  return [...rows, rowFor(largest, `${nameOf(largest)}, stopped after ${DEADLINE_MS} ms`, stopping)];
}

/** By the processor's time, where the engine goes by the clock: else it would say how busy this machine is. */
function stopping(): Partial<PlanSettings> {
  const began = process.cpuUsage();
  return {
    stop: () => {
      const { user, system } = process.cpuUsage(began);
      return user + system > DEADLINE_MS * 1_000;
    },
  };
}

function nameOf({ open, drivers }: Size): string {
  return `decision, ${open} × ${drivers}`;
}

function rowFor({ open, drivers, plans }: Size, name: string, settings: () => Partial<PlanSettings>): Row {
  const cpu = openCpuClock();
  const planned = (seed: number): Plan => {
    const question = cityQuestion(open, drivers, seed);
    return cpu.time(() => plan({ ...question, settings: settings() }));
  };
  for (let seed = 1; seed <= WARM_UP; seed += 1) planned(-seed);
  const made = Array.from({ length: plans }, (_, seed) => planned(seed + 1));
  const times = cpu.ms.slice(WARM_UP);
  const rounds = made.map((each) => each.rounds);
  const p99Ms = percentile(times, 99);
  return {
    name,
    unit: 'ms CPU p99',
    ours: sample(p99Ms, { p50Ms: median(times), p99Ms }),
    floor: null,
    ratio: null,
    wanted: `≤ ${WANTED_MS}`,
    reached: p99Ms <= WANTED_MS,
    notes: [
      `${plans} cities, each planned once; rounds of ruin and recreate: ${Math.min(...rounds)} to ${Math.max(...rounds)}, ${median(rounds)} in the middle`,
    ],
  };
}
