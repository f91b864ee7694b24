import type { Node } from 'constructs';
import { readEnvironment } from './environment.ts';

/** Sizes and counts, each a context parameter: `cdk deploy -c maxAcu=16 -c concurrency='{"locate":200}'`. */
export interface Settings {
  /** Aurora capacity units; one is about 2 GiB of memory. */
  minAcu: number;
  maxAcu: number;
  /** Further Aurora instances, in another zone, that take over when the writer is lost. */
  readers: number;
  natGateways: number;
  /** Upper bounds of the cache; below them it is paid by use. */
  cacheMaxGb: number;
  cacheMaxEcpuPerSecond: number;
  /** Reserved concurrency by function; `default` for those not named. */
  concurrency: Readonly<Record<string, number>>;
  /** Database connections of one instance by function; `default` for those not named. */
  pool: Readonly<Record<string, number>>;
  memoryMb: number;
  /** Requests per second over all routes, and how many may come at once. */
  throttleRate: number;
  throttleBurst: number;
  logDays: number;
  /** Where alarms go; without it they only show. */
  alarmTopicArn: string | null;
  /** A secret whose JSON object holds DEFAULT_SHOP_* variables. */
  defaultShopSecretArn: string | null;
  /** Variables of the service itself, for all functions: `-c environment='{"LOG_LEVEL":"warn"}'`. */
  environment: Readonly<Record<string, string>>;
  /** A secret whose JSON object holds further ones that nobody should read in a function's configuration. */
  environmentSecretArn: string | null;
  /** The version of the stack's token secret that is TOKEN_SECRET; without it the one that is labelled AWSCURRENT. */
  tokenSecretVersion: string | null;
  /** The version of it that is TOKEN_SECRET_PREVIOUS, while tokens of that are in use. */
  tokenSecretPreviousVersion: string | null;
  /** Instead: a secret with the TOKEN_SECRET before the present one. */
  tokenSecretPreviousArn: string | null;
  /** The address under which shops and customers reach the API, where it is not API Gateway's own. */
  publicUrl: string | null;
  /** false: `cdk destroy` removes the database. */
  keepData: boolean;
}

export const DEFAULTS: Settings = {
  minAcu: 0.5,
  maxAcu: 4,
  readers: 1,
  natGateways: 1,
  cacheMaxGb: 1,
  cacheMaxEcpuPerSecond: 5_000,
  concurrency: { default: 10, locate: 50, status: 20, assign: 20, relay: 2, measure: 1, 'prepare-database': 1 },
  // One request at a time per instance; a second connection lets a handler ask two things at once. The relay works on many.
  pool: { default: 2, health: 1, relay: 8, measure: 1, 'prepare-database': 2 },
  memoryMb: 512,
  throttleRate: 500,
  throttleBurst: 1_000,
  logDays: 30,
  alarmTopicArn: null,
  defaultShopSecretArn: null,
  environment: {},
  environmentSecretArn: null,
  tokenSecretVersion: null,
  tokenSecretPreviousVersion: null,
  tokenSecretPreviousArn: null,
  publicUrl: null,
  keepData: true,
};

/**
 * The settings in the context, over the defaults. Values from the command line come as text.
 * @throws Error naming the parameter whose value is not of its kind, or the variable that cannot be set so
 */
export function readSettings(node: Pick<Node, 'tryGetContext'>): Settings {
  const read = Object.entries(DEFAULTS).map(([name, preset]) => {
    const given: unknown = node.tryGetContext(name);
    return [name, given === undefined ? preset : parse(name, given, preset)];
  });
  return Object.fromEntries(read) as Settings;
}

function parse(name: string, given: unknown, preset: unknown): unknown {
  const value = typeof preset === 'string' || preset === null || typeof given !== 'string' ? given : fromText(given);
  if (name === 'environment') return readEnvironment(value);
  if (typeof preset === 'object' && preset !== null) {
    const counts = typeof value === 'object' && value !== null ? Object.values(value) : [Number.NaN];
    if (counts.every((count) => Number.isInteger(count) && count > 0)) return { ...preset, ...(value as object) };
    throw new Error(`${name} must be a JSON object of whole numbers by function`);
  }
  const kind = preset === null ? 'string' : typeof preset;
  if (typeof value !== kind) throw new Error(`${name} must be a ${kind}`);
  return value;
}

function fromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function of(counts: Readonly<Record<string, number>>, name: string): number {
  return counts[name] ?? counts.default ?? 1;
}

/** `max_connections` of Aurora PostgreSQL Serverless v2 by its largest capacity, as AWS documents it. */
const MAX_CONNECTIONS: readonly (readonly [acu: number, connections: number])[] = [
  [1, 189],
  [4, 823],
  [8, 1_669],
  [16, 3_360],
  [32, 5_000],
];
/** With a smallest capacity below 1 it is held to this. */
const MAX_CONNECTIONS_BELOW_ONE = 2_000;

/** What is left for the owner, who migrates, and for people. */
export const PROXY_SHARE_PERCENT = 90;

/** How many connections the proxy may open. Between documented capacities the smaller one counts. */
export function connectionLimit({ minAcu, maxAcu }: Pick<Settings, 'minAcu' | 'maxAcu'>): number {
  const documented = MAX_CONNECTIONS.findLast(([acu]) => acu <= maxAcu)?.[1] ?? 0;
  const max = minAcu < 1 ? Math.min(documented, MAX_CONNECTIONS_BELOW_ONE) : documented;
  return Math.floor((max * PROXY_SHARE_PERCENT) / 100);
}

/**
 * Refuses sizes with which the functions could want more connections than there are, even if the proxy could share none.
 * @throws Error with both numbers
 */
export function assertConnections(settings: Settings, functions: readonly string[]): void {
  const wanted = functions.reduce((sum, name) => sum + of(settings.concurrency, name) * of(settings.pool, name), 0);
  const limit = connectionLimit(settings);
  if (wanted <= limit) return;
  throw new Error(
    `concurrency × pool is ${wanted} connections, and maxAcu=${settings.maxAcu} gives ${limit}: raise maxAcu or lower concurrency`,
  );
}
