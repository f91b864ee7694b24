import * as v from 'valibot';
import { readDatabaseUrl } from './database-url.ts';
import type { LogLevel } from './log.ts';
import { VARIABLES } from './variables.ts';

export type Config = {
  readonly http: { readonly port: number; readonly host: string; readonly publicUrl: string | null };
  readonly postgres: {
    readonly url: string;
    /** Connections per process. */
    readonly pool: number;
    /** Prepared statements; off behind a transaction pooler. */
    readonly prepare: boolean;
    /** Send `statement_timeout` and its like as startup parameters; off where a proxy refuses them and the role has them. */
    readonly sessionTimeouts: boolean;
  };
  /** `null`: no Redis at all, every search is answered from Postgres. */
  readonly redis: { readonly url: string; readonly prefix: string; readonly cluster: boolean } | null;
  /** `null`: the operator's endpoints answer 401. */
  readonly operatorKey: string | null;
  readonly driverTokens: { readonly secret: string; readonly previousSecret: string | null };
  readonly limits: LimitSettings;
  /** Proxies of ours between callers and this process, each of which adds to `X-Forwarded-For`. */
  readonly trustedProxies: number;
  readonly relay: { readonly intervalMs: number };
  /** `null`: nobody asks for numbers, none are kept. */
  readonly metrics: { readonly port: number; readonly host: string } | null;
  /** `null`: no spans, and nothing of OpenTelemetry loaded. */
  readonly tracing: { readonly endpoint: string; readonly service: string } | null;
  /** Days after which things are forgotten, by what they are. */
  readonly retention: Retention;
  readonly logLevel: LogLevel;
  readonly webhooks: { readonly allowPrivate: boolean | 'loopback' };
  readonly push: {
    /** Whom a push service may turn to: a `mailto:` or `https:` URL. */
    readonly subject: string;
    /** `null`: made once and kept in Postgres. */
    readonly keys: { readonly publicKey: string; readonly privateKey: string } | null;
  };
  /** `null`: no map tiles, the pages draw a schematic base of their own. */
  readonly map: { readonly tileUrl: string; readonly attribution: string } | null;
  /** A routing server, asked for durations; `null`: they are estimated. */
  readonly routing: { readonly url: string; readonly engine: 'osrm' | 'valhalla' } | null;
  /** Where photographs of handed over parcels are kept. */
  readonly proofs: {
    readonly directory: string;
    /** `null`: in the directory. */
    readonly s3: { readonly url: string; readonly credentials: S3Credentials } | null;
  };
  readonly defaultShop: DefaultShopConfig;
};

/** How much a caller may ask; 0: as much as they like. See .env.example. */
export type LimitSettings = {
  readonly keyPerMinute: number;
  readonly driverPerMinute: number;
  readonly shopPerMinute: number;
  readonly refusalsPerMinute: number;
  readonly shopStoredKeysPerDay: number;
  readonly driverStoredKeysPerDay: number;
  readonly streamsPerKey: number;
  readonly streamsPerShop: number;
};

/** Days. See .env.example for what each of them means. */
export type Retention = {
  readonly positionsDays: number;
  readonly eventsDays: number;
  readonly inboxDays: number;
  readonly outboxDays: number;
  readonly idempotencyDays: number;
  readonly photosDays: number;
};

/** What S3 and its likes take as a proof. `sessionToken` comes with temporary credentials, as a Lambda has them. */
export type S3Credentials = {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
};

export type DefaultShopConfig = {
  readonly apiKey: string | null;
  readonly signingSecret: string | null;
  readonly staticSecret: string | null;
  readonly webhook: { readonly url: string; readonly secret: string | null } | null;
  readonly pickup: { readonly lat: number; readonly lon: number; readonly address: string | null } | null;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment is wrong. `faults` has one line per variable: its name and what it must be; never its value. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is not complete:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

const SCHEMA = v.object(VARIABLES);
type Values = v.InferOutput<typeof SCHEMA>;

/**
 * The configuration in `env`. An empty variable counts as absent.
 * @throws ConfigError naming every variable that is missing or wrong, and the fix
 */
export function readConfig(env: Environment): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  // Named even when absent: valibot answers a missing key in its own words, a missing value in ours.
  const parsed = v.safeParse(SCHEMA, { TOKEN_SECRET: undefined, ...present });
  const faults = (parsed.issues ?? []).map((issue) => `${v.getDotPath(issue)} ${issue.message}`);
  faults.push(...crossFaults(present));
  if (!parsed.success || faults.length > 0) throw new ConfigError([...new Set(faults)]);
  return toConfig(parsed.output, Number(/^\d{1,3}$/.exec(env.NODE_APP_INSTANCE ?? '')?.[0] ?? 0));
}

