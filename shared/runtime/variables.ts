import * as v from 'valibot';
import { MAX_LAT } from '../domain/geo.ts';
import { readKey } from '../domain/key-text.ts';
import { LOG_LEVELS } from './log.ts';

function between(min: number, max: number) {
  const must = `must be a whole number from ${min} to ${max}`;
  const number = v.pipe(v.string(), v.regex(/^\d{1,9}$/, must), v.transform(Number));
  return v.pipe(number, v.minValue(min, must), v.maxValue(max, must));
}

function wholeNumber(min: number, max: number, preset: number) {
  return v.optional(between(min, max), String(preset));
}
const portNumber = between(1, 65_535);

function flag(preset: boolean) {
  return v.optional(
    v.pipe(
      v.picklist(['true', 'false'], 'must be true or false'),
      v.transform((text) => text === 'true'),
    ),
    preset ? 'true' : 'false',
  );
}

function url(pattern: RegExp, must: string) {
  return v.optional(
    v.pipe(
      v.string(),
      v.regex(pattern, must),
      v.check((text) => URL.canParse(text), must),
    ),
  );
}

function degrees(limit: number) {
  const must = `must be degrees from -${limit} to ${limit}`;
  return v.optional(
    v.pipe(
      v.string(),
      v.regex(/^-?\d+(\.\d+)?$/, must),
      v.transform(Number),
      v.minValue(-limit, must),
      v.maxValue(limit, must),
    ),
  );
}

