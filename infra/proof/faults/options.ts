import { parseArgs } from 'node:util';
import { faultsNamed } from './every-fault.ts';

export interface Options {
  /** All choices of the load and the schedule follow from it; what the machine does in between does not. */
  seed: number;
  /** Only faults whose name contains one of these; null: all. */
  only: readonly string[] | null;
  /** How long faults are injected; setting up, healing and checking come on top. */
  minutes: number;
  /** Where the result is written as JSON; null: nowhere. */
  json: string | null;
  /** Run against a deliberately broken copy of this tree (`infra/proof/faults/mutants/<name>.patch`). */
  mutant: string | null;
  /** How long things took is told and not judged. */
  lenientTimes: boolean;
  help: boolean;
}

export const HELP = `npm run faults [-- --minutes 20] [--seed 1] [--only redis_kill,worker] [--mutant <name>|all] [--json file]

Starts the service (two servers, two relays) on private PostgreSQL and Redis, each process behind TCP proxies of its own,
a webhook receiver, and load from seeded clients; breaks one thing after another, and beside many of them one of another
kind: a store for all processes, the way of one process to one store (cut, half open, losing replies, narrow), a process,
the clock of one, an endpoint; sends hostile callers; heals; and checks what must hold (I1-I25, P1-P10) over the history of all requests, the
database, the projection, the receiver's log and what followers of the feed were told. Exit code 1 on any violation, and
where too little happened to prove anything; beside each check stands how much it has judged (operations, events,
seconds): from 20 minutes on each must have judged something. From 10 minutes on, what is otherwise done beside others is also done by
itself, and what takes a minute or more is done at all. PM2 is not among it: see functions/pm2.int.test.ts.

  --minutes n     how long to inject faults (default 2)
  --seed n        of the load and the schedule (default 1)
  --only a,b      only faults whose name contains a or b
  --mutant name   check the checker: the same run against a broken copy of the tree must find a violation
  --lenient-times how long things took is told and not judged; all else is
  --json file     also write the result as JSON (default dist/faults.json)
  --help          this text`;

/** @throws TypeError for an unknown flag, a wrong number, or a part that no fault has in its name */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      minutes: { type: 'string', default: '2' },
      json: { type: 'string', default: 'dist/faults.json' },
      mutant: { type: 'string' },
      'lenient-times': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new TypeError('--minutes must be a number above 0');
  if (!Number.isSafeInteger(seed)) throw new TypeError('--seed must be a whole number');
  const only = values.only?.split(',') ?? null;
  const unknown = only?.find((part) => faultsNamed(part).length === 0);
  if (unknown !== undefined)
    throw new TypeError(`--only: no fault has ${unknown} in its name (infra/proof/faults/faults-of-*.ts)`);
  const { json, mutant = null, help } = values;
  return {
    seed,
    only,
    minutes,
    json: json || null,
    mutant,
    lenientTimes: values['lenient-times'],
    help,
  };
}
