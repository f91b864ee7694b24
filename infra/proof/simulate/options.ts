import { parseArgs } from 'node:util';
import { POLICY_NAMES, type PolicyName } from '#shared/planning/settings.ts';
import { TROUBLES, type TroubleName } from './city/trouble.ts';
import { SimulateError } from './simulate-error.ts';

/** Of the planner's search; absent: as the service has it. */
export interface SearchOptions {
  seed?: number;
  rounds?: number;
}

interface Common {
  policies: readonly PolicyName[];
  search: SearchOptions;
  json: boolean;
}

export interface MdrpOptions extends Common {
  bench: 'mdrp';
  folder: string;
  /** Names of instances; null: all. */
  instances: readonly string[] | null;
  /** Where solution files go; null: nowhere. */
  solutions: string | null;
}

export interface CityRunOptions extends Common {
  bench: 'city';
  days: number;
  economies: readonly number[];
  trouble: TroubleName;
}

const TROUBLE_NAMES = Object.keys(TROUBLES) as TroubleName[];

export const HELP = `npm run bench:dispatch -- --mdrp FOLDER [--instances A,B] [--solutions FOLDER] [options]
npm run bench:dispatch -- --city [--days 3] [--economy 0,0.5,1] [--trouble none] [options]

Drives the planner through whole days, minute by minute, knowing only what was known by then, and prints one table with
the policies side by side. Needs no PostgreSQL and no Redis. The same figures on any machine, but for the milliseconds.

  --mdrp FOLDER       days of the Meal Delivery Routing Problem: each subfolder with orders.txt, restaurants.txt,
                      couriers.txt and instance_parameters.txt is one (github.com/grubhub/mdrplib). Policies are ranked
                      by penalised click-to-door: an order that nobody brings counts 180 minutes
    --instances A,B   only these
    --solutions DIR   writes what the benchmark's evaluator reads: DIR/POLICY/INSTANCE/solution_info_*.txt
  --city              days of an invented same-day shop: one location, 6 drivers of capacity 8, 200 orders, 40 % of them
                      express, the rest in windows of two hours
    --days N          how many, from 1 on (3)
    --economy 0,1     what the policy planned is set to, a column each: 0 as soon as possible … 1 fewest kilometres
    --trouble NAME    what goes otherwise than planned: ${TROUBLE_NAMES.join(' ')}

  --policy A,B        ${POLICY_NAMES.join(' ')} (both)
  --seed N            of the planner's search (0); the days stay the same
  --rounds N          of the planner's search (as the service has it)
  --json              prints one JSON object; progress goes to the standard error
  --help              this text`;

const text = { type: 'string' } as const;
const FLAGS = {
  mdrp: text,
  instances: text,
  solutions: text,
  city: { type: 'boolean' },
  days: text,
  economy: text,
  trouble: text,
  policy: text,
  seed: text,
  rounds: text,
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const;
const OF_MDRP = ['instances', 'solutions'] as const;
const OF_CITY = ['days', 'economy', 'trouble'] as const;

/**
 * @returns null where help was asked for
 * @throws SimulateError for an unknown option, a value out of range, or none of --mdrp and --city
 */
export function readOptions(args: readonly string[]): MdrpOptions | CityRunOptions | null {
  const given = parse(args);
  if (given.help) return null;
  if ((given.mdrp === undefined) === (given.city === undefined)) throw wrong('either --mdrp FOLDER or --city');
  const stray = (given.city ? OF_MDRP : OF_CITY).find((flag) => given[flag] !== undefined);
  if (stray) throw wrong(`--${stray} belongs to ${given.city ? '--mdrp' : '--city'}`);
  const search: SearchOptions = {};
  if (given.seed !== undefined) search.seed = whole('--seed', given.seed, 0);
  if (given.rounds !== undefined) search.rounds = whole('--rounds', given.rounds, 0);
  const policies =
    given.policy === undefined ? (['nearest', 'planned'] as const) : namesOf(given.policy, '--policy', POLICY_NAMES);
  const common = { policies, search, json: given.json };
  if (given.mdrp !== undefined) {
    const { instances, solutions = null } = given;
    return {
      bench: 'mdrp',
      folder: given.mdrp,
      instances: instances === undefined ? null : list(instances),
      solutions,
      ...common,
    };
  }
  return {
    bench: 'city',
    days: whole('--days', given.days ?? '3', 1),
    economies: list(given.economy ?? '0,0.5,1').map((value) => number('--economy', value, 0, 1)),
    trouble: namesOf(given.trouble ?? 'none', '--trouble', TROUBLE_NAMES)[0] ?? 'none',
    ...common,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw wrong((error as Error).message.split('\n')[0] ?? '');
  }
}

function wrong(what: string): SimulateError {
  return new SimulateError(`${what} (npm run bench:dispatch -- --help)`);
}

function list(value: string): string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function namesOf<Name extends string>(value: string, flag: string, names: readonly Name[]): Name[] {
  const chosen = list(value).map((one) => {
    const name = names.find((name) => name === one);
    if (name === undefined) throw wrong(`${flag}: there is no ${one}; there are: ${names.join(' ')}`);
    return name;
  });
  if (chosen.length === 0) throw wrong(`${flag} needs one of: ${names.join(' ')}`);
  return [...new Set(chosen)];
}

function whole(flag: string, value: string, min: number): number {
  const parsed = number(flag, value, min, Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(parsed)) throw wrong(`${flag} takes a whole number, not ${value}`);
  return parsed;
}

function number(flag: string, value: string, min: number, max: number): number {
  const parsed = Number(value);
  if (value.trim() !== '' && parsed >= min && parsed <= max) return parsed;
  throw wrong(`${flag} takes a number from ${min}${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}, not ${value}`);
}