const text = v.optional(v.string());
const webhookSecret = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and the base64 of at least 24 random bytes'),
  ),
);
/** `fetch` refuses a URL with a name or a password in it, each time it is asked. */
const HTTP_URL = [
  /^https?:\/\/(?![^/?#]*@)/,
  'must be an http:// or https:// URL without a name or password in it',
] as const;

/** The pages' policy names it: `{s}` as its three subdomains, and nothing else can be told before a tile is asked for. */
const isTileHost = (tileUrl: string) => {
  const origin = /^https?:\/\/[^/?#]*/.exec(tileUrl)?.[0].replaceAll('{s}', 'a') ?? '';
  return URL.canParse(origin) && new URL(origin).username === '' && !/[{}]/.test(origin);
};

/** Every variable this service reads; `.env.example` lists the same ones. */
export const VARIABLES = {
  PORT: v.optional(portNumber, '3001'),
  HOST: v.optional(v.string(), '0.0.0.0'),
  PUBLIC_URL: url(...HTTP_URL),
  DATABASE_URL: url(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'),
  DB_HOST: text,
  DB_PORT: v.optional(portNumber, '5432'),
  DB_NAME: text,
  DB_USERNAME: text,
  DB_PASSWORD: text,
  DB_POOL: wholeNumber(1, 200, 10),
  DB_PREPARE: flag(true),
  DB_SESSION_TIMEOUTS: flag(true),
  REDIS_URL: url(/^rediss?:\/\//, 'must be a redis:// or rediss:// URL'),
  REDIS_HOST: text,
  REDIS_PORT: v.optional(portNumber, '6379'),
  REDIS_PASSWORD: text,
  REDIS_PREFIX: v.optional(v.string(), ''),
  REDIS_CLUSTER: flag(false),
  OPERATOR_KEY: v.optional(
    v.pipe(
      v.string(),
      // What a request can carry, and what is not taken for a shop's key.
      v.regex(
        /^(?!dk_)[\x21-\x7e]{24,4096}$/,
        'must have at least 24 characters, visible ASCII and no spaces, and not begin with dk_',
      ),
    ),
  ),
  TOKEN_SECRET: v.pipe(
    v.string('is required: at least 32 random characters, e.g. the output of openssl rand -base64 32'),
    v.minLength(32, 'must have at least 32 characters'),
  ),
  TOKEN_SECRET_PREVIOUS: v.optional(v.pipe(v.string(), v.minLength(32, 'must have at least 32 characters'))),
  TRUSTED_PROXIES: wholeNumber(0, 10, 0),
  LIMIT_KEY_PER_MINUTE: wholeNumber(0, 999_999_999, 60_000),
  LIMIT_DRIVER_PER_MINUTE: wholeNumber(0, 999_999_999, 1_200),
  LIMIT_SHOP_PER_MINUTE: wholeNumber(0, 999_999_999, 200_000),
  LIMIT_REFUSALS_PER_MINUTE: wholeNumber(0, 999_999_999, 1_200),
  LIMIT_SHOP_STORED_KEYS_PER_DAY: wholeNumber(0, 999_999_999, 1_000_000),
  LIMIT_DRIVER_STORED_KEYS_PER_DAY: wholeNumber(0, 999_999_999, 10_000),
  LIMIT_STREAMS_PER_KEY: wholeNumber(0, 10_000, 30),
  LIMIT_STREAMS_PER_SHOP: wholeNumber(0, 10_000, 100),
  RELAY_INTERVAL_MS: wholeNumber(10, 60_000, 250),
  RETENTION_POSITIONS_DAYS: wholeNumber(1, 3650, 30),
  RETENTION_EVENTS_DAYS: wholeNumber(4, 3650, 365),
  RETENTION_INBOX_DAYS: wholeNumber(8, 3650, 8),
  RETENTION_OUTBOX_DAYS: wholeNumber(4, 3650, 30),
  RETENTION_IDEMPOTENCY_DAYS: wholeNumber(1, 3650, 1),
  RETENTION_PHOTOS_DAYS: wholeNumber(2, 3650, 120),
  METRICS_PORT: v.optional(portNumber),
  METRICS_HOST: v.optional(v.string(), '127.0.0.1'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(...HTTP_URL),
  OTEL_SERVICE_NAME: v.optional(v.string(), 'driver-dispatch'),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`), 'info'),
  VAPID_PUBLIC_KEY: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{87}$/, 'must be 65 bytes in base64url'))),
  VAPID_PRIVATE_KEY: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{43}$/, 'must be 32 bytes in base64url'))),
  VAPID_SUBJECT: url(/^(mailto:|https:\/\/)/, 'must be a mailto: or https:// URL'),
  WEBHOOK_ALLOW_PRIVATE: v.optional(
    v.pipe(
      v.picklist(['true', 'false', 'loopback'], 'must be true, false or loopback'),
      v.transform((text) => (text === 'loopback' ? text : text === 'true')),
    ),
    'false',
  ),
  MAP_TILE_URL: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^https?:\/\/[^\s;,'"]+$/, 'must be an http:// or https:// URL with {z}, {x} and {y}'),
      v.check((value) => ['{z}', '{x}', '{y}'].every((part) => value.includes(part)), 'must have {z}, {x} and {y}'),
      v.check(isTileHost, 'must have a host that can be named, in which only {s} stands for something'),
    ),
  ),
  MAP_ATTRIBUTION: text,
  ROUTING_URL: url(...HTTP_URL),
  ROUTING_ENGINE: v.optional(v.picklist(['osrm', 'valhalla'], 'must be osrm or valhalla'), 'osrm'),
  PROOF_DIR: v.optional(v.string(), '.data/proofs'),
  PROOF_BUCKET_URL: url(...HTTP_URL),
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_SESSION_TOKEN: text,
  DEFAULT_SHOP_KEY: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => readKey(text) !== null, 'must look like dk_<keyId>_<secret of 16 to 128 characters>'),
    ),
  ),
  DEFAULT_SHOP_SECRET: webhookSecret,
  DEFAULT_SHOP_STATIC_SECRET: v.optional(
    v.pipe(
      v.string(),
      v.minLength(16, 'must have at least 16 characters'),
      v.regex(
        /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
        'must be visible ASCII characters, as a header carries them',
      ),
    ),
  ),
  DEFAULT_SHOP_WEBHOOK_URL: url(...HTTP_URL),
  DEFAULT_SHOP_WEBHOOK_SECRET: webhookSecret,
  DEFAULT_SHOP_PICKUP_LAT: degrees(MAX_LAT),
  DEFAULT_SHOP_PICKUP_LON: degrees(180),
  DEFAULT_SHOP_PICKUP_ADDRESS: text,
} as const;
