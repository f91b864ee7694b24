import { DELIVERY_STATUSES } from '#shared/domain/delivery.ts';
import { FAILURE_PROOF_PARTS, SHOP_PROOF_PARTS } from '#shared/domain/proof.ts';
import { REFUSALS } from '#shared/domain/refusal.ts';
import { PROBLEMS, type ProblemMembers } from '#shared/http/problem.ts';

/* What stands in the document whatever the endpoints are. */

export const DESCRIPTION = `Driver management and delivery orchestration for Vendure shops.

JSON in camelCase, distances in metres, times ISO 8601 UTC, ids UUID v7, coordinates WGS 84 degrees. Unknown request
fields are ignored. Lists are paged by cursor.

**What a status code promises.** 2xx: durable in Postgres (a position: visible to the search now, durable within
15 s). 4xx: no effect, but that a wrong code takes one of five tries: a pairing code, and a delivery's PIN code, which
raises its \`version\`; the fifth locks it (\`DELIVERY_PIN_LOCKED_V1\`). 5xx, timeout or reset on a mutation: unknown,
and the same request with the same \`Idempotency-Key\` is safe to repeat.`;

export const TAGS = [
  { name: 'Drivers', description: 'Register drivers, their tokens and their duty' },
  { name: 'Positions', description: 'Report positions, find the nearest' },
  { name: 'Deliveries', description: 'Create, dispatch, follow and end deliveries' },
  { name: 'Offers', description: 'Drivers who are asked: one after another, or several at once' },
  { name: 'Plans', description: 'Who is to do what in which order, why, and what would be if' },
  { name: 'Tracking', description: 'What the holder of a tracking link sees; the link is the proof' },
  { name: 'Live', description: 'Watch a shop at work: changes, positions, numbers' },
  { name: 'Shops', description: 'Shops, how they dispatch, their keys and their webhook' },
  { name: 'Webhooks', description: 'What shops send, and what they are sent' },
  { name: 'Health', description: 'For load balancers and people' },
];

export const SECURITY_SCHEMES = {
  operatorKey: { type: 'http', scheme: 'bearer', description: 'The OPERATOR_KEY of the installation' },
  shopKey: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A shop’s key, `dk_<keyId>_<secret>`, with the scope `admin` (settings, webhook, keys, erasure), `dispatch` (the daily work) or `read`; each includes those behind it',
  },
  driverToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A driver’s token; they may ask about themselves and the deliveries they hold',
  },
  webhookSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'Standard Webhooks: `v1,<base64 HMAC-SHA256>` over `webhook-id.webhook-timestamp.body`',
  },
  webhookSecret: {
    type: 'apiKey',
    in: 'header',
    name: 'x-webhook-secret',
    description: 'The shop’s static secret, where it allows one',
  },
};

export const KEY_PARAMETER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The first result under this key is kept for a day (RETENTION_IDEMPOTENCY_DAYS) and given again, byte for byte. Another request under it: 422; the first still under way: 409.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  example: 'a3f1c9d2-order-T7QX2M9P',
};

export const HEADERS = {
  'X-Request-Id': {
    description: 'The caller’s own id, or one made here; it stands in every log line and problem',
    schema: { type: 'string' },
  },
  'Idempotent-Replayed': {
    description: '`true`: this answer was given before',
    schema: { type: 'string', enum: ['true'] },
  },
  Degraded: {
    description: 'What had to be done without: `redis`',
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds until it may be repeated', schema: { type: 'string' } },
};

/** A member that is not described here is a type error. */
const PROBLEM_MEMBERS: Readonly<Record<keyof ProblemMembers, object>> = {
  errors: {
    type: 'array',
    description: 'Each wrong value',
    items: {
      type: 'object',
      required: ['pointer', 'detail'],
      properties: {
        pointer: { type: 'string', description: 'JSON pointer into the body, or under /query, /headers' },
        detail: { type: 'string' },
      },
    },
  },
  deliveryStatus: { type: 'string', enum: [...DELIVERY_STATUSES] },
  why: { type: 'string', description: 'Of `offer_over`: what ended it' },
  'violated-policies': { type: 'array', items: { type: 'string' }, description: 'Of `too_many`: which quota' },
  allowed: { type: 'array', items: { type: 'string', enum: [...DELIVERY_STATUSES] } },
  deliveryId: { type: 'string', format: 'uuid' },
  missing: {
    type: 'array',
    description: 'Of `proof_missing`: what else is asked for at the door; `pin` is the code',
    items: { type: 'string', enum: [...new Set([...SHOP_PROOF_PARTS, ...FAILURE_PROOF_PARTS])] },
  },
  load: { type: 'integer', minimum: 0 },
  triesLeft: { type: 'integer', minimum: 0, description: 'Wrong PIN codes that are still taken' },
  refusals: {
    type: 'array',
    description: 'What speaks against a driver who was named',
    items: { type: 'string', enum: [...REFUSALS] },
  },
  route: { $ref: '#/components/schemas/Route' },
};

/** RFC 9457; one schema, all types. */
export function problemSchema() {
  return {
    type: 'object',
    description: 'RFC 9457 problem details',
    required: ['type', 'title', 'status', 'instance'],
    properties: {
      type: { type: 'string', enum: Object.keys(PROBLEMS).map((type) => `urn:problem:${type}`) },
      title: { type: 'string' },
      status: { type: 'integer', enum: [...new Set(Object.values(PROBLEMS).map(({ status }) => status))].sort() },
      detail: { type: 'string' },
      instance: { type: 'string', description: '`urn:request:<request id>`' },
      ...PROBLEM_MEMBERS,
    },
  };
}

export function problemExamples() {
  return Object.fromEntries(
    Object.entries(PROBLEMS).map(([type, { status, title }]) => [
      type,
      {
        value: {
          type: `urn:problem:${type}`,
          title,
          status,
          instance: 'urn:request:4b1f6a52-0c5e-4a0e-9f3e-0d8f3a2b7c11',
          ...(type === 'invalid' && { errors: [{ pointer: '/dropoff/lat', detail: 'latitude must be between …' }] }),
        },
      },
    ]),
  );
}