/** The only place that reads the process's environment. */
export function loadConfig(): Config {
  return readConfig(process.env);
}

function crossFaults(env: Environment): string[] {
  const faults: string[] = [];
  if (!env.DATABASE_URL) {
    for (const name of ['DB_HOST', 'DB_NAME', 'DB_USERNAME']) {
      if (!env[name]) faults.push(`${name} is required: set it, or set DATABASE_URL`);
    }
  }
  if (env.DATABASE_URL) faults.push(...readDatabaseUrl(env.DATABASE_URL).faults);
  if (Boolean(env.DEFAULT_SHOP_PICKUP_LAT) !== Boolean(env.DEFAULT_SHOP_PICKUP_LON)) {
    faults.push('DEFAULT_SHOP_PICKUP_LAT and DEFAULT_SHOP_PICKUP_LON must be set together');
  }
  if (Boolean(env.VAPID_PUBLIC_KEY) !== Boolean(env.VAPID_PRIVATE_KEY)) {
    faults.push('VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY must be set together');
  }
  for (const name of env.PROOF_BUCKET_URL ? ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : []) {
    if (!env[name]) faults.push(`${name} is required where PROOF_BUCKET_URL is set`);
  }
  if (env.DEFAULT_SHOP_WEBHOOK_SECRET && !env.DEFAULT_SHOP_WEBHOOK_URL) {
    faults.push('DEFAULT_SHOP_WEBHOOK_URL is required where DEFAULT_SHOP_WEBHOOK_SECRET is set');
  }
  return faults;
}

/** @param instance of a PM2 cluster, from 0 */
function toConfig(values: Values, instance: number): Config {
  const redisUrl = redisUrlOf(values);
  const { url, throughPool } = readDatabaseUrl(values.DATABASE_URL ?? databaseUrlOf(values));
  return {
    http: { port: values.PORT, host: values.HOST, publicUrl: values.PUBLIC_URL ?? null },
    postgres: {
      url,
      pool: values.DB_POOL,
      prepare: values.DB_PREPARE && !throughPool,
      sessionTimeouts: values.DB_SESSION_TIMEOUTS,
    },
    redis: redisUrl === null ? null : { url: redisUrl, prefix: values.REDIS_PREFIX, cluster: values.REDIS_CLUSTER },
    operatorKey: values.OPERATOR_KEY ?? null,
    driverTokens: { secret: values.TOKEN_SECRET, previousSecret: values.TOKEN_SECRET_PREVIOUS ?? null },
    limits: limitsOf(values),
    trustedProxies: values.TRUSTED_PROXIES,
    relay: { intervalMs: values.RELAY_INTERVAL_MS },
    // PM2 numbers the processes of a cluster: each has its own numbers, so each needs a port of its own.
    metrics:
      values.METRICS_PORT === undefined ? null : { port: values.METRICS_PORT + instance, host: values.METRICS_HOST },
    tracing: values.OTEL_EXPORTER_OTLP_ENDPOINT
      ? { endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT, service: values.OTEL_SERVICE_NAME }
      : null,
    retention: {
      positionsDays: values.RETENTION_POSITIONS_DAYS,
      eventsDays: values.RETENTION_EVENTS_DAYS,
      inboxDays: values.RETENTION_INBOX_DAYS,
      outboxDays: values.RETENTION_OUTBOX_DAYS,
      idempotencyDays: values.RETENTION_IDEMPOTENCY_DAYS,
      photosDays: values.RETENTION_PHOTOS_DAYS,
    },
    logLevel: values.LOG_LEVEL,
    webhooks: { allowPrivate: values.WEBHOOK_ALLOW_PRIVATE },
    push: pushOf(values),
    map:
      values.MAP_TILE_URL === undefined
        ? null
        : { tileUrl: values.MAP_TILE_URL, attribution: values.MAP_ATTRIBUTION ?? '' },
    routing: values.ROUTING_URL === undefined ? null : { url: values.ROUTING_URL, engine: values.ROUTING_ENGINE },
    proofs: { directory: values.PROOF_DIR, s3: s3Of(values) },
    defaultShop: defaultShopOf(values),
  };
}

