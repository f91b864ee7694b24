import { readConfig } from '../../../../shared/runtime/config.ts';
import { VARIABLES } from '../../../../shared/runtime/variables.ts';

/** What the stack says itself, by how it begins. */
const OWN = ['PUBLIC_URL', 'DATABASE_URL', 'DB_', 'REDIS_', 'OPERATOR_KEY', 'TOKEN_SECRET', 'PROOF_', 'AWS_'];
/** What a Lambda has no use for: it listens nowhere, and is told by API Gateway who asks. */
const OF_SERVERS = ['PORT', 'HOST', 'TRUSTED_PROXIES', 'METRICS_', 'OTEL_', 'LIMIT_STREAMS_'];
/** What whoever may read a function's configuration would read. */
const SECRET = ['DEFAULT_SHOP_', 'VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY'];
const NOT_HERE = [...OWN, ...OF_SERVERS, ...SECRET];

/** The least that is a configuration, for asking whether the rest would do. */
const LEAST = { DATABASE_URL: 'postgres://nobody@nowhere/none', TOKEN_SECRET: 'of nobody, and at least 32 letters' };

/**
 * The service's own variables, for every function and the relay, as the context has them: a JSON object.
 * @throws Error naming those that are not known or cannot be set here; ConfigError naming those with a wrong value
 */
export function readEnvironment(given: unknown): Readonly<Record<string, string>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Error('environment must be a JSON object: variables of the service and their values');
  const environment = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  const refused = Object.keys(environment).filter((name) => !isSettable(name));
  if (refused.length > 0) throw new Error(`environment cannot have ${refused.join(', ')}; it may have ${settable()}`);
  readConfig({ ...LEAST, ...environment });
  return environment;
}

function isSettable(name: string): boolean {
  return Object.hasOwn(VARIABLES, name) && !NOT_HERE.some((beginning) => name.startsWith(beginning));
}

function settable(): string {
  return Object.keys(VARIABLES).filter(isSettable).join(', ');
}
