import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Names of rows, or beginnings of them; null: all. */
  only: readonly string[] | null;
  /** How long one side of one round is loaded. */
  seconds: number;
  rounds: number;
  /** Finished deliveries among which growth is measured, at most. */
  deliveries: number;
  /** Where the figures go. */
  json: string;
}

export const HELP = `npm run bench [-- --only fix,orders] [-- --seconds 2] [-- --rounds 5] [-- --deliveries 600000] [-- --json file] [-- --help]

Measures the service against its floors, side by side in interleaved rounds, and prints one table. Starts all it needs:
a private PostgreSQL and Redis, the server as a process of its own, and what each row is held against. Uses wrk and
pgbench where they are on the PATH (Debian: apt-get install wrk postgresql-client-common postgresql-contrib), and says
where it had to do without. Figures of different machines cannot be compared; ratios can, and those of CPU best. With
fewer than five rounds, or where the middle half of a row's ratios spreads by more than 25 %, it is not judged.

  --deliveries  finished ones among which growth is measured, at most: 5000000 take gigabytes and many minutes
  --only        rows, by name or its beginning, separated by commas: `;

/** @throws Error for arguments that cannot be read */
export function readOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '5' },
      deliveries: { type: 'string', default: '600000' },
      json: { type: 'string', default: 'dist/bench.json' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const only = values.only?.split(',').map((name) => name.trim()) ?? null;
  return {
    only,
    seconds: atLeast(values.seconds, 0.2),
    rounds: atLeast(values.rounds, 1),
    deliveries: atLeast(values.deliveries, 100_000),
    json: values.json,
  };
}

function atLeast(text: string, min: number): number {
  const number = Number(text);
  if (!(number >= min))
    throw new Error(`--seconds, --rounds and --deliveries take numbers from ${min} on, not ${text}`);
  return number;
}