function limitsOf(values: Values): LimitSettings {
  return {
    keyPerMinute: values.LIMIT_KEY_PER_MINUTE,
    driverPerMinute: values.LIMIT_DRIVER_PER_MINUTE,
    shopPerMinute: values.LIMIT_SHOP_PER_MINUTE,
    refusalsPerMinute: values.LIMIT_REFUSALS_PER_MINUTE,
    shopStoredKeysPerDay: values.LIMIT_SHOP_STORED_KEYS_PER_DAY,
    driverStoredKeysPerDay: values.LIMIT_DRIVER_STORED_KEYS_PER_DAY,
    streamsPerKey: values.LIMIT_STREAMS_PER_KEY,
    streamsPerShop: values.LIMIT_STREAMS_PER_SHOP,
  };
}

/** Push services ask for somebody to turn to, and refuse addresses that are plainly nobody's. */
const NOBODY_NAMED = 'mailto:postmaster@example.com';

function pushOf({ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY, VAPID_SUBJECT, PUBLIC_URL }: Values): Config['push'] {
  const isSet = VAPID_PUBLIC_KEY !== undefined && VAPID_PRIVATE_KEY !== undefined;
  return {
    subject: VAPID_SUBJECT ?? (PUBLIC_URL?.startsWith('https:') ? PUBLIC_URL : NOBODY_NAMED),
    keys: isSet ? { publicKey: VAPID_PUBLIC_KEY, privateKey: VAPID_PRIVATE_KEY } : null,
  };
}

function s3Of(values: Values): Config['proofs']['s3'] {
  const { PROOF_BUCKET_URL, AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = values;
  if (PROOF_BUCKET_URL === undefined) return null;
  const sessionToken = values.AWS_SESSION_TOKEN ?? null;
  const keys = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken };
  return { url: PROOF_BUCKET_URL, credentials: { region: AWS_REGION, ...keys } };
}

function databaseUrlOf(values: Values): string {
  const user = encodeURIComponent(values.DB_USERNAME ?? '');
  const password = values.DB_PASSWORD ? `:${encodeURIComponent(values.DB_PASSWORD)}` : '';
  const name = encodeURIComponent(values.DB_NAME ?? '');
  return `postgres://${user}${password}@${hostOf(values.DB_HOST)}:${values.DB_PORT}/${name}`;
}

function redisUrlOf(values: Values): string | null {
  if (values.REDIS_URL) return values.REDIS_URL;
  if (!values.REDIS_HOST) return null;
  const password = values.REDIS_PASSWORD ? `:${encodeURIComponent(values.REDIS_PASSWORD)}@` : '';
  return `redis://${password}${hostOf(values.REDIS_HOST)}:${values.REDIS_PORT}`;
}

function hostOf(host = ''): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function defaultShopOf(values: Values): DefaultShopConfig {
  const lat = values.DEFAULT_SHOP_PICKUP_LAT;
  const lon = values.DEFAULT_SHOP_PICKUP_LON;
  const webhookUrl = values.DEFAULT_SHOP_WEBHOOK_URL;
  return {
    apiKey: values.DEFAULT_SHOP_KEY ?? null,
    signingSecret: values.DEFAULT_SHOP_SECRET ?? null,
    staticSecret: values.DEFAULT_SHOP_STATIC_SECRET ?? null,
    webhook: webhookUrl ? { url: webhookUrl, secret: values.DEFAULT_SHOP_WEBHOOK_SECRET ?? null } : null,
    pickup:
      lat === undefined || lon === undefined ? null : { lat, lon, address: values.DEFAULT_SHOP_PICKUP_ADDRESS ?? null },
  };
}
